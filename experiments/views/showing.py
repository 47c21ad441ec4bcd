"""From the rows of a test to what its page shows."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from experiments import verdicts, wording
from experiments.models import (
    ABTest,
    ABTestLook,
    ABTestPublication,
    ABTestState,
    ABTestVariant,
    Design,
    MetricKind,
    Outcome,
)
from experiments.services import ab_tests, counting
from experiments.views import evidence, figures, looks, slots
from socialhub import registries
from socialhub.models import Post
from socialhub.services import links

# From this on a difference in reach is worth a line.
NOTABLE_REACH = 0.1


def verdict(test: ABTest) -> dict[str, Any]:
    """The sentence, what may be claimed, the intervals and what to know about the data."""
    variants = list(test.variants.all())
    is_known = test.state in (ABTestState.RUNNING, ABTestState.DECIDED)
    if not is_known:
        # It is fixed at the start; until then it follows from what is chosen.
        test.kind = counting.kind_of(test)
    look = test.looks.select_related("leader").order_by("-number").first()
    pairs, counts, power = _measured(test, look)
    found = evidence.effects(test, variants, pairs, counts)
    done = verdicts.progress(test, counts, look.blocks_done if look else None)
    reason = look.reason if look is not None else ""
    return {
        "headline": verdicts.headline(
            test,
            found,
            done if look else None,
            evidence.detectable(test, variants, pairs, counts),
        ),
        "notes": verdicts.notes(test, reason, power),
        "problems": [] if is_known else ab_tests.problems(test),
        "claim": verdicts.claim(test),
        "is_known": is_known,
        "look": look,
        "next_look": _next_look(test),
        "badge": looks.state(test),
        "bar": looks.bar(test, done) if is_known else "",
        "left": looks.left(test, timezone.now()),
        "plot": evidence.plot(variants[0].name, found) if variants else None,
        "pairs": pairs_shown(found, pairs),
        "quality": quality(test, look, counts),
        "measure": verdicts.measure(test),
        "counted": [
            {"variant": one, "count": counts[at] if counts and at < len(counts) else None}
            for at, one in enumerate(variants)
        ],
        "refreshes": test.state == ABTestState.RUNNING,
        "winner_name": test.winner.name if test.winner else "",
        "is_winner": test.outcome == Outcome.WINNER,
    }


def _measured(test: ABTest, look: ABTestLook | None) -> tuple[list[Any], Any, float | None]:
    """(pairs, counts, conditional power): as frozen with the decision, else of the last look."""
    frozen = test.evidence or {}
    if test.state == ABTestState.DECIDED and frozen.get("pairs"):
        return list(frozen["pairs"]), frozen.get("counts"), None
    if look is None:
        return [], None, None
    return list(look.pairs), look.counts, look.conditional_power


def _next_look(test: ABTest) -> str:
    """When it is judged next, in words; "" for one that is not running."""
    if test.state != ABTestState.RUNNING:
        return ""
    if test.design == Design.PAIRED:
        shown = sorted({*map(int, test.paired_looks), test.planned_size or 0})
        numbers = ", ".join(looks.number(n) for n in shown if n)
        return _("It is judged when %(numbers)s slots are finished.") % {"numbers": numbers}
    if test.kind == MetricKind.PER_POST:
        return _("It is judged once, at its planned end.")
    return _("It is looked at every hour, and judged once more at its planned end.")


def pairs_shown(found: list[verdicts.Effect], pairs: list[Any]) -> list[dict[str, Any]]:
    """The table behind the plot: every pair with its interval and its p."""
    rows = {(one["a"], one["b"]): one for one in pairs}
    return [
        {
            "effect": one,
            "words": verdicts.percents(one.effect),
            "low": verdicts.percents(one.low),
            "high": verdicts.percents(one.high),
            "p": evidence.p_of(rows[one.against, one.name].get("p_holm")),
        }
        for one in found
    ]


def quality(test: ABTest, look: ABTestLook | None, counts: Any) -> list[str]:
    """What to know about the data: scatter, missing impressions, shares, age."""
    found = []
    if look is None:
        return found
    if look.phi is not None and look.phi > 1.5:
        found.append(
            _(
                "Reactions cluster: they scatter %(phi)s times as much as independent ones. "
                "All intervals are that much wider."
            )
            % {"phi": looks.number(look.phi, 1)}
        )
    if test.kind == MetricKind.COUNT:
        found.append(_("A network reports no impressions, so numbers are compared, not rates."))
    elif counts and any(pair[1] is None for pair in counts):
        found.append(_("Impressions of some posts are not reported yet."))
    found += _shares(test, look)
    found += _reach(test, counts)
    if look.synced_at is not None and (look.at - look.synced_at).total_seconds() > 7200:
        found.append(wording.reason("stale"))
    return found


def _reach(test: ABTest, counts: Any) -> list[str]:
    """Of posts, being shown more often is an outcome and no fault of the split."""
    if test.design == Design.SPLIT or test.kind == MetricKind.COUNT or not counts:
        return []
    control = counts[0][1]
    names = [one.name for one in test.variants.all()]
    found = []
    for name, (_engagements, shown) in zip(names[1:], counts[1:], strict=False):
        more = shown / control - 1 if shown and control else 0.0
        if abs(more) >= NOTABLE_REACH:
            words = {"name": name, "effect": verdicts.percents(more), "control": names[0]}
            found.append(_("Reach of %(name)s compared with %(control)s: %(effect)s.") % words)
    return found


def _shares(test: ABTest, look: ABTestLook) -> list[str]:
    if test.design != Design.SPLIT or look.log10_mismatch is None:
        return []
    if look.log10_mismatch < -3:
        return [wording.reason("mismatch")]
    return [_("Visitors met the variants in the intended shares.")]


# -- variants as they were published, and the schedule ----------------------------------------


@dataclass(slots=True)
class Block:
    """One matched slot: its showings in the order they were drawn."""

    number: int
    account: Any
    showings: list[ABTestPublication]


def details(test: ABTest, user: Any) -> dict[str, Any]:
    """Variants side by side, the schedule, and the evidence over time."""
    rows = list(
        test.publications.select_related(
            "variant", "account", "publication__post", "publication__account", "publication__parent"
        ).order_by("block", "account_id", "order")
    )
    mine: dict[int, list[ABTestPublication]] = {}
    for row in rows:
        mine.setdefault(row.variant_id, []).append(row)
    measured = registries.publication_metrics(r.publication_id for r in rows if r.publication_id)
    line = evidence.line(test)
    return {
        "variants": [
            _variant(one, mine.get(one.pk, []), measured)
            for one in test.variants.prefetch_related("variant_media__media")
        ],
        "blocks": _blocks(rows),
        "has_schedule": bool(rows),
        "is_paired": test.design == Design.PAIRED,
        "line": line,
        "line_table": evidence.by_day(line.points) if line else [],
        "courses": slots.courses(test, list(test.variants.all()), rows),
        "accounts": list(test.accounts.all()),
        "source": _post(test.source_post_id, user),
        "promoted": _post(test.promoted_post_id, user),
        "short_link": links.url_of(test.link) if test.link else "",
        **plan_words(test),
        "design": next(one for one in wording.DESIGNS if one.value == test.design),
        "figures_url": reverse("admin:experiments_abtest_figures", args=[test.pk]),
    }


def plan_words(test: ABTest) -> dict[str, str]:
    """The numbers of the plan as people say them."""
    size = ""
    if test.planned_size:
        units = {
            MetricKind.COUNT: _("%(n)s reactions each"),
            MetricKind.PER_POST: _("%(n)s values each"),
        }
        words = units.get(MetricKind(test.kind), _("%(n)s impressions each"))
        if test.design == Design.PAIRED:
            words = _("%(n)s slots, each with every variant once")
        elif test.design == Design.SPLIT:
            words = _("%(n)s visitors each")
        size = words % {"n": looks.number(test.planned_size)}
    return {
        "effect_words": verdicts.percent(test.smallest_effect, sign=True),
        "confidence_words": verdicts.percent(test.confidence),
        "power_words": verdicts.percent(test.power),
        "size_words": size,
        "baseline_words": "" if test.baseline is None else figures.rate(test.baseline),
    }


def _variant(
    one: ABTestVariant, rows: list[ABTestPublication], measured: dict[int, dict[str, Any]]
) -> dict[str, Any]:
    return {
        "row": one,
        "pictures": [item.media for item in one.variant_media.all()],
        "showings": rows,
        "out": [row for row in rows if row.publication and row.publication.permalink],
        "totals": {
            name: _sum(measured.get(row.publication_id or 0, {}).get(name) for row in rows)
            for name in ("engagements", "impressions", "clicks")
        },
    }


def _sum(values: Any) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _blocks(rows: list[ABTestPublication]) -> list[Block]:
    grouped = groupby(rows, key=lambda row: (row.block, row.account_id))
    found = []
    for (number, _account), group in grouped:
        showings = list(group)
        found.append(Block(number + 1, showings[0].account, showings))
    return found


def _post(pk: int | None, user: Any) -> Post | None:
    """A post the test came from or led to, for who may see it."""
    return Post.objects.visible_to(user).filter(pk=pk).first() if pk else None
