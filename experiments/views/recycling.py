"""The recycling board: candidates, what is not eligible, the four weeks ahead, and its verbs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from experiments.models import RecycledPost, RecyclingRule
from experiments.queries import ahead
from experiments.queries import recycling as queries
from experiments.services.recycling.lasting import Lasting
from experiments.views import recycling_looks as looks
from experiments.views import rewording
from socialhub import policies
from socialhub.models import Account, AccountStatus, PostStatus, Publication, PublicationStatus
from socialhub.services import queue
from socialhub.services.errors import Invalid
from socialhub.views import desk

TEMPLATE = "experiments/recycling/page.html"
# More cards than this are not asked for one by one.
MOST = 120


@dataclass(frozen=True, slots=True)
class Asked:
    """What part of the board is wanted; nonsense in the address means everything."""

    account: Account | None
    rule: RecyclingRule | None
    shown: int

    @classmethod
    def of(cls, request: HttpRequest) -> Asked:
        asked, user = request.GET, request.user
        accounts = Account.objects.visible_to(user)
        rules = RecyclingRule.objects.visible_to(user)
        shown = _number(asked.get("shown", "")) or queries.PAGE
        return cls(
            accounts.filter(pk=_number(asked.get("account", ""))).first(),
            rules.filter(pk=_number(asked.get("rule", ""))).first(),
            min(max(shown, queries.PAGE), MOST),
        )

    def query(self, **changes: Any) -> str:
        wanted = {
            "account": self.account.pk if self.account else "",
            "rule": self.rule.pk if self.rule else "",
            "shown": self.shown if self.shown != queries.PAGE else "",
            **changes,
        }
        return urlencode({name: value for name, value in wanted.items() if value})


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


@require_GET
@desk.needs_verb("view_recycling")
def show(request: HttpRequest) -> HttpResponse:
    context = _context(request, Asked.of(request))
    if desk.wants_fragment(request):
        return desk.fragment(request, f"{TEMPLATE}#board", **context)
    return desk.page(request, TEMPLATE, _("Recycling"), **context)


def _context(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    user: Any = request.user
    found = queries.board(user, asked.account, asked.rule, asked.shown, timezone.now())
    accounts = {card.candidate.account.pk for card in found.cards}
    accounts |= {row.account_id for row in found.recent}
    rates = queries.counts_by_impressions(accounts)
    return {
        "asked": asked,
        "query": asked.query(),
        "more_query": asked.query(shown=min(asked.shown + queries.PAGE, MOST)),
        "accounts": Account.objects.visible_to(user).exclude(status=AccountStatus.DISABLED),
        "rules": RecyclingRule.objects.visible_to(user),
        "board": found,
        "sentence": looks.lead(found.eligible, found.waiting, found.is_cut),
        "learning": looks.learning(found.learned, found.measured),
        "cards": [
            {
                "card": card,
                "row": card.candidate,
                "text": rewording.own_text(card.candidate.publication),
                "bars": looks.bars(card.candidate),
                "predicted": looks.expected(
                    card.candidate.predicted, rates[card.candidate.account.pk]
                ),
                "unit": looks.unit(rates[card.candidate.account.pk]),
            }
            for card in found.cards
        ],
        "groups": [
            {
                "group": group,
                "heading": looks.heading(group.code),
                "remedies": looks.remedies(group.code),
            }
            for group in found.groups
        ],
        "recent": [_repetition(row, rates[row.account_id]) for row in found.recent],
        "may_recycle": policies.can(user, "recycle_post"),
        "may_change_rules": policies.can(user, "change_recycling"),
        "more": found.more if asked.shown < MOST else 0,
    }


def _repetition(row: RecycledPost, is_rate: bool) -> dict[str, Any]:
    return {
        "row": row,
        "predicted": looks.expected(row.predicted, is_rate),
        "actual": looks.expected(row.actual, is_rate),
        "unit": looks.unit(is_rate),
        "compared": looks.compared(row),
    }


# -- verbs ---------------------------------------------------------------------------------


@require_POST
@desk.needs_verb("recycle_post")
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """One verb for one candidate; the answer is the board as it is now."""
    publication = _out(request, pk)
    asked = Asked.of(request)
    desk.attempt(request, lambda: _verb(verb)(request, publication, asked))
    if not desk.wants_fragment(request):
        return redirect(f"{reverse('admin:recycling')}?{asked.query()}")
    board = desk.fragment(request, f"{TEMPLATE}#board", **_context(request, asked))
    return desk.answered(request, board)


def _out(request: HttpRequest, pk: int) -> Publication:
    """A publication that is out and may be seen; else 404."""
    rows = Publication.objects.visible_to(request.user).filter(status=PublicationStatus.PUBLISHED)
    return get_object_or_404(rows.select_related("post", "account"), pk=pk)


def _verb(name: str) -> Callable[[HttpRequest, Publication, Asked], None]:
    found = {
        "recycle": _recycle,
        "skip": _skip,
        "never": _never,
        "again": _again,
        Lasting.STAYS: _stays,
        Lasting.DATED: _dated,
    }.get(name)
    if found is None:
        raise Invalid("no_such_verb", _("There is no such button."))
    return found


def _recycle(request: HttpRequest, publication: Publication, asked: Asked) -> None:
    from experiments.services.recycling import verbs

    text = request.POST.get("text", "").replace("\r\n", "\n").strip()
    changed = text if text and text != rewording.own_text(publication).strip() else None
    row = verbs.recycle(
        publication, request.user, due_at=_due(request), rule=asked.rule, text=changed
    )
    messages.success(request, _told(row))


def _due(request: HttpRequest) -> datetime | None:
    """None: the next free slot."""
    if request.POST.get("when") != "at":
        return None
    try:
        local = datetime.strptime(request.POST.get("at", ""), "%Y-%m-%dT%H:%M")
    except ValueError:
        raise Invalid("no_time", _("This is not a date and time.")) from None
    return queue.local_datetime(local)


def _told(row: RecycledPost) -> str:
    due_at = row.publication.due_at
    at = formats.date_format(timezone.localtime(due_at), "SHORT_DATETIME_FORMAT") if due_at else "–"
    if row.post.status == PostStatus.APPROVED:
        return _("Goes out again on %(time)s.") % {"time": at}
    return _("Planned for %(time)s; somebody has to approve it first.") % {"time": at}


def _skip(request: HttpRequest, publication: Publication, asked: Asked) -> None:
    from experiments.services.recycling import verbs

    verbs.skip(publication, request.user)
    messages.success(request, _("Skipped. It comes back later by itself."))


def _never(request: HttpRequest, publication: Publication, asked: Asked) -> None:
    from experiments.services.recycling import verbs

    verbs.never(publication, request.user)
    messages.success(request, _("It will not go out again. You can undo this below."))


def _again(request: HttpRequest, publication: Publication, asked: Asked) -> None:
    from experiments.services.recycling import verbs

    verbs.again(publication, request.user)
    messages.success(request, _("It may go out again."))


def _stays(request: HttpRequest, publication: Publication, asked: Asked) -> None:
    from experiments.services.recycling import marking

    marking.mark(publication, request.user, Lasting.STAYS)
    messages.success(request, _("Noted: it stays true."))


def _dated(request: HttpRequest, publication: Publication, asked: Asked) -> None:
    from experiments.services.recycling import marking

    marking.mark(publication, request.user, Lasting.DATED)
    messages.success(request, _("Noted: it is bound to a date and will not be recycled."))


# -- fragments -----------------------------------------------------------------------------


@require_GET
@desk.needs_verb("view_recycling")
def preview(request: HttpRequest) -> HttpResponse:
    """The four weeks ahead, apart from the board: it plays the rules day by day."""
    user: Any = request.user
    asked = Asked.of(request)
    return desk.fragment(
        request,
        "experiments/recycling/_preview.html",
        weeks=ahead.weeks(user, asked.account, asked.rule, timezone.now()),
        rules=RecyclingRule.objects.visible_to(user).filter(is_active=True).exists(),
    )


@require_POST
@desk.needs_verb("recycle_post")
def vary(request: HttpRequest, pk: int) -> HttpResponse:
    """Another wording for the text box; each click gives another one."""
    publication = _out(request, pk)
    turn = (_number(request.POST.get("turn", "")) or 0) + 1
    typed = request.POST.get("text", "").replace("\r\n", "\n").strip()
    return desk.fragment(
        request,
        "experiments/recycling/_text.html",
        pk=pk,
        turn=turn,
        **rewording.proposal(request, publication, typed, turn),
    )
