"""The tables of a report: raw values with what they are, and how they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from analytics.definitions import LABELS
from analytics.services.reports import shown

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


def build(figures: JSON) -> list[Table]:
    """Every table with rows, the details last."""
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


def _is_web(value: Any) -> bool:
    return str(value).startswith(("https://", "http://"))
