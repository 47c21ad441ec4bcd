"""What the codes of the statistics mean, in the language of the reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from experiments.models import Design, Metric, MetricKind

if TYPE_CHECKING:
    # It brings numpy, which pages that only show words need not load.
    from experiments.statistics.claims import Code

CLAIMS = {
    "causes_rate": _("The audience was split at random: a winner causes the higher rate."),
    "causes_count": _("The audience was split at random: a winner causes more reactions."),
    "causes_value": _("The audience was split at random: a winner causes the higher values."),
    "account_rate": _("Slots were matched: a winner causes the higher rate on this account."),
    "account_count": _("Slots were matched: a winner causes more reactions on this account."),
    "account_value": _("Slots were matched: a winner causes higher values on this account."),
    "goes_with_rate": _("A winner goes with the higher rate; the luck of single posts may be why."),
    "goes_with_count": _("A winner goes with more reactions; the luck of single posts may be why."),
    "goes_with_value": _("A winner goes with higher values; the luck of single posts may be why."),
    "post_rate": _("One post each: this post did better; its text need not be better."),
    "post_count": _("One post each: this post got more reactions; its text need not be better."),
    "post_value": _("Posts were not matched: these did better; their text need not be better."),
}

# (design, kind) → code, as experiments.statistics.claims has it.
_REACH = {Design.PAIRED: "account", Design.SPLIT: "causes", Design.SINGLE: "post"}
_MEASURE = {
    MetricKind.PROPORTION: "rate",
    MetricKind.RATE: "rate",
    MetricKind.COUNT: "count",
    MetricKind.PER_POST: "value",
}


def claim(code: Code) -> str:
    """What may be claimed."""
    return str(CLAIMS[code])


def claim_of(design: str, kind: str) -> str:
    """What a winner of such a test may be said to have shown."""
    return str(CLAIMS[f"{_REACH[Design(design)]}_{_MEASURE[MetricKind(kind)]}"])


class Choice(NamedTuple):
    """A design as a person chooses it."""

    value: str
    icon: str
    name: Any
    how: Any
    may_claim: Any


DESIGNS = (
    Choice(
        Design.PAIRED,
        "view_week",
        _("Paired slots"),
        _("Every variant goes out once in each matched slot, in random order, over weeks."),
        CLAIMS["account_rate"],
    ),
    Choice(
        Design.SPLIT,
        "call_split",
        _("Split audience"),
        _("A short link or our own page shows each visitor one variant, drawn at random."),
        CLAIMS["causes_rate"],
    ),
    Choice(
        Design.SINGLE,
        "looks_one",
        _("One post each"),
        _("One post per variant. Quick, but two posts with the same text differ as well."),
        CLAIMS["post_rate"],
    ),
)

METRICS = {
    Metric.ENGAGEMENTS: _("Likes, comments, shares and saves."),
    Metric.CLICKS: _("Clicks on the link."),
    Metric.LEADS: _("People who left their data."),
    Metric.REVENUE: _("Won revenue, as Odoo has it."),
}

# Why a running test waits, or what decided it: experiments.statistics.outcome.Reason.
REASONS = {
    "too_young": _("The last variant has been live for less than a day."),
    "stale": _("The network was last asked more than two hours ago; the next look waits for it."),
    "impressions_lag": _("A network counts more clicks than impressions; it catches up later."),
    "too_few": _("Each variant needs 100 impressions and 25 reactions before it counts."),
    "few_looks": _("A day of hourly counts is needed to know how much they scatter."),
    "too_few_posts": _("Four finished slots, or four posts each, are needed before it counts."),
    "between_looks": _("Nothing has crossed the line yet."),
    "sequential": _("The evidence crossed the line before the planned end."),
    "equivalence": _("All variants are closer together than the effect you care about."),
    "planned_end": _("It was judged at its planned end."),
    "extended_end": _("It was judged at its extended end, by the looks alone."),
    "mismatch": _("Visitors did not meet the variants in the intended shares."),
    "variant_edited": _("A variant was changed after it had gone out."),
    "variant_deleted": _("A post of a variant is gone from the network."),
    "stopped": _("Somebody stopped it before a decision."),
}


def reason(code: str) -> str:
    """Why; "" for a code without words."""
    return str(REASONS.get(code, ""))
