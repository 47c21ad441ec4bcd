"""How the parts count and look on every chosen account, for what is in the form now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from socialhub.models import Account
from socialhub.views import previews
from socialhub.views.composing import Typed
from threads.models import MOST_PARTS, Mode, Numbering
from threads.services import series
from threads.views import series_typed as forms
from threads.views.series_typed import Part, SeriesForm

NEAR = 0.1


def live(
    form: SeriesForm, parts: Sequence[Part], by_account: Mapping[int, str], time: Typed
) -> dict[str, Any]:
    """Gives every part its counters; returns the previews and the time as other people read it."""
    accounts = forms.chosen(form)
    for part in parts:
        for picture in part.pictures:
            picture.asset.alt_text = picture.alt
    shown = series.preview(
        forms.choices(accounts, by_account),
        # More are refused when it is saved; until then the first ones count as usual.
        [forms.data_of(part, accounts) for part in parts[:MOST_PARTS]],
        numbering=_numbering(form),
        numbers_first=bool(form["numbers_first"].value()),
        closing=forms.plain(form["closing"].value() or ""),
    )
    for at, part in enumerate(parts):
        part.counts = [_count(one, one.parts[at]) for one in shown if at < len(one.parts)]
    return {
        "chains": [_chain(one, parts) for one in shown],
        "parts": parts,
        **previews.when(accounts, time),
    }


def _numbering(form: SeriesForm) -> str:
    value = str(form["numbering"].value())
    return value if value in Numbering.values else Numbering.SLASH


def _count(shown: Any, part: Any) -> dict[str, Any]:
    left = part.limit - part.count
    return {
        "account": shown.account,
        "count": part.count,
        "limit": part.limit,
        "percent": min(100, round(100 * part.count / max(1, part.limit))),
        "is_over": not part.ok,
        "is_tight": part.ok and left <= part.limit * NEAR,
        "sentences": part.sentences,
    }


def _chain(shown: Any, parts: Sequence[Part]) -> dict[str, Any]:
    account: Account = shown.account
    name = account.display_name or account.handle
    return {
        "account": account,
        "mode": shown.mode,
        "how": how(shown.mode),
        "refused": shown.refused,
        "instead": substitutes(account) if shown.refused else [],
        "name": name,
        "letter": (name or "?").lstrip("@")[:1].upper(),
        "posts": [
            {
                "position": one.position,
                "html": previews.highlighted(one.text),
                "pictures": part.pictures[: account.capabilities.max_images],
                "is_template": bool(part.picture),
                "ok": one.ok,
            }
            for one, part in zip(shown.parts, parts, strict=False)
        ],
    }


def how(mode: str) -> str:
    """What readers see, in a few words."""
    return (
        {
            Mode.CHAIN: _("Each part answers the one before."),
            Mode.COMMENTS: _("The first part is a post; the others are comments under it."),
            Mode.NUMBERED: _("Each part is a post of its own with its number."),
        }.get(Mode(mode), "")
        if mode
        else ""
    )


def can_chain(account: Account) -> bool:
    return account.capabilities.threads and account.capabilities.replies


def substitutes(account: Account) -> list[tuple[str, str]]:
    """What a series may be on an account that has no reply chains."""
    caps = account.capabilities
    offered = caps.thread_substitutes if caps.replies else caps.thread_substitutes - {"comments"}
    return [(mode.value, str(mode.label)) for mode in Mode if mode.value in offered]


def offered_modes(account: Account) -> list[tuple[str, str]]:
    """The choices for one account; "" asks for a decision where there is no chain."""
    first = (
        (Mode.CHAIN.value, str(Mode.CHAIN.label)) if can_chain(account) else ("", _("choose how"))
    )
    return [first, *substitutes(account)]


def own_texts(parts: Sequence[Part], accounts: Sequence[dict[str, Any]]) -> None:
    """Gives every part its fields for texts per account."""
    for part in parts:
        part.owns = [
            {
                "row": one["row"],
                "chosen": one["chosen"],
                "text": part.overrides.get(one["row"].pk, ""),
            }
            for one in accounts
        ]


def account_rows(form: SeriesForm, by_account: Mapping[int, str]) -> list[dict[str, Any]]:
    """The accounts one may choose, each with its ways to publish a series."""
    ticked = {account.pk for account in forms.chosen(form)}
    rows = form.fields["accounts"].queryset  # type: ignore[attr-defined]
    return [
        {
            "row": account,
            "chosen": account.pk in ticked,
            "mode": by_account.get(account.pk, ""),
            "modes": offered_modes(account),
        }
        for account in rows
    ]
