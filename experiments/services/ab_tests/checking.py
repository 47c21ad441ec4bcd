"""What stands in the way of a test: at once what can never be right, the rest before approval."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from experiments.models import ABTest, ABTestVariant, Design, Metric, SplitBy
from experiments.services import splitting
from experiments.services.ab_tests import content
from socialhub.models import Account, AccountStatus, Post
from socialhub.platforms.base import Draft
from socialhub.services import drafts, links
from socialhub.services import media as media_service
from socialhub.services.errors import Invalid

if TYPE_CHECKING:
    from experiments.services.ab_tests.writing import VariantData

FEWEST, MOST = 2, 10
# As experiments.statistics.replicated.FEWEST, which would bring numpy along.
FEWEST_BLOCKS, MOST_BLOCKS = 4, 200
LONGEST_NAME, LARGEST_WEIGHT = 40, 1000
RANGES = {"confidence": (0.8, 0.999), "power": (0.5, 0.99), "smallest_effect": (0.01, 10.0)}


@dataclass(frozen=True, slots=True)
class Issue:
    """`code` for programs, `field` as the API calls it."""

    code: str
    field: str
    sentence: str

    def error(self) -> Invalid:
        return Invalid(self.code, self.sentence, {self.field: [self.sentence]})


# -- at once ---------------------------------------------------------------------


def numbers(test: ABTest) -> None:
    """Raise Invalid for a confidence of 95, a text, or no number at all."""
    messages = {
        "confidence": _("Confidence is a share from 0.8 to 0.999: write 0.95 for 95 %."),
        "power": _("Power is a share from 0.5 to 0.99: write 0.8 for 80 %."),
        "smallest_effect": _("The smallest effect is from 0.01 to 10: write 0.2 for a fifth more."),
    }
    for name, (least, most) in RANGES.items():
        if not _within(getattr(test, name), least, most):
            raise Issue(name, name, messages[name]).error()
    size = test.planned_size
    if size is not None and not (_is_whole(size) and 1 <= size < 2**31):
        message = _("The planned size is a whole number above 0.")
        raise Issue("planned_size", "planned_size", message).error()


def times(test: ABTest, given: dict[str, Any]) -> None:
    """Raise Invalid for a time among those just given that has passed."""
    message = _("This time has passed. Choose a later one.")
    for name in ("first_at", "ends_at"):
        at = getattr(test, name)
        if given.get(name) is not None and isinstance(at, datetime) and at < timezone.now():
            raise Issue("due_passed", name, message).error()
    if test.is_open_ended and test.ends_at is not None:
        message = _("A test without a planned end has none: leave one of the two out.")
        raise Issue("two_ends", "ends_at", message).error()


def split(test: ABTest) -> None:
    """Raise Invalid unless exactly the split tests say what is split."""
    if test.design == Design.SPLIT and not test.split_by:
        message = _("A split test needs to say what is split.")
        raise Issue("split_by_missing", "split_by", message).error()
    if test.design != Design.SPLIT and test.split_by:
        message = _("Only a split test says what is split.")
        raise Issue("split_by_unused", "split_by", message).error()


def written(test: ABTest, variants: Sequence[tuple[str, VariantData]]) -> None:
    """Raise Invalid for variants that can never be compared: (name, what was written)."""
    issue = next(_written(test, variants), None)
    if issue is not None:
        raise issue.error()


def _written(test: ABTest, variants: Sequence[tuple[str, VariantData]]) -> Iterator[Issue]:
    if len(variants) < FEWEST:
        message = _("A test compares at least two variants.")
        yield Issue("too_few_variants", "variants", message)
    if len(variants) > MOST:
        yield Issue("too_many_variants", "variants", _("A test has at most ten variants."))
    for name, count in Counter(name for name, _one in variants).items():
        if count > 1:
            message = _("Two variants are called %(name)s.") % {"name": name}
            yield Issue("duplicate_name", "variants", message)
        if len(name) > LONGEST_NAME:
            message = _("A variant's name has at most 40 characters.")
            yield Issue("name_too_long", "variants", message)
    for name, one in variants:
        if not (_is_whole(one.weight) and 1 <= one.weight <= LARGEST_WEIGHT):
            message = _("%(name)s: the share is a whole number from 1 to 1000.") % {"name": name}
            yield Issue("weight", "variants", message)
        yield from _filled(test, name, one)


def _filled(test: ABTest, name: str, one: VariantData) -> Iterator[Issue]:
    if test.split_by == SplitBy.LINK:
        if not one.link:
            message = _("%(name)s needs the address it leads to.") % {"name": name}
            yield Issue("empty_variant", "variants", message)
    elif not one.text.strip() and not one.media:
        message = _("%(name)s is empty: write a text or add an image.") % {"name": name}
        yield Issue("empty_variant", "variants", message)
    try:
        ABTestVariant(link=one.link).clean_fields(exclude=["test", "position", "name"])
    except ValidationError as exc:
        yield Issue("link", "variants", f"{name}: {exc.messages[0]}")
    if one.track_link and not one.link:
        message = _("%(name)s has no link to shorten.") % {"name": name}
        yield Issue("link_missing", "variants", message)


# -- before approval and start ------------------------------------------------------


def problems(test: ABTest) -> list[str]:
    """Why it cannot be approved or started as it is, in sentences; [] when nothing is wrong."""
    return [issue.sentence for issue in _issues(test)]


def validate(test: ABTest) -> None:
    """Raise Invalid naming everything that `problems` finds."""
    found = list(_issues(test))
    if not found:
        return
    fields: dict[str, list[str]] = {}
    for issue in found:
        fields.setdefault(issue.field, []).append(issue.sentence)
    sentences = dict.fromkeys(issue.sentence for issue in found)
    raise Invalid(found[0].code, " ".join(sentences), fields)


def is_same_twice(test: ABTest) -> bool:
    """Are all variants equal? Then it is an A/A test, which shows what chance alone does."""
    return len({_essence(test, one) for one in content.variants_of(test)}) == 1


def _issues(test: ABTest) -> Iterator[Issue]:
    variants = content.variants_of(test)
    accounts = list(test.accounts.prefetch_related("slots"))
    if len(variants) < FEWEST:
        message = _("A test compares at least two variants.")
        yield Issue("too_few_variants", "variants", message)
        return
    yield from _equal(test, variants)
    yield from _combination(test)
    yield from _plan(test)
    if test.design != Design.SPLIT:
        yield from _places(test, accounts)
        yield from _countable(test, variants, accounts)
        yield from _fits(test, variants, accounts)


def _equal(test: ABTest, variants: Sequence[ABTestVariant]) -> Iterator[Issue]:
    """All of them may be equal, which shows what chance alone does; a part may not."""
    essences = [_essence(test, one) for one in variants]
    if len(set(essences)) == 1 or test.is_demo:
        return
    seen: dict[str, str] = {}
    for essence, one in zip(essences, variants, strict=True):
        if essence in seen:
            message = _("%(a)s and %(b)s are the same. Change one of them.")
            names = {"a": seen[essence], "b": one.name}
            yield Issue("equal_variants", "variants", message % names)
        seen.setdefault(essence, one.name)


def _essence(test: ABTest, variant: ABTestVariant) -> str:
    return variant.link if test.split_by == SplitBy.LINK else str(content.shown(variant))


def _combination(test: ABTest) -> Iterator[Issue]:
    if test.design == Design.SINGLE and test.metric == Metric.REVENUE:
        message = _("One post each has one value: choose paired slots to compare revenue.")
        yield Issue("metric_design", "metric", message)
    if test.design == Design.SPLIT:
        refused = test.metric not in splitting.METRICS.get(SplitBy(test.split_by), ())
        for place, sentence in enumerate(splitting.problems(test)):
            # What cannot be counted is said first.
            about_metric = refused and place == 0
            code = "metric_design" if about_metric else "cannot_split"
            yield Issue(code, "metric" if about_metric else "variants", sentence)


def _plan(test: ABTest) -> Iterator[Issue]:
    if test.design != Design.PAIRED:
        return
    if test.is_open_ended:
        message = _("Paired slots end with their last block: plan an end.")
        yield Issue("open_ended", "is_open_ended", message)
    size = test.planned_size
    if size is not None and not FEWEST_BLOCKS <= size <= MOST_BLOCKS:
        message = _("Paired slots take from 4 to 200 blocks.")
        yield Issue("planned_size", "planned_size", message)


def _places(test: ABTest, accounts: Sequence[Account]) -> Iterator[Issue]:
    if not accounts:
        yield Issue("no_accounts", "accounts", _("Choose at least one account first."))
    for account in accounts:
        if account.status != AccountStatus.ACTIVE:
            message = _("%(account)s has to be reconnected first.") % {"account": account}
            yield Issue("account_unusable", "accounts", message)
        if test.design == Design.PAIRED and not account.slots.all():
            message = _("%(account)s has no posting slots. Add slots to the account.")
            yield Issue("no_slot", "accounts", message % {"account": account})


def _countable(
    test: ABTest, variants: Sequence[ABTestVariant], accounts: Sequence[Account]
) -> Iterator[Issue]:
    """Clicks are counted by the network, or by a short link of every variant."""
    if test.metric != Metric.CLICKS or all(one.track_link for one in variants):
        return
    for account in accounts:
        if "clicks" not in account.capabilities.metrics:
            message = _("%(account)s reports no clicks: give every variant a link to shorten.")
            yield Issue("no_clicks", "metric", message % {"account": account})


def _fits(
    test: ABTest, variants: Sequence[ABTestVariant], accounts: Sequence[Account]
) -> Iterator[Issue]:
    for one in variants:
        draft = _draft(test, one)
        for account in accounts:
            for problem in account.adapter.validate(draft, account.merged_options):
                sentence = f"{one.name}: {drafts.sentence(problem, account)}"
                yield Issue("does_not_fit", "variants", sentence)


def _draft(test: ABTest, variant: ABTestVariant) -> Draft:
    text = Post(text=variant.text, link=variant.link).text_for("")
    if variant.track_link and variant.link:
        text = text.replace(variant.link, links.sample_url())
    items = sorted(variant.variant_media.all(), key=lambda item: item.position)
    return Draft(
        text=text,
        key="",
        created_at=timezone.now(),
        language=test.language,
        media=tuple(media_service.file_for(item.media) for item in items),
    )


def _within(value: object, least: float, most: float) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value) and least <= value <= most  # type: ignore[arg-type,operator]


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
