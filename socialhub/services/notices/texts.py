"""A notice in words: what happened, what to do, where."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from socialhub import registries
from socialhub.models import Notice, NoticeKind, Organisation


@dataclass(frozen=True, slots=True)
class Text:
    """In the language that is active. `excerpt` is the beginning of the post, "" without one."""

    title: str
    what: str
    todo: str
    excerpt: str
    url: str


def describe(notice: Notice) -> Text:
    """Needs no network; the sentences are the same as on the publication's page."""
    if notice.kind == NoticeKind.TASK:
        title, what, todo, url = _task(notice)
    else:
        title, what, todo = _TEXTS[NoticeKind(notice.kind)](notice)
        url = _page(notice)
    if notice.escalated_at is not None:
        todo = _("Nobody has taken care of this for an hour.") + " " + todo
    return Text(
        title=" ".join(title.split()),
        what=what,
        todo=todo,
        excerpt=_excerpt(notice),
        url=url,
    )


def _task(notice: Notice) -> tuple[str, str, str, str]:
    """What the app above says; a plain line when it has nothing to say any more."""
    source = registries.notice_source(notice.incident)
    found = source.describe(notice.incident) if source else None
    if found is None:
        gone = _("It was settled in the meantime.")
        return str(NoticeKind.TASK.label), gone, "", _page(notice)
    return found.title, found.what, found.todo, settings.PUBLIC_URL + found.path


def _excerpt(notice: Notice) -> str:
    if notice.publication is not None:
        text = notice.publication.full_text
    else:
        text = notice.post.text if notice.post is not None else ""
    text = " ".join(text.split())
    return text if len(text) <= 140 else f"{text[:139]}…"


def _page(notice: Notice) -> str:
    """Address of the post, else of the account."""
    model, row = ("post", notice.post) if notice.post else ("account", notice.account)
    try:
        path = reverse(f"admin:socialhub_{model}_change", args=[row.pk]) if row else None
    except NoReverseMatch:
        # An installation may hide a page; the notice must go out all the same.
        path = None
    return settings.PUBLIC_URL + (path or reverse("admin:index"))


def _failed(notice: Notice) -> tuple[str, str, str]:
    return (
        _("Not published on %(account)s") % {"account": notice.account},
        _explained(notice),
        _("Open the post: correct it and try again, or cancel it."),
    )


def _unknown(notice: Notice) -> tuple[str, str, str]:
    return (
        _("Perhaps published on %(account)s") % {"account": notice.account},
        _explained(notice),
        _("Open the post to see what SocialHub found, or to say yourself whether it is live."),
    )


def _missed(notice: Notice) -> tuple[str, str, str]:
    return (
        _("Not sent in time on %(account)s") % {"account": notice.account},
        _explained(notice),
        _("Open the post: send it now or choose another time."),
    )


def _duplicate(notice: Notice) -> tuple[str, str, str]:
    return (
        _("Published twice on %(account)s") % {"account": notice.account},
        _("The network has two copies of this post."),
        _("Open the post for the addresses of both and delete one of them on the network."),
    )


def _to_approve(notice: Notice) -> tuple[str, str, str]:
    author = notice.post.author if notice.post else None
    return (
        _("A post waits for your approval"),
        _("%(author)s handed in a post.") % {"author": author or _("Somebody")},
        _("Open the post: approve it or ask for changes."),
    )


def _reconnect(notice: Notice) -> tuple[str, str, str]:
    return (
        _("%(account)s has to be reconnected") % {"account": notice.account},
        _("The network does not accept our login any more. Nothing is sent on this account."),
        _("Connect the account again; what waits for it goes out after that."),
    )


def _login_ending(notice: Notice) -> tuple[str, str, str]:
    from socialhub.services import accounts

    end = accounts.end_of(notice.account) if notice.account else None
    if end is None:
        what = _("The network ends the login of this account soon; SocialHub cannot renew it.")
    else:
        day = formats.date_format(timezone.localtime(end, Organisation.get().zone), "DATE_FORMAT")
        what = _("The network ends the login on %(day)s; SocialHub cannot renew it.")
        what %= {"day": day}
    return (
        _("The login of %(account)s ends soon") % {"account": notice.account},
        what,
        _("Connect the account again before that day; its posts and numbers stay."),
    )


def _over_cap(notice: Notice) -> tuple[str, str, str]:
    cap = notice.account.monthly_cap_usd if notice.account else None
    return (
        _("%(account)s has used up its monthly cap") % {"account": notice.account},
        _("Its cap is $%(cap)s. What would cost more is not sent and not measured this month.")
        % {"cap": "–" if cap is None else cap},
        _("Raise the cap on the account's page, or wait for the next month (UTC)."),
    )


def _explained(notice: Notice) -> str:
    from socialhub.services import publishing

    said = publishing.explain(notice.publication) if notice.publication else ""
    return said or _("It was settled in the meantime.")


_TEXTS = {
    NoticeKind.FAILED: _failed,
    NoticeKind.UNKNOWN: _unknown,
    NoticeKind.MISSED: _missed,
    NoticeKind.DUPLICATE: _duplicate,
    NoticeKind.TO_APPROVE: _to_approve,
    NoticeKind.RECONNECT: _reconnect,
    NoticeKind.LOGIN_ENDING: _login_ending,
    NoticeKind.OVER_CAP: _over_cap,
}
