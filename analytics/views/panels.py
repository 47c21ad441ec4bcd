"""The panels of the dashboard: what each is called, what it means and what it shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from analytics.queries.dashboard import State
from analytics.views import reading
from analytics.views.asking import Asked

FOLDER = "analytics/dashboard"


@dataclass(frozen=True, slots=True)
class Panel:
    """`read` makes its context from a board. A lazy one loads itself after the page."""

    name: str
    title: Any
    explained: Any
    template: str
    read: Callable[[Any, Asked], dict[str, Any]]
    is_lazy: bool = False
    is_wide: bool = True
    # Its numbers were read from a network, so it says when.
    is_measured: bool = True


@dataclass(frozen=True, slots=True)
class Shown:
    """A panel with its context. Without one it waits and loads itself."""

    panel: Panel
    asked: Asked
    data: dict[str, Any] | None = None
    state: State | None = None

    @property
    def waits(self) -> bool:
        return self.data is None

    @property
    def template(self) -> str:
        return f"{FOLDER}/{self.panel.template}"

    @property
    def url(self) -> str:
        """Where it loads itself from."""
        address = reverse("admin:analytics-panel", args=[self.panel.name])
        return f"{address}?{self.asked.query()}"


def filled(panel: Panel, asked: Asked, board: Any) -> Shown:
    """The panel with what it reads from the board."""
    return Shown(panel, asked, panel.read(board, asked), board.state)


def on_page(asked: Asked, board: Any) -> list[Shown]:
    """All panels, in order. Without a board every one loads itself."""
    return [
        Shown(panel, asked) if panel.is_lazy or board is None else filled(panel, asked, board)
        for panel in PANELS.values()
    ]


LIFETIME = gettext_lazy(
    "Lifetime numbers: everything the publications of the period have collected until now, "
    "on whichever day it happened."
)
_all = [
    Panel(
        "numbers",
        gettext_lazy("In numbers"),
        gettext_lazy(
            "The large figures are lifetime numbers of what was published in the period, until "
            "now. Below each stands how much happened in the period itself, to any post, and how "
            "that compares with the period before: young posts still grow, so their lifetime "
            "numbers would always seem to fall. Engagements are likes, comments, shares and "
            "saves, as far as the network reports them."
        ),
        "_numbers.html",
        reading.numbers,
    ),
    Panel(
        "series",
        gettext_lazy("Day by day"),
        gettext_lazy(
            "Two different questions. “Lifetime numbers of posts published that day” puts all a "
            "post has collected on the day it went out. “Engagement that happened that day” "
            "counts on the day it was seen, whichever post it belongs to. A gap means not "
            "reported or not measured, not zero."
        ),
        "_series.html",
        reading.series,
    ),
    Panel(
        "platforms",
        gettext_lazy("Networks"),
        LIFETIME,
        "_breakdown.html",
        reading.platforms,
        is_wide=False,
    ),
    Panel(
        "types",
        gettext_lazy("Types of post"),
        LIFETIME,
        "_breakdown.html",
        reading.content_types,
        is_wide=False,
    ),
    Panel(
        "heatmap",
        gettext_lazy("Hours of the week"),
        gettext_lazy(
            "What was published in each hour of the week: 100 × the sum of engagements ÷ the sum "
            "of impressions. The colour is the fifth of all hours it lies in. Pale hours rest on "
            "very few publications: they may be luck."
        ),
        "_heatmap.html",
        reading.heatmap,
    ),
    Panel(
        "top",
        gettext_lazy("Posts in order"),
        gettext_lazy(
            "Publications of the period by their lifetime numbers. Engagement rate is "
            "100 × engagements ÷ impressions; what does not report it is left out."
        ),
        "_top.html",
        reading.top,
    ),
    Panel(
        "best-times",
        gettext_lazy("Best times"),
        gettext_lazy(
            "What a typical post earns when it goes out in an hour, estimated from the posts of "
            "the last two years, recent ones counting more; the period above does not narrow "
            "it. The bar is the interval that holds the true value in nine of ten cases. The "
            "chance is that of being truly among the five best hours of the week."
        ),
        "_best_times.html",
        reading.best,
        is_lazy=True,
        is_wide=False,
        is_measured=False,
    ),
    Panel(
        "campaigns",
        gettext_lazy("Campaigns"),
        LIFETIME,
        "_breakdown.html",
        reading.campaigns,
        is_lazy=True,
        is_wide=False,
    ),
    Panel(
        "punctuality",
        gettext_lazy("Punctuality"),
        gettext_lazy("From the planned time to the moment the network had the post."),
        "_punctuality.html",
        reading.punctuality,
        is_lazy=True,
        is_wide=False,
        is_measured=False,
    ),
    Panel(
        "accounts",
        gettext_lazy("Accounts"),
        gettext_lazy(
            "Lifetime numbers of the publications of the period, and followers at the end of it "
            "with the change since it began."
        ),
        "_breakdown.html",
        reading.accounts,
        is_lazy=True,
    ),
    Panel(
        "pending",
        gettext_lazy("Comments to answer"),
        gettext_lazy(
            "Comments of any time that nobody has answered or archived. The period does not "
            "narrow them."
        ),
        "_pending.html",
        reading.pending,
        is_wide=False,
        is_measured=False,
    ),
    Panel(
        "costs",
        gettext_lazy("What collecting costs"),
        gettext_lazy(
            "Requests that read numbers, by UTC day. The price is an estimate from the network's "
            "list price per post read; a post counts once per day."
        ),
        "_costs.html",
        reading.costs,
        is_lazy=True,
        is_wide=False,
        is_measured=False,
    ),
]
PANELS = {panel.name: panel for panel in _all}
