"""The accounts and parts of a series, brought in line with what a person wants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from socialhub.models import Account, AccountStatus, Post, PublicationStatus
from socialhub.services.errors import Conflict, Invalid
from threads.models import (
    MOST_PARTS,
    ImageTemplate,
    Mode,
    ThreadAccount,
    ThreadPost,
    ThreadPostMedia,
    ThreadSeries,
)
from threads.services.series import access, content
from threads.services.series.data import AccountChoice, PartData

# Beyond every real position: two rows cannot have one place even for a moment.
ASIDE = 1_000
PICTURE = {"template", "size", "data", "alt_text"}


def set_accounts(
    series: ThreadSeries, user: Any, accounts: Iterable[AccountChoice | Account]
) -> set[int]:
    """Store the accounts. Ids of those that are new. A text for one that left goes with it."""
    given = [one if isinstance(one, AccountChoice) else AccountChoice(one) for one in accounts]
    chosen = {one.account.pk: one for one in given}
    present = {row.account_id: row for row in access.accounts_of(series)}
    new = set(chosen) - set(present)
    _check_accounts(user, [one.account for one in given], new)
    for pk, one in chosen.items():
        mode = one.mode or (present[pk].mode if pk in present else Mode.CHAIN)
        if mode not in Mode.values:
            message = _("This is no way to hang parts together.")
            raise Invalid("no_such_mode", message, {"modes": [message]})
        ThreadAccount.objects.update_or_create(
            series=series, account=one.account, defaults={"mode": mode}
        )
    gone = set(present) - set(chosen)
    ThreadAccount.objects.filter(series=series, account_id__in=gone).delete()
    _drop_overrides(series, gone)
    return new


def _check_accounts(user: Any, accounts: Sequence[Account], new: set[int]) -> None:
    if {a.pk for a in accounts} - access.visible_accounts(user, accounts):
        message = _("One of the accounts does not exist.")
        raise Invalid("no_such_account", message, {"accounts": [message]})
    gone = [a for a in accounts if a.pk in new and a.status == AccountStatus.DISABLED]
    if gone:
        message = _("%(account)s is disconnected. Connect it again first.") % {"account": gone[0]}
        raise Invalid("account_disabled", message, {"accounts": [message]})


def _drop_overrides(series: ThreadSeries, gone: set[int]) -> None:
    names = {str(pk) for pk in gone}
    for part in ThreadPost.objects.filter(series=series):
        if names & set(part.overrides):
            kept = {name: text for name, text in part.overrides.items() if name not in names}
            ThreadPost.objects.filter(pk=part.pk).update(overrides=kept)


# -- parts -----------------------------------------------------------------------------


def check_number(parts: Sequence[Any]) -> None:
    """Raise Invalid for more parts than a series may have."""
    if len(parts) > MOST_PARTS:
        message = _("A series has at most %(most)s parts, this one has %(parts)s.") % {
            "most": MOST_PARTS,
            "parts": len(parts),
        }
        raise Invalid("too_many_parts", message, {"parts": [message]})


def set_parts(series: ThreadSeries, parts: Sequence[PartData]) -> list[Post]:
    """Store the parts in this order. Returns the posts of parts that are gone.

    Once a part is out on an account, number and order stay, and so does what readers saw.
    """
    check_number(parts)
    present = access.parts_of(series)
    rows = _matched(present, parts)
    out = out_on(series)
    if out and [row.pk if row else None for row in rows] != [row.pk for row in present]:
        raise order_is_fixed()
    _check_overrides(series, parts)
    for place, (row, wanted) in enumerate(zip(rows, parts, strict=True), 1):
        if row is not None and out.get(row.pk):
            _require_unchanged(row, wanted, out[row.pk], place)
    removed = [row for row in present if row.pk not in {one.pk for one in rows if one}]
    orphans = [row.post for row in removed if row.post is not None]
    ThreadPost.objects.filter(pk__in=[row.pk for row in removed]).delete()
    _set_aside(series)
    for place, (row, wanted) in enumerate(zip(rows, parts, strict=True), 1):
        _store(row or ThreadPost(series=series), wanted, place)
    return orphans


def set_order(series: ThreadSeries, part_ids: Sequence[int]) -> None:
    """Put the parts in another order; every part is named once."""
    present = access.parts_of(series)
    if sorted(part_ids) != sorted(part.pk for part in present):
        message = _("Name every part of the series once.")
        raise Invalid("bad_order", message, {"order": [message]})
    if list(part_ids) == [part.pk for part in present]:
        return
    if out_on(series):
        raise order_is_fixed()
    _set_aside(series)
    for place, pk in enumerate(part_ids, 1):
        ThreadPost.objects.filter(pk=pk).update(position=place)


def out_on(series: ThreadSeries) -> dict[int, set[int]]:
    """part id → accounts it is out on; empty before the first part is out."""
    found: dict[int, set[int]] = {}
    for row in access.rows_of(series):
        if row.status == PublicationStatus.PUBLISHED:
            found.setdefault(access.part_of(row).pk, set()).add(row.account_id)
    return found


def order_is_fixed() -> Conflict:
    return Conflict(
        "part_out",
        _("A part is out already, so number and order of the parts stay as they are."),
    )


def _matched(present: Sequence[ThreadPost], parts: Sequence[PartData]) -> list[ThreadPost | None]:
    """The row of each wanted part: by id, or by place when no part names one."""
    if all(part.id is None for part in parts):
        return [present[n] if n < len(present) else None for n in range(len(parts))]
    by_id = {row.pk: row for row in present}
    named = [part.id for part in parts if part.id is not None]
    if set(named) - set(by_id) or len(set(named)) < len(named):
        message = _("One of the parts does not exist.")
        raise Invalid("no_such_part", message, {"parts": [message]})
    return [by_id[part.id] if part.id is not None else None for part in parts]


def _check_overrides(series: ThreadSeries, parts: Sequence[PartData]) -> None:
    accounts = set(ThreadAccount.objects.filter(series=series).values_list("account_id", flat=True))
    if any(set(part.overrides) - accounts for part in parts):
        message = _("A text is given for an account that is not chosen.")
        raise Invalid("override_without_account", message, {"overrides": [message]})


def _require_unchanged(
    row: ThreadPost, wanted: PartData, accounts: set[int], position: int
) -> None:
    """What is out stays as readers saw it; another account's own text may still change."""
    own = _overrides(wanted.overrides)
    names = {str(pk) for pk in accounts}
    same = (
        row.text.strip() == wanted.text.strip()
        and (row.link, row.track_link) == (wanted.link.strip(), wanted.track_link)
        and [media.pk for media in content.media_of(row)] == [media.pk for media in wanted.media]
        and all(row.overrides.get(name) == own.get(name) for name in names)
        and not wanted.picture
    )
    if not same:
        raise part_is_out(position)


def part_is_out(position: int) -> Conflict:
    return Conflict(
        "part_out",
        _("Part %(position)s is out already, so it stays as it is.") % {"position": position},
    )


def _set_aside(series: ThreadSeries) -> None:
    for part in ThreadPost.objects.filter(series=series):
        ThreadPost.objects.filter(pk=part.pk).update(position=part.position + ASIDE)


def _store(row: ThreadPost, wanted: PartData, position: int) -> None:
    row.position = position
    row.text, row.link, row.track_link = wanted.text, wanted.link.strip(), wanted.track_link
    row.overrides = _overrides(wanted.overrides)
    row.picture = _picture(wanted.picture, position)
    try:
        row.clean_fields(exclude=["series", "post"])
    except ValidationError as exc:
        reason = "; ".join(str(text) for texts in exc.message_dict.values() for text in texts)
        message = _("Part %(position)s: %(reason)s") % {"position": position, "reason": reason}
        raise Invalid("invalid", message, {"parts": [message]}) from None
    row.save()
    _set_media(row, wanted)


def _overrides(given: Mapping[int, str]) -> dict[str, str]:
    return {str(pk): text for pk, text in sorted(given.items()) if text.strip()}


def _picture(given: Mapping[str, Any], position: int) -> dict[str, Any]:
    """A picture to be made later; its alt text is asked for now, while somebody writes."""
    if not given:
        return {}
    known = ImageTemplate.objects.in_use().filter(pk=_whole(given.get("template"))).exists()
    alt_text = str(given.get("alt_text", "")).strip()
    if set(given) - PICTURE or not known or not isinstance(given.get("data", {}), dict):
        reason = _("There is no such image template.")
    elif not alt_text:
        reason = _("Describe the picture for people who cannot see it.")
    else:
        return {
            "template": _whole(given["template"]),
            "size": str(given.get("size", "")),
            "data": dict(given.get("data", {})),
            "alt_text": alt_text,
        }
    message = _("Part %(position)s: %(reason)s") % {"position": position, "reason": reason}
    raise Invalid("bad_picture", message, {"parts": [message]})


def _whole(value: Any) -> int:
    """An id, or 0, which is none."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _set_media(part: ThreadPost, wanted: PartData) -> None:
    ids = [media.pk for media in wanted.media]
    present = part.part_media.order_by("position").values_list("media_id", flat=True)
    if ids == list(present):
        return
    part.part_media.all().delete()
    ThreadPostMedia.objects.bulk_create(
        ThreadPostMedia(part=part, media=media, position=n)
        for n, media in enumerate(wanted.media, 1)
    )
