"""How a post counts and looks on each network while it is being written."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import regex
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from socialhub import money, registries
from socialhub.models import Account, Organisation
from socialhub.platforms.base import Draft
from socialhub.platforms.text import LINK
from socialhub.services import drafts, estimates, links, media, queue
from socialhub.services.errors import Invalid
from socialhub.views.composing import Picture, Typed

# A link, a hashtag, or a mention with or without a server; in this order of preference.
PARTS = regex.compile(
    rf"(?P<link>{LINK.pattern})|(?P<tag>(?<![\w&])#[\p{{L}}\p{{N}}_]+)"
    r"|(?P<name>(?<![\w/])@[\w][\w.-]*(?:@[\w.-]+\w)?)",
    regex.IGNORECASE,
)
OFFERED_SLOTS = 4
SLOT_DAYS = 21
BEST_DAYS, BEST_SHOWN = 7, 3


def counted(
    account: Account, text: str, link: str, track: bool, pictures: Sequence[Picture]
) -> Any:
    """The API's count of this text on this account, with every rule it breaks in words."""
    text = outgoing(text, link, track)
    line = drafts.count(account, text)
    draft = Draft(
        text=text,
        key="",
        created_at=timezone.now(),
        media=tuple(_file(picture) for picture in pictures),
    )
    found = account.adapter.validate(draft, account.merged_options)
    # An empty form is no mistake yet; submitting it says so.
    problems = [drafts.sentence(p, account) for p in found if p.code != "empty"]
    left = line["limit"] - line["count"]
    return {
        **line,
        "row": account,
        "left": left,
        "percent": min(100, round(100 * line["count"] / max(1, line["limit"]))),
        "is_tight": line["ok"] and left <= line["limit"] * 0.1,
        "sentences": problems,
        "fits": not problems,
        "estimate": estimates.estimate(account, draft),
    }


def with_months(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Notes what is left of the month beside every count that costs, and sums them up."""
    charged = [line for line in lines if line["estimate"] is not None]
    months = estimates.standings([line["row"] for line in charged], timezone.now())
    for line in charged:
        month, amount = months[line["row"].pk], line["estimate"].amount
        line["cost"] = {
            "price": money.dollars(amount),
            "link_factor": line["estimate"].link_factor,
            "spent": money.dollars(month.spent),
            "cap": None if month.cap is None else money.dollars(month.cap),
            "exceeds": month.left is not None and amount > month.left,
        }
    total = sum((line["estimate"].amount for line in charged), start=Decimal(0))
    return {"counts": lines, "cost_sum": money.dollars(total) if len(charged) > 1 else ""}


def outgoing(text: str, link: str, track: bool) -> str:
    """The text with its link as it will leave, a short one where that is wanted."""
    if not link:
        return text
    if link not in text:
        text = f"{text}\n\n{link}".strip()
    return text.replace(link, links.sample_url()) if track else text


def _file(picture: Picture) -> Any:
    picture.asset.alt_text = picture.alt
    return media.file_for(picture.asset)


def preview(
    account: Account, text: str, link: str, track: bool, pictures: Sequence[Picture]
) -> Any:
    """What the template needs to draw the post of one account."""
    return {
        "account": account,
        "name": account.display_name or account.handle,
        "letter": (account.display_name or account.handle or "?").lstrip("@")[:1].upper(),
        "is_pretend": account.adapter.is_pretend,
        "html": highlighted(outgoing(text, link, track)),
        "pictures": pictures[: account.capabilities.max_images],
        # Networks draw no card beside pictures.
        "card_host": urlsplit(link).hostname if link and not pictures else "",
    }


def highlighted(text: str) -> SafeString:
    """Escaped text with links, hashtags and mentions marked."""
    # Every part is escaped before it is joined.
    parts, end = [], 0
    for match in PARTS.finditer(text):
        parts.append(format_html("{}", text[end : match.start()]))
        parts.append(format_html('<span class="sh-facet">{}</span>', match[0]))
        end = match.end()
    parts.append(format_html("{}", text[end:]))
    return mark_safe("".join(parts))


def live_parts(
    accounts: Iterable[Account], text: str, link: str, track: bool, typed: Typed
) -> dict[str, Any]:
    """Counters, previews and the time as other people read it."""
    chosen = list(accounts)
    texts = {account.pk: typed.overrides.get(account.pk) or text for account in chosen}
    args = (link, track, typed.pictures)
    return {
        **with_months([counted(account, texts[account.pk], *args) for account in chosen]),
        "previews": [preview(account, texts[account.pk], *args) for account in chosen],
        **when(chosen, typed),
    }


def when(accounts: Sequence[Account], typed: Typed) -> dict[str, Any]:
    """The next free slots, the chosen moment in the audiences' zones, or why there is none."""
    moment, problem = None, ""
    if typed.when not in ("", "now", "queue") and (typed.when != "at" or typed.local_due):
        try:
            moment = typed.due_at()
        except Invalid as exc:
            problem = exc.message
    best = good_times(accounts, typed)
    return {
        "zone": Organisation.get().timezone,
        "best_times": best,
        "offered": offered(accounts, typed, {one["value"] for one in best}),
        "elsewhere": elsewhere(accounts, moment) if moment else [],
        "is_past": moment is not None and moment < timezone.now(),
        "time_problem": problem,
    }


def offered(
    accounts: Sequence[Account], typed: Typed, besides: Container[str] = ()
) -> list[dict[str, Any]]:
    """The next free slots of the chosen accounts; one already chosen stays in the list.

    Not those that are offered `besides`, as best times.
    """
    now = timezone.now()
    found: dict[datetime, set[int]] = {}
    for account in accounts:
        for at in queue.free_slots(account, now, now + timedelta(days=SLOT_DAYS)):
            found.setdefault(at, set()).add(account.pk)
    shown = sorted(found)[:OFFERED_SLOTS]
    if typed.when[:1].isdigit() and not any(at.isoformat() == typed.when for at in shown):
        with suppress(ValueError):
            shown.append(datetime.fromisoformat(typed.when))
    return [
        {"at": at, "value": at.isoformat(), "chosen": at.isoformat() == typed.when}
        for at in sorted(at for at in shown if at.tzinfo)
        if at.isoformat() not in besides
    ]


def good_times(accounts: Sequence[Account], typed: Typed) -> list[dict[str, Any]]:
    """The next hours in which posts of the chosen accounts did well, the best first."""
    now = timezone.now()
    found = registries.best_times(accounts, now, now + timedelta(days=BEST_DAYS))
    shown = sorted(found, key=lambda best: (best.order, best.start))[:BEST_SHOWN]
    return [
        {
            "best": best,
            "value": best.start.isoformat(),
            "chosen": best.start.isoformat() == typed.when,
        }
        for best in shown
    ]


def elsewhere(accounts: Iterable[Account], moment: datetime) -> list[dict[str, str]]:
    """ "08:00 in Mexico City" for every audience that lives in another zone."""
    own = Organisation.get().zone
    zones = sorted({a.audience_timezone for a in accounts if a.audience_timezone})
    lines = []
    for name in zones:
        local = moment.astimezone(ZoneInfo(name))
        if local.utcoffset() != moment.astimezone(own).utcoffset():
            day = "" if local.date() == moment.astimezone(own).date() else f" ({local:%a})"
            city = name.rpartition("/")[2].replace("_", " ")
            lines.append({"time": f"{local:%H:%M}{day}", "city": city})
    return lines
