"""`/v/{slug}/`: the page of a split test, for strangers.

Each visitor sees one variant and stays with it. No login, no script, and nothing about the
person: the only thing remembered is a random number.
"""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_safe

from experiments.models import ABTest, ABTestVariant, ABTestVariantMedia
from experiments.services import exposures
from socialhub.services import links
from socialhub.services.media import WIDTHS
from socialhub.views import media, visitors

PATH = "/v/"
# Who was shown the page, for browsers that keep no cookies.
SHOWN_TO = "v"
# The widest copy there is; sharper screens get the file itself.
WIDTH = WIDTHS[-1]
TITLE_WORDS = 60


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """The visitor's variant. HEAD and prefetches are not counted, crawlers only marked."""
    test = _test(slug)
    if not exposures.is_open(test):
        return _guarded(_shown(request, test, exposures.final(test)))
    is_bot = links.is_crawler(request.headers)
    known = visitors.known(request)
    visitor = known or uuid.uuid4()
    counted = visitors.counts(request)
    if counted:
        variant = exposures.see(test, visitor, is_bot=is_bot)
    else:
        variant = exposures.draw(test, visitor)
    response = _shown(request, test, variant, visitor)
    if counted and not is_bot and known is None:
        visitors.remember(response, visitor, PATH)
    return _guarded(response)


@require_safe
def go(request: HttpRequest, slug: str) -> HttpResponse:
    """The button: count the visitor's first click, and on to the variant's link.

    Somebody who was not shown the page is sent there first.
    """
    test = _test(slug)
    if not exposures.is_open(test):
        url = exposures.target(test, exposures.final(test), marked=True)
        return _guarded(HttpResponseRedirect(url))
    shown_to = visitors.read(request.GET.get(SHOWN_TO, ""))
    visitor = shown_to or visitors.known(request)
    if visitor is None:
        return _guarded(HttpResponseRedirect(reverse("experiments:page", args=[slug])))
    counts = visitors.counts(request) and not links.is_crawler(request.headers)
    counted = counts and exposures.click(test, visitor)
    if counts and not counted and shown_to is None:
        return _guarded(HttpResponseRedirect(reverse("experiments:page", args=[slug])))
    url = exposures.target(test, exposures.draw(test, visitor), marked=counted)
    return _guarded(HttpResponseRedirect(url))


@require_safe
def picture(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """A picture of a variant, public as long as the page shows it."""
    test = _test(slug)
    rows = ABTestVariantMedia.objects.filter(pk=pk, variant__test=test).select_related("media")
    if not exposures.is_open(test):
        rows = rows.filter(variant=exposures.final(test))
    found = rows.first()
    if found is None:
        raise Http404
    return media.serve(request, found.media)


def _test(slug: str) -> ABTest:
    test = exposures.find(slug)
    if test is None:
        raise Http404
    return test


def _shown(
    request: HttpRequest, test: ABTest, variant: ABTestVariant, visitor: uuid.UUID | None = None
) -> HttpResponse:
    pictures = variant.variant_media.select_related("media").order_by("position")
    words = " ".join(variant.text.split())
    context = {
        "variant": variant,
        "slug": test.page_slug,
        "language": test.language,
        "title": words if len(words) <= TITLE_WORDS else f"{words[: TITLE_WORDS - 1]}…",
        "pictures": list(pictures),
        "width": WIDTH,
        "query": f"?{SHOWN_TO}={visitor.hex}" if visitor else "",
    }
    with translation.override(test.language):
        return render(request, "experiments/public/page.html", context)


def _guarded(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "strict-origin-when-cross-origin"
    return response
