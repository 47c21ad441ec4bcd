"""What a series will look like on each account, and why it cannot go out yet."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from socialhub.models import FINISHED, Account, AccountStatus
from socialhub.platforms.base import Capabilities, Draft, Problem, RemoteRef
from socialhub.services import drafts, links
from socialhub.services import media as media_service
from socialhub.services.errors import Invalid
from threads.models import Mode, Numbering, ThreadSeries
from threads.services.series import access, composing, content
from threads.services.series.data import (
    AccountChoice,
    AccountPreview,
    PartData,
    PartPreview,
    SeriesProblem,
)
from threads.services.series.rows import check_number


def preview(
    choices: Iterable[AccountChoice | Account],
    parts: Sequence[PartData],
    *,
    numbering: str = Numbering.SLASH,
    numbers_first: bool = False,
    closing: str = "",
) -> list[AccountPreview]:
    """Every part on every account, counted as its network counts. Stores nothing."""
    check_number(parts)
    shape = {"numbering": numbering, "numbers_first": numbers_first, "closing": closing}
    given = [one if isinstance(one, AccountChoice) else AccountChoice(one) for one in choices]
    return [_account(one.account, one.mode or Mode.CHAIN, parts, shape) for one in given]


def preview_of(series: ThreadSeries) -> list[AccountPreview]:
    """The same of a series as it is stored."""
    return preview(choices_of(series), data_of(series), **shape_of(series))


def choices_of(series: ThreadSeries) -> list[AccountChoice]:
    return [AccountChoice(one.account, one.mode) for one in access.accounts_of(series)]


def shape_of(series: ThreadSeries) -> dict[str, Any]:
    """What `preview` needs to know besides accounts and parts."""
    return {
        "numbering": series.numbering,
        "numbers_first": series.numbers_first,
        "closing": series.closing,
    }


def data_of(series: ThreadSeries) -> list[PartData]:
    """The parts as a person would write them."""
    return [
        PartData(
            text=part.text,
            link=part.link,
            track_link=part.track_link,
            media=content.media_of(part),
            overrides={int(key): text for key, text in part.overrides.items()},
            picture=part.picture,
            id=part.pk,
        )
        for part in access.parts_of(series)
    ]


def problems(series: ThreadSeries) -> list[SeriesProblem]:
    """Every reason why what is still to go out cannot; [] when it can."""
    parts, choices = data_of(series), choices_of(series)
    shown = preview(choices, parts, **shape_of(series))
    return problems_of(shown, parts, done=_finished(series))


def problems_of(
    shown: Sequence[AccountPreview],
    parts: Sequence[PartData],
    *,
    done: Collection[tuple[int, int]] = (),
) -> list[SeriesProblem]:
    """The same from a preview; `done` are (account, position) that are not looked at."""
    found = []
    if not parts:
        found.append(SeriesProblem("no_parts", _("Write at least one part.")))
    if not shown:
        found.append(SeriesProblem("no_accounts", _("Choose at least one account first.")))
    chosen = [one.account for one in shown]
    found += [one for n, part in enumerate(parts, 1) for one in _of_part(n, part, chosen)]
    for one in shown:
        left = [part for part in one.parts if (one.account.pk, part.position) not in done]
        if left or not parts:
            found += _of_account(one)
        found += [
            SeriesProblem("does_not_fit", sentence, part.position, one.account)
            for part in left
            for sentence in part.sentences
        ]
    return found


def validate(series: ThreadSeries) -> None:
    """Raise Invalid naming every problem."""
    found = problems(series)
    if not found:
        return
    fields: dict[str, list[str]] = {}
    for one in found:
        name = "accounts" if one.position is None and one.code != "no_parts" else "parts"
        fields.setdefault(name, []).append(one.sentence)
    sentences = dict.fromkeys(one.sentence for one in found)
    raise Invalid(found[0].code, " ".join(sentences), fields)


def refusal(account: Account, mode: str, parts: int) -> str:
    """Why a series cannot hang together on this account like this; "" when it can."""
    if parts < 2:
        return ""
    caps = account.capabilities
    if mode == Mode.CHAIN and caps.threads and caps.replies:
        return ""
    if mode == Mode.COMMENTS and "comments" in caps.thread_substitutes and caps.replies:
        return ""
    if mode == Mode.NUMBERED and "numbered" in caps.thread_substitutes:
        return ""
    return f"{_why_not(account, mode, caps)} {_instead(account, mode, caps)}".strip()


# -- helpers ---------------------------------------------------------------------------


def _why_not(account: Account, mode: str, caps: Capabilities) -> str:
    names = {"account": account, "network": account.network_name}
    if mode == Mode.NUMBERED:
        return _("%(network)s takes no series as numbered posts (%(account)s).") % names
    if mode == Mode.CHAIN and not caps.threads:
        return _("%(network)s has no chains of replies (%(account)s).") % names
    if not caps.replies:
        return _("%(network)s does not let %(account)s reply through its interface.") % names
    return _("%(network)s takes no series as comments (%(account)s).") % names


def _instead(account: Account, mode: str, caps: Capabilities) -> str:
    """What the account offers in place of what was asked for."""
    if mode != Mode.CHAIN and caps.threads and caps.replies:
        return _("Choose replies instead.")
    comments = "comments" in caps.thread_substitutes and caps.replies and mode != Mode.COMMENTS
    numbered = "numbered" in caps.thread_substitutes and mode != Mode.NUMBERED
    if comments and numbered:
        return _("Choose the first post with own comments, or numbered posts, instead.")
    if comments:
        return _("Choose the first post with own comments instead.")
    if numbered:
        return _("Choose numbered posts instead.")
    return _("Take the account out of the series.")


def _account(
    account: Account, mode: str, parts: Sequence[PartData], shape: dict[str, Any]
) -> AccountPreview:
    written = [part.overrides.get(account.pk) or part.text for part in parts]
    texts = composing.texts_of(written, mode=mode, **shape)
    return AccountPreview(
        account=account,
        mode=mode,
        refused=refusal(account, mode, len(parts)),
        parts=[
            _part(account, mode, position, part, text)
            for position, (part, text) in enumerate(zip(parts, texts, strict=True), 1)
        ],
    )


def _part(account: Account, mode: str, position: int, part: PartData, text: str) -> PartPreview:
    if part.link and part.link not in text:
        text = f"{text}\n\n{part.link}".strip()
    sent = text.replace(part.link, links.sample_url()) if part.track_link and part.link else text
    draft = Draft(
        text=sent,
        key="",
        created_at=timezone.now(),
        media=tuple(media_service.file_for(item) for item in part.media),
        # Answers and comments have limits of their own.
        parent=RemoteRef("") if position > 1 and mode != Mode.NUMBERED else None,
    )
    options = account.merged_options
    counted = account.adapter.count(sent, options)
    # What has no text yet is said once, for the part; here the text may be a mere number. Whether
    # the account may answer at all is said once, for the account.
    told = ("empty", "replies_not_allowed")
    found = [one for one in account.adapter.validate(draft, options) if one.code not in told]
    return PartPreview(
        position=position,
        text=text,
        count=counted.count,
        unit=counted.unit,
        limit=counted.limit,
        bytes=counted.byte_count,
        byte_limit=counted.byte_limit,
        ok=not found,
        sentences=[_sentence(one, account, position) for one in found],
    )


def _sentence(problem: Problem, account: Account, position: int) -> str:
    names = {"position": position, "account": account}
    if problem.code == "text_too_long":
        count, limit = problem.params["count"], problem.params["limit"]
        excess = {"excess": count - limit, "limit": limit}
        return _(
            "Part %(position)s is %(excess)s too long for %(account)s, which takes %(limit)s."
        ) % {**names, **excess}
    if problem.code == "text_too_many_bytes":
        excess = {"excess": problem.params["count"] - problem.params["limit"]}
        return _("Part %(position)s is %(excess)s bytes too big for %(account)s.") % {
            **names,
            **excess,
        }
    reason = drafts.sentence(problem, account)
    return _("Part %(position)s: %(reason)s") % {"position": position, "reason": reason}


def _of_part(position: int, part: PartData, accounts: Sequence[Account]) -> list[SeriesProblem]:
    found = []
    texts = [part.overrides.get(account.pk) or part.text for account in accounts] or [part.text]
    if not (part.media or part.link or part.picture) and not all(text.strip() for text in texts):
        message = _("Part %(position)s is empty. Write a text, add a picture, or remove it.")
        found.append(SeriesProblem("empty_part", message % {"position": position}, position))
    if part.picture:
        message = _("The picture of part %(position)s is still to be made.")
        found.append(SeriesProblem("picture_pending", message % {"position": position}, position))
    return found


def _of_account(shown: AccountPreview) -> list[SeriesProblem]:
    found = []
    if shown.refused:
        found.append(SeriesProblem("cannot_chain", shown.refused, account=shown.account))
    if shown.account.status == AccountStatus.DISABLED:
        message = _(
            "%(account)s is disconnected. Connect it again, or take it out of the series."
        ) % {"account": shown.account}
        found.append(SeriesProblem("account_disabled", message, account=shown.account))
    return found


def _finished(series: ThreadSeries) -> set[tuple[int, int]]:
    """(account, position) of what is out or will not go out."""
    return {
        (account, access.part_of(row).position)
        for account, chain in access.chains_of(series).items()
        for row in chain
        if row.status in FINISHED
    }
