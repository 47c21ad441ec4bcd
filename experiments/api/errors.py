"""What the statistics refuse, in the words of the user and by the names of the request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.utils.translation import gettext as _

from experiments.statistics import counts
from experiments.statistics.counts import InvalidCounts
from socialhub.services.errors import Invalid

TABLES = ("hourly", "blocks", "looks")


@contextmanager
def named(variants: Sequence[str] = ()) -> Iterator[None]:
    """InvalidCounts becomes Invalid; `variants` are their names, in the order of the request."""
    try:
        yield
    except InvalidCounts as exc:
        message = _message(exc)
        raise Invalid(exc.code, message, {_field(exc, variants): [message]}) from exc


def _field(exc: InvalidCounts, variants: Sequence[str]) -> str:
    """Where in the body: "variants.1.engagements"."""
    if exc.variant not in variants:
        general = exc.variant if exc.code == "plan" else ""
        return exc.field or general or ("kind" if exc.code == "kind" else "variants")
    # Of two with the same name the second is one too many.
    places = [at for at, name in enumerate(variants) if name == exc.variant]
    field = "name" if exc.code == "duplicate_name" else exc.field
    return ".".join(filter(None, ("variants", str(places[-1]), field)))


def _message(exc: InvalidCounts) -> str:
    about = {"variant": exc.variant, "field": _noun(exc.field)}
    if exc.variant in TABLES:
        return _(
            "%(field)s: a list of rows, each with the engagements and impressions of every "
            "variant, in their order."
        ) % {"field": exc.variant}
    messages = {
        "too_few_variants": _("A test needs at least two variants."),
        "too_many_variants": _("A test has at most ten variants."),
        "duplicate_name": _("Two variants are called “%(variant)s”."),
        "not_a_number": _("%(variant)s: %(field)s must be a whole number."),
        "negative": _("%(variant)s: %(field)s must not be negative."),
        "too_large": _("%(variant)s: %(field)s are too large."),
        "above_impressions": _(
            "%(variant)s has more engagements than impressions. Where one impression may bring "
            "several engagements, choose the kind “rate”."
        ),
        "no_impressions": _(
            "The impressions of %(variant)s are not known, so there is no rate. Compare numbers "
            "of engagements instead: the kind “count”."
        ),
        "weight": _("%(variant)s: the weight must be a number above 0."),
        "confidence": _("Confidence is a number from %(least)s to %(most)s, such as 0.95."),
        "kind": _("Choose one of: %(known)s."),
        "plan": _("%(field)s: this cannot be planned with."),
        "too_few_posts": _("%(variant)s needs the values of at least two posts."),
    }
    known = {
        "least": counts.LEAST_CONFIDENCE,
        "most": counts.MOST_CONFIDENCE,
        "known": ", ".join(counts.KINDS),
    }
    # What has no translation is still said, in English.
    return messages[exc.code] % {**about, **known} if exc.code in messages else str(exc)


def _noun(field: str) -> str:
    nouns = {"engagements": _("engagements"), "impressions": _("impressions")}
    return nouns.get(field, field)
