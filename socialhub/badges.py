"""How a state, a network, a number and a moment look: the same everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from socialhub import registries
from socialhub.models import Account, AccountStatus, JobRun, Post, PostStatus, Publication
from socialhub.models import PublicationStatus as S
from socialhub.platforms.registry import ADAPTERS

# state → (icon of Material Symbols, tone of socialhub.css)
LOOKS: dict[str, tuple[str, str]] = {
    "draft": ("edit_note", "neutral"),
    "in_review": ("rate_review", "amber"),
    "approved": ("check", "green"),
    "changes_requested": ("undo", "amber"),
    "scheduled": ("schedule", "neutral"),
    "waiting": ("hourglass_empty", "waiting"),
    "blocked": ("link_off", "waiting"),
    "publishing": ("send", "blue"),
    "published": ("check_circle", "green"),
    "unknown": ("help", "amber"),
    "missed": ("alarm", "amber"),
    "failed": ("error", "red"),
    "cancelled": ("block", "grey"),
    "connecting": ("sync", "blue"),
    "active": ("check_circle", "green"),
    "needs_reconnect": ("link_off", "red"),
    "disabled": ("block", "grey"),
    "queued": ("hourglass_empty", "waiting"),
    "sending": ("send", "blue"),
    "running": ("sync", "blue"),
    "sent": ("check_circle", "green"),
    "done": ("check_circle", "green"),
    "dropped": ("block", "grey"),
    "ok": ("check_circle", "green"),
    "warning": ("warning", "amber"),
    "dead": ("error", "red"),
    "sandbox": ("science", "sandbox"),
    "info": ("info", "neutral"),
}

_WORDS = {
    "waiting": gettext_lazy("waiting"),
    "blocked": gettext_lazy("waiting for the account"),
}


def badge(state: str, word: Any, hint: Any = "") -> SafeString:
    """A pill of the state's icon and colour with `word`; `hint` is its tooltip."""
    icon, tone = LOOKS.get(state, ("circle", "neutral"))
    return format_html(
        '<span class="sh-status sh-status--{} sh-tone--{}"{}>'
        '<span class="material-symbols-outlined" aria-hidden="true">{}</span>{}</span>',
        state.replace("_", "-"),
        tone,
        format_html(' title="{}"', hint) if hint else "",
        icon,
        word,
    )


def state_of(publication: Publication) -> str:
    """Its status as a marketer sees it; reads post, account and parent (`for_list`)."""
    if publication.status == S.SCHEDULED:
        if publication.parent is not None and publication.parent.status != S.PUBLISHED:
            return "waiting"
        if publication.account.status != AccountStatus.ACTIVE:
            return "blocked"
    if publication.status == S.DRAFT and publication.post.status != PostStatus.APPROVED:
        return str(publication.post.status)
    return str(publication.status)


def look(publication: Publication) -> dict[str, str]:
    """state, icon, tone and word of a publication, for chips that have no room for a badge."""
    state = state_of(publication)
    icon, tone = LOOKS.get(state, ("circle", "neutral"))
    word = _WORDS.get(state) or publication.get_status_display()
    if publication.status == S.DRAFT:
        word = PostStatus(publication.post.status).label
    return {"state": state, "icon": icon, "tone": tone, "word": str(word)}


def status(subject: Any) -> SafeString:
    """The badge of a publication, post, account, job, or anything with `status`/`state`."""
    if isinstance(subject, Publication):
        return _publication(subject)
    if isinstance(subject, JobRun) or hasattr(subject, "get_state_display"):
        return badge(subject.state, subject.get_state_display())
    hint = subject.status_note if isinstance(subject, Account) else ""
    if isinstance(subject, Post) and subject.status == PostStatus.CHANGES_REQUESTED:
        hint = subject.review_comment
    return badge(subject.status, subject.get_status_display(), hint)


def _publication(publication: Publication) -> SafeString:
    found = look(publication)
    hint = ""
    if found["state"] == "blocked":
        hint = _("%(account)s has to be reconnected first.") % {"account": publication.account}
    return badge(found["state"], found["word"], hint)


def marks(found: Iterable[registries.Mark] | None) -> SafeString:
    """What the apps above say of a publication ("recycled"), as links where they lead somewhere."""
    return format_html_join(
        " ",
        '<{tag} class="sh-mark"{href} data-mark="{code}">'
        '<span class="material-symbols-outlined" aria-hidden="true">{icon}</span>{title}</{tag}>',
        (
            {
                "tag": "a" if mark.url else "span",
                "href": format_html(' href="{}"', mark.url) if mark.url else "",
                "code": mark.code,
                "icon": mark.icon,
                "title": mark.title,
            }
            for mark in found or ()
        ),
    )


def network_icon(platform: str) -> SafeString:
    """The network's sign out of the sprite; its name for those who cannot see it."""
    adapter = ADAPTERS.get(platform)
    name = str(adapter.name) if adapter else platform
    sign = platform if platform in SPRITE else "other"
    return format_html(
        '<svg class="sh-network-icon sh-network-icon--{}" role="img" aria-label="{}">'
        '<use href="{}#{}"></use></svg>',
        sign,
        name,
        static("socialhub/networks.svg"),
        sign,
    )


SPRITE = (
    "bluesky",
    "mastodon",
    "sandbox",
    "x",
    "facebook",
    "instagram",
    "meta_threads",
    "linkedin",
    "telegram",
)


def is_pretend(platform: str) -> bool:
    """Is it the sandbox, where nobody real reads?"""
    adapter = ADAPTERS.get(platform)
    return bool(adapter and adapter.is_pretend)


def network(account: Account) -> SafeString:
    """Icon and handle of an account; the sandbox says what it is."""
    handle = format_html('<span class="sh-network-handle">{}</span>', account.handle)
    if is_pretend(account.platform):
        mark = badge("sandbox", _("sandbox"))
        return format_html('<span class="sh-network">{}{}</span>', handle, mark)
    return format_html(
        '<span class="sh-network">{}{}</span>', network_icon(account.platform), handle
    )


def excerpt(post: Post) -> str:
    """The text in one line; where to cut is up to the page."""
    return " ".join(post.text.split()) or str(post)


def number(value: Any, decimals: int | None = None) -> SafeString:
    """A number by language; "–" with the reason when the network does not report it."""
    if value is None:
        hint = _("The network does not report this.")
        return format_html('<span class="sh-number sh-missing" title="{}">–</span>', hint)
    if decimals is not None:
        # Django cuts decimals off.
        value = round(value, decimals)
    text = formats.number_format(value, decimals, use_l10n=True, force_grouping=True)
    return format_html('<span class="sh-number">{}</span>', text)


def ago(moment: datetime | None) -> SafeString:
    """ "4 minutes ago" or "in 2 hours", the exact local time in the tooltip; "–" for None."""
    if moment is None:
        return format_html('<span class="sh-missing">{}</span>', "–")
    now = timezone.now()
    exact = formats.date_format(timezone.localtime(moment), "DATETIME_FORMAT")
    if abs((now - moment).total_seconds()) < 60:
        words = _("just now") if moment <= now else _("in a moment")
    elif moment <= now:
        words = _("%(time)s ago") % {"time": timesince(moment, now, depth=1)}
    else:
        words = _("in %(time)s") % {"time": timesince(now, moment, depth=1)}
    return format_html(
        '<time class="sh-ago" datetime="{}" title="{}">{}</time>', moment.isoformat(), exact, words
    )
