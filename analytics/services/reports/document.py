"""A report as one structure in one language, from which every format is made.

So that a PDF, a mail and a spreadsheet of the same report cannot differ in a figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from analytics.definitions import EXPLAINED, LABELS
from analytics.models import AnalyticsReport, ReportType
from analytics.services.reports import scopes, shown, summary
from analytics.services.reports.charts import MOST_TICKS, Bar, Chart
from socialhub.models import Organisation

JSON = dict[str, Any]

COUNTED = ("impressions", "engagements", "likes", "comments", "shares")
MINOR = ("likes", "comments", "shares")
# Figures of the whole period in the order they are listed.
TOTALS = (
    ("posts", "number"),
    ("publications", "number"),
    *((name, "number") for name in (*COUNTED, "saves", "clicks", "reach")),
    ("avg_engagement_rate", "rate"),
    ("avg_impressions_per_post", "decimal"),
    ("avg_engagements_per_post", "decimal"),
)


@dataclass(frozen=True, slots=True)
class Column:
    """`kind`: text, link, number, decimal, amount, rate, change, signed, day or moment."""

    label: str
    kind: str = "text"
    # Left out where there is little room; files have it.
    is_minor: bool = False

    @property
    def is_number(self) -> bool:
        return self.kind not in ("text", "link", "day", "moment")

    @property
    def css(self) -> str:
        """Classes of its cells."""
        return " ".join(["num"] * self.is_number + ["is-minor"] * self.is_minor)


@dataclass(frozen=True, slots=True)
class Table:
    """Raw values; `cells` gives them as they are shown. `is_detail`: at the end of a document."""

    key: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    note: str = ""
    is_detail: bool = False
    zone: str = "UTC"

    def cells(self) -> list[list[str]]:
        return [
            [
                shown.cell(value, column.kind, self.zone)
                for value, column in zip(row, self.columns, strict=True)
            ]
            for row in self.rows
        ]

    def labelled(self) -> list[list[tuple[Column, str, str]]]:
        """(column, shown, address) of every cell, for pages."""
        return [
            [
                (column, text, str(value) if column.kind == "link" and _is_web(value) else "")
                for column, text, value in zip(self.columns, texts, row, strict=True)
            ]
            for texts, row in zip(self.cells(), self.rows, strict=True)
        ]


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
        tables=_tables(figures),
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


# -- tables ---------------------------------------------------------------------------------


def _tables(figures: JSON) -> list[Table]:
    found = [
        _posts_table("top_posts", _("Top posts"), figures, figures["top"]),
        _posts_table("bottom_posts", _("Posts that did least"), figures, figures["bottom"]),
        _sums_table(
            "platforms",
            _("By network"),
            _("Network"),
            [(shown.network(name), row) for name, row in figures["platforms"].items()],
        ),
        _sums_table(
            "content_types",
            _("By type of post"),
            _("Type"),
            [(shown.content_type(name), row) for name, row in figures["content_types"].items()],
        ),
        _sums_table(
            "accounts",
            _("By account"),
            _("Account"),
            [(_account(row), row) for row in figures["accounts"]],
            has_posts=False,
        ),
        _sums_table(
            "campaigns",
            _("By campaign"),
            _("Campaign"),
            [(row["name"], row) for row in figures["campaigns"]],
        ),
        _followers_table(figures),
        _best_times_table(figures),
        _totals_table(figures),
        _daily_table(figures),
    ]
    return [table for table in found if table.rows]


def _account(row: JSON) -> str:
    return f"{row['handle']} ({shown.network(row['platform'])})"


def _posts_table(key: str, heading: str, figures: JSON, rows: Iterable[JSON]) -> Table:
    ranking = figures["ranking"]
    note = _("By engagements.")
    if ranking["by"] == "engagement_rate":
        note = _("By engagement rate, among posts with at least %(count)s impressions.") % {
            "count": shown.number(ranking["minimum"])
        }
    columns = [
        Column(_("Post")),
        Column(_("Network")),
        Column(_("Published"), "moment"),
        *(Column(str(LABELS[name]), "number", name in MINOR) for name in COUNTED),
        Column(str(LABELS["engagement_rate"]), "rate"),
        Column(_("Link"), "link"),
    ]
    cells = [
        [
            shown.excerpt(row["content"]) or f"#{row['id']}",
            shown.network(row["platforms"][0]),
            row["published_at"],
            *(row[name] for name in COUNTED),
            row["engagement_rate"],
            row["permalink"],
        ]
        for row in rows
    ]
    return Table(key, heading, columns, cells, note, zone=figures["period"]["timezone"])


def _sums_table(
    key: str,
    heading: str,
    label: str,
    rows: Iterable[tuple[str, JSON]],
    has_posts: bool = True,
) -> Table:
    names = [*(["posts"] if has_posts else []), "publications", *COUNTED]
    columns = [
        Column(label),
        *(Column(_label(name), "number", name in MINOR) for name in names),
        Column(_label("avg_engagement_rate"), "rate"),
    ]
    cells = [
        [name, *(row[field] for field in names), row["avg_engagement_rate"]] for name, row in rows
    ]
    return Table(key, heading, columns, cells)


def _followers_table(figures: JSON) -> Table:
    columns = [
        Column(_("Account")),
        Column(_("Followers"), "number"),
        Column(_("Before"), "number"),
        Column(_("Change"), "signed"),
    ]
    rows = [
        [_account(row), row["followers"], row["before"], row["change"]]
        for row in figures["followers"]
    ]
    return Table("followers", _("Followers"), columns, rows)


def _best_times_table(figures: JSON) -> Table:
    best = figures["best_times"]
    is_rate = best["unit"] == "rate"
    kind = "rate" if is_rate else "decimal"
    columns = [
        Column(_("Weekday")),
        Column(_("Hour")),
        Column(_("Engagement rate") if is_rate else _("Engagements per post"), kind),
        Column(_("from"), kind),
        Column(_("to"), kind),
        Column(_("Posts"), "number"),
        Column(_("How sure")),
    ]
    rows = [
        [
            shown.weekday(slot["day"]),
            slot["hour_formatted"],
            slot["avg_engagement_rate"],
            slot["low"],
            slot["high"],
            slot["sample_size"],
            _sure(slot["badge"]),
        ]
        for slot in best["slots"]
        # Nothing to go by, so there is nothing to show.
        if best["posts"]
    ]
    note = _(
        "From %(count)s measured posts, hours of %(zone)s. “from” and “to”: where the true value "
        "lies in nine of ten cases."
    ) % {"count": shown.number(best["posts"]), "zone": best["timezone"]}
    return Table("best_times", _("Best times"), columns, rows, note)


def _sure(badge: str) -> str:
    words = {"strong": _("strong"), "likely": _("likely"), "guess": _("a guess")}
    return words.get(badge, badge)


def _totals_table(figures: JSON) -> Table:
    rows = [[_label(name), shown.Typed(figures["totals"][name], kind)] for name, kind in TOTALS]
    return Table(
        "totals",
        _("All figures"),
        [Column(_("Figure")), Column(_("Value"), "number")],
        rows,
        is_detail=True,
    )


def _daily_table(figures: JSON) -> Table:
    lifetime = _("%(figure)s so far of posts of this day")
    moved = _("%(figure)s on this day")
    columns = [
        Column(_("Day"), "day"),
        Column(_("Publications"), "number"),
        *(
            Column(text % {"figure": LABELS[name]}, "number")
            for text in (lifetime, moved)
            for name in ("impressions", "engagements")
        ),
    ]
    rows = [
        [
            row["day"],
            row["published"]["publications"],
            row["published"]["impressions"],
            row["published"]["engagements"],
            row["happened"]["impressions"],
            row["happened"]["engagements"],
        ]
        for row in figures["daily"]
    ]
    return Table("daily", _("Day by day"), columns, rows, is_detail=True)


def _label(name: str) -> str:
    own = {
        "posts": _("Posts"),
        "publications": _("Publications"),
        "avg_engagement_rate": _("Engagement rate"),
        "avg_impressions_per_post": _("Impressions per publication that reports them"),
        "avg_engagements_per_post": _("Engagements per publication that reports them"),
    }
    return own.get(name) or str(LABELS[name])


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


def _is_web(value: Any) -> bool:
    return str(value).startswith(("https://", "http://"))
