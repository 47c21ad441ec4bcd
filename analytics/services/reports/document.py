"""A report as one structure in one language, from which every format is made.

So that a PDF, a mail and a spreadsheet of the same report cannot differ in a figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from analytics.definitions import EXPLAINED, LABELS
from analytics.models import AnalyticsReport, ReportType
from analytics.services.reports import scopes, shown, summary, tables
from analytics.services.reports.charts import MOST_TICKS, Bar, Chart
from analytics.services.reports.tables import Column, Table
from socialhub.models import Organisation

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the large numbers; `change` is a sentence about the period before, or ""."""

    label: str
    shown: str
    change: str = ""
    direction: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A section another app brought."""

    key: str
    title: str
    text: str
    table: Table | None
    failed: bool


@dataclass(frozen=True, slots=True)
class Document:
    language: str
    organisation: str
    title: str
    period: str
    scope: str
    revision: int
    # When it was measured and made, and that it is a revision.
    notes: Sequence[str]
    paragraph: str
    figures: Sequence[Figure]
    charts: Sequence[Chart]
    tables: Sequence[Table]
    parts: Sequence[Part]
    suggestion: str
    definitions: Sequence[tuple[str, str]]
    url: str

    @property
    def main_tables(self) -> list[Table]:
        return [table for table in self.tables if not table.is_detail]

    @property
    def detail_tables(self) -> list[Table]:
        return [table for table in self.tables if table.is_detail]


def build(report: AnalyticsReport, language: str = "") -> Document:
    """The report in `language`, its own when "" or unknown."""
    if language not in dict(settings.LANGUAGES):
        language = report.language
    with translation.override(language):
        return _build(report, language)


def title(report_type: str) -> str:
    titles = {
        ReportType.WEEKLY: _("Weekly report"),
        ReportType.MONTHLY: _("Monthly report"),
        ReportType.CUSTOM: _("Report"),
    }
    return titles[ReportType(report_type)]


def path(report: AnalyticsReport) -> str:
    """Of its page."""
    return reverse("admin:analytics_analyticsreport_change", args=[report.pk])


def address(report: AnalyticsReport) -> str:
    """Of its page, for those who read it elsewhere."""
    return f"{settings.PUBLIC_URL}{path(report)}"


def _build(report: AnalyticsReport, language: str) -> Document:
    figures = report.details
    return Document(
        language=language,
        organisation=str(Organisation.get()),
        title=title(report.report_type),
        period=summary.period(figures),
        scope=scopes.describe(report.scope_key),
        revision=report.revision,
        notes=_notes(report),
        paragraph=summary.paragraph(figures, report.revision),
        figures=_figures(figures),
        charts=_charts(figures),
        tables=tables.build(figures),
        parts=[_part(section) for section in figures["sections"].get(language, [])],
        suggestion=summary.suggestion(figures),
        definitions=_definitions(figures),
        url=address(report) if report.pk else "",
    )


def _notes(report: AnalyticsReport) -> list[str]:
    zone = report.timezone
    measured = _("Nothing was measured yet")
    if report.measured_at is not None:
        # Later numbers are not in it.
        measured = _("Measured %(time)s") % {"time": shown.moment(report.measured_at, zone)}
    made = _("Made %(time)s") % {"time": shown.moment(report.made_at, zone)}
    notes = [" · ".join([measured, made, _("Days of %(zone)s") % {"zone": zone}])]
    if report.revision > 1:
        notes.insert(0, _("Revision %(number)s") % {"number": report.revision})
    return notes


def _figures(figures: JSON) -> list[Figure]:
    totals, changes = figures["totals"], figures["changes"]
    return [
        _figure(_("Posts"), shown.number(totals["posts"]), changes["posts"]),
        Figure(_("Impressions of these posts"), shown.number(totals["impressions"])),
        Figure(_("Engagements with these posts"), shown.number(totals["engagements"])),
        Figure(_("Engagement rate"), shown.rate(totals["avg_engagement_rate"])),
        _figure(
            _("Engagement in these days"),
            shown.number(figures["happened"]["engagements"]),
            changes["engagements"],
        ),
    ]


def _figure(label: str, text: str, change: float | None) -> Figure:
    direction = (
        "" if change is None else "up" if change >= 0.5 else "down" if change <= -0.5 else ""
    )
    against = shown.change(change)
    if change is not None:
        against = _("%(change)s on the period before") % {"change": against}
    return Figure(label, text, against, direction)


def _charts(figures: JSON) -> list[Chart]:
    seen = "impressions" if figures["totals"]["impressions"] is not None else "engagements"
    label = str(LABELS[seen]).lower()
    return [
        Chart(
            _("Engagement that happened each day"),
            _days(figures, "happened", "engagements"),
            True,
            _("Bars: how often people engaged on each day, whenever the post went out."),
        ),
        Chart(
            _("Posts by their day: %(figure)s so far") % {"figure": label},
            _days(figures, "published", seen),
            True,
            _("Bars: numbers so far of what was published on each day."),
        ),
        Chart(
            _("Engagements by network"),
            _networks(figures),
            False,
        ),
    ]


def _networks(figures: JSON) -> list[Bar]:
    """The one with most engagement first, those that report none last."""
    bars = [
        Bar(shown.network(name), row["engagements"], shown.number(row["engagements"]))
        for name, row in figures["platforms"].items()
    ]
    return sorted(bars, key=lambda bar: -1 if bar.value is None else bar.value, reverse=True)


def _days(figures: JSON, kind: str, name: str) -> list[Bar]:
    named = shown.day_of_week if len(figures["daily"]) <= MOST_TICKS else shown.short_day
    return [
        Bar(named(row["day"]), row[kind][name], shown.number(row[kind][name]))
        for row in figures["daily"]
    ]


def _part(section: JSON) -> Part:
    table = None
    if section["rows"]:
        columns = [Column(column["label"], column["kind"]) for column in section["columns"]]
        table = Table(section["key"], section["title"], columns, section["rows"])
    return Part(section["key"], section["title"], section["text"], table, section["failed"])


def _definitions(figures: JSON) -> list[tuple[str, str]]:
    found = [
        (
            _("Posts and publications"),
            _("A post that goes to two networks is one post and two publications."),
        ),
        (
            _("Numbers of posts"),
            _("What a post has gathered since it went out, as last measured."),
        ),
        (
            _("Engagement in these days"),
            _("What was added on the days of the period, whenever the post went out."),
        ),
        *((str(LABELS[name]), str(EXPLAINED[name])) for name in ("comments", "shares")),
        (str(LABELS["engagements"]), str(EXPLAINED["engagements"])),
        (
            str(LABELS["engagement_rate"]),
            _(
                "100 × engagements ÷ impressions, over publications that report both; "
                "none without impressions."
            ),
        ),
        (shown.MISSING, _("Not reported by the network. It is not zero.")),
    ]
    if figures["followers"]:
        found.append((_("Followers"), _("Change since the last number known before the period.")))
    return found
