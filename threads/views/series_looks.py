"""How a series looks: a word, a colour and an icon, the same everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import formats
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from socialhub import badges
from threads.models import SeriesState, ThreadSeries
from threads.queries.numbers import PartNumbers, SeriesNumbers

# States that the core's badges do not know by the same name.
LOOKS = {SeriesState.PARTIAL: "warning"}


def state(row: ThreadSeries) -> SafeString:
    """Its badge; a draft that was sent back says so."""
    found = row.state
    if found == SeriesState.DRAFT and row.review_comment:
        return badges.badge("changes_requested", _("changes requested"), row.review_comment)
    return badges.badge(LOOKS.get(SeriesState(found), found), row.get_state_display())


def out(done: int, total: int) -> SafeString:
    """ "2 of 5 out" with a bar; "–" for a series without parts or accounts."""
    if not total:
        return SafeString('<span class="sh-missing">–</span>')
    return format_html(
        '<span class="ts-out"><span class="sh-meter" aria-hidden="true">'
        '<span style="width: {}%"></span></span><span class="sh-quiet sh-tabular">{}</span></span>',
        round(100 * done / total),
        _("%(done)s of %(total)s out") % {"done": done, "total": total},
    )


def change(percent: float | None, basis: str) -> SafeString:
    """How many readers a part lost or won, or why that cannot be told."""
    if percent is None:
        hint = _("Not enough data to compare.")
        return format_html('<span class="sh-missing" title="{}">–</span>', hint)
    tone, sign = ("up", "▲") if percent > 0 else ("down", "▼") if percent < 0 else ("same", "")
    number = formats.number_format(abs(percent), 1, use_l10n=True)
    hints = {"impressions": _("by impressions"), "likes": _("by likes")}
    return format_html(
        '<span class="sh-change sh-change--{}" title="{}">{} {}&nbsp;%</span>',
        tone,
        hints.get(basis, ""),
        sign,
        number,
    )


def numbers(found: SeriesNumbers) -> dict[str, Any]:
    """As the tables show them."""
    return {
        "measured_at": found.measured_at,
        "total": found.total,
        "parts": _parts(found.parts, found.basis),
        "accounts": [
            {"account": one.account, "parts": _parts(one.parts, one.basis)}
            for one in found.accounts
        ],
    }


def _parts(parts: Sequence[PartNumbers], basis: str) -> list[dict[str, Any]]:
    return [
        {
            "position": part.position,
            "counters": part.counters,
            "previous": change(part.from_previous_pct, basis) if n else "",
            "first": change(part.from_first_pct, basis) if n else "",
        }
        for n, part in enumerate(parts)
    ]
