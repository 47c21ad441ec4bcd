"""Tests that split one audience: where a short link leads, or what our own page shows.

Each visitor is drawn once and stays; the visitor is the unit that is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_lowercase
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from experiments.models import ABTest, ABTestState, ABTestVariant, Design, Metric, SplitBy
from experiments.services import split_counts
from socialhub import policies
from socialhub.models import LinkDestination, TrackedLink
from socialhub.services import links
from socialhub.services.errors import Conflict, Invalid

PAGE_PATH = "/v/"
KEY_PREFIX = "ab-"
# What a visitor can be counted by. Whoever arrives by a link has clicked it already.
METRICS = {
    SplitBy.LINK: (Metric.LEADS, Metric.REVENUE),
    SplitBy.PAGE: (Metric.CLICKS, Metric.LEADS, Metric.REVENUE),
}

counts = split_counts.counts
values = split_counts.values
other_currencies = split_counts.other_currencies


def address(test: ABTest) -> str:
    """What people are to be sent to; "" before it is known."""
    if test.split_by == SplitBy.PAGE:
        return f"{settings.PUBLIC_URL}{PAGE_PATH}{test.page_slug}/" if test.page_slug else ""
    return links.url_of(test.link) if test.link is not None else ""


def variants_of(test: ABTest) -> list[ABTestVariant]:
    """In their order; 0 is the control."""
    return sorted(test.variants.all(), key=lambda variant: variant.position)


# -- before the start -----------------------------------------------------------------


def problems(test: ABTest) -> list[str]:
    """Why this split cannot start, in sentences; [] when it can."""
    if test.design != Design.SPLIT or test.split_by not in METRICS:
        return [_("Choose what is split: where a short link leads, or what our own page shows.")]
    found = []
    if test.metric not in METRICS[SplitBy(test.split_by)]:
        found.append(_metric_refused(test))
    for variant in variants_of(test):
        if not variant.link:
            found.append(_("%(variant)s needs a link.") % {"variant": variant.name})
        elif _leads_back(test, variant.link):
            found.append(
                _("The link of %(variant)s leads back to this test.") % {"variant": variant.name}
            )
    return found


def _metric_refused(test: ABTest) -> str:
    if test.split_by == SplitBy.LINK and test.metric == Metric.CLICKS:
        return _("Everybody who arrives by a link has clicked it. Compare leads or revenue.")
    return _("A split audience is compared by clicks on our page, leads or revenue.")


def _leads_back(test: ABTest, url: str) -> bool:
    own = [f"{settings.PUBLIC_URL}{PAGE_PATH}{test.page_slug}"] if test.page_slug else []
    if test.link is not None:
        own.append(links.url_of(test.link))
    return any(url == one or url.startswith((f"{one}/", f"{one}?", f"{one}#")) for one in own)


@transaction.atomic
def prepare(test: ABTest, user: Any) -> None:
    """Make what splits the audience; `start` calls it in its own transaction.

    A link the test already has is taken over: from now on it leads to the variants. Raises
    Invalid, Forbidden, and Conflict when the link is in another test that runs.
    """
    wrong = problems(test)
    if wrong:
        raise Invalid("cannot_split", wrong[0], {"variants": wrong})
    # Not those the caller may have read before it gave them their keys.
    variants = list(ABTestVariant.objects.filter(test=test).order_by("position"))
    for variant in variants:
        if not variant.key:
            variant.key = f"{KEY_PREFIX}{test.pk}-{ascii_lowercase[variant.position]}"
            variant.save(update_fields=["key"])
    if test.split_by == SplitBy.PAGE and not test.page_slug:
        test.page_slug = _free_page_slug()
    if test.link is None:
        test.link = _new_link(test, variants, user)
    else:
        _take_over(test.link, variants, user)
    ABTest.objects.filter(pk=test.pk).update(link=test.link, page_slug=test.page_slug)


def _free_page_slug() -> str:
    while True:
        slug = links.free_slug()
        if not ABTest.objects.filter(page_slug=slug).exists():
            return slug


def _new_link(test: ABTest, variants: Sequence[ABTestVariant], user: Any) -> TrackedLink:
    rows = [
        {"key": variant.key, "url": variant.link, "weight": variant.weight} for variant in variants
    ]
    campaign = test.campaign
    link = links.create(
        user,
        destinations=rows,
        campaign=campaign,
        utm_source="socialhub",
        utm_medium="split",
        utm_campaign=links.utm_campaign(campaign),
    )
    if test.split_by == SplitBy.PAGE:
        # It only carries the marks of the page's buttons: nobody is to get past the page.
        link.is_active = False
        link.save(update_fields=["is_active"])
    return link


def _take_over(link: TrackedLink, variants: Sequence[ABTestVariant], user: Any) -> None:
    policies.require(user, "manage_links")
    if link_lock(link):
        raise Conflict("link_in_use", link_lock(link), {"link": [link_lock(link)]})
    if not link.is_active:
        message = _("This short link is switched off.")
        raise Invalid("link_inactive", message, {"link": [message]})
    link.destinations.exclude(key__in=[variant.key for variant in variants]).delete()
    for variant in variants:
        LinkDestination.objects.update_or_create(
            link=link,
            key=variant.key,
            defaults={"url": variant.link, "weight": variant.weight},
        )


# -- while it runs --------------------------------------------------------------------


def is_intact(test: ABTest) -> bool:
    """Does the link still lead where the variants say, with their weights?

    Nothing in the product changes it while the test runs; a test whose split was changed all the
    same (in the database) shows nothing.
    """
    if test.link is None:
        return False
    wanted = {one.key: (one.link, one.weight) for one in variants_of(test)}
    there = {one.key: (one.url, one.weight) for one in test.link.destinations.all()}
    switched_off = test.split_by == SplitBy.LINK and not test.link.is_active
    return wanted == there and not switched_off


def link_lock(link: Any) -> str:
    """Why the destinations of a link must stay; see socialhub.registries."""
    running = ABTest.objects.filter(link=link, state=ABTestState.RUNNING)
    if link.pk is None or not running.exists():
        return ""
    return _("A running A/B test splits the visitors of this link. Stop the test first.")


def needed_visits() -> Any:
    """Links whose single visits are still counted; see socialhub.registries."""
    return ABTest.objects.filter(
        state=ABTestState.RUNNING, split_by=SplitBy.LINK, link__isnull=False
    ).values("link_id")


def marks(link: Any, destination: str, url: str) -> dict[str, str]:
    """Tells web statistics which variant a visitor got; see socialhub.registries."""
    return {"utm_content": destination} if destination.startswith(KEY_PREFIX) else {}


# -- after the end --------------------------------------------------------------------


@transaction.atomic
def send_all_to_winner(test: ABTest, user: Any) -> None:
    """From now on a split link leads everybody to the winner.

    Until somebody asks for it the link goes on as it was; our own page shows the winner from
    the decision on. Raises Forbidden; Conflict without a winner.
    """
    policies.require(user, "manage_links")
    if test.state != ABTestState.DECIDED or test.winner is None:
        raise Conflict("no_winner", _("This test has no winner."))
    if test.link is None:
        return
    winning = test.link.destinations.filter(key=test.winner.key)
    if not winning.exists():
        raise Conflict("link_changed", _("The link no longer leads to the winner."))
    winning.update(weight=max(test.winner.weight, 1))
    test.link.destinations.exclude(key=test.winner.key).update(weight=0)
