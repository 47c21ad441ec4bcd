"""`{% load analytics %}`: how a change and a percentage look."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from analytics.queries.posts import TopPost
from analytics.queries.unmeasured import sentence_of
from analytics.views import figures
from socialhub import badges

register = template.Library()


@register.simple_tag
def change(value: float | None, before: Any) -> SafeString:
    """▲ 12 % with the period it compares with; in words where there is nothing to compare."""
    if value is None:
        hint = _("Nothing was measured on %(before)s that could be compared.") % {"before": before}
        return format_html(
            '<span class="sh-change sh-change--none" title="{}">{}</span>',
            hint,
            _("not enough data"),
        )
    shown = figures.percent(abs(value))
    kind, sign, word = "same", "=", _("the same,")
    if shown != figures.percent(0):
        kind, sign, word = ("up", "▲", _("up")) if value > 0 else ("down", "▼", _("down"))
    return format_html(
        '<span class="sh-change sh-change--{}" title="{}"><span aria-hidden="true">{}</span>'
        '<span class="sh-visually-hidden">{}</span> {} %</span>',
        kind,
        _("against %(before)s") % {"before": before},
        sign,
        word,
        shown,
    )


@register.simple_tag
def percent(value: float | None, hint: str = "") -> SafeString:
    """Two decimals and the sign; "–" with the reason when there is none."""
    if value is None:
        return missing(hint or _("There are no impressions to compare with."))
    return format_html("<span>{} %</span>", badges.number(value, 2))


@register.simple_tag
def missing(hint: str) -> SafeString:
    """The dash of a number that is not known, and why."""
    return format_html('<span class="sh-number sh-missing" title="{}">–</span>', hint)


@register.simple_tag
def unmeasured(hint: str) -> SafeString:
    """Of a number that was not read, and why."""
    return format_html(
        '<span class="sh-missing" title="{}" tabindex="0">{}</span>', hint, _("not measured")
    )


@register.simple_tag
def counter(row: TopPost, name: str) -> SafeString:
    """A number of a ranked post; where it was not read for want of money, that."""
    value = row.metrics[name]
    if value is None and (why := not_measured(row)):
        return unmeasured(why)
    return percent(value) if name == "engagement_rate" else badges.number(value)


@register.filter
def not_measured(row: TopPost) -> str:
    """Why the last reading of a ranked post was left out; "" when it was not."""
    return sentence_of(row.platform, row.cap, row.skipped_at)


@register.simple_tag
def signed(value: int) -> SafeString:
    """+12 or −3."""
    return format_html("{}{}", "+" if value > 0 else "−", figures.number(abs(value)))
