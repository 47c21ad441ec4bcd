"""The inbox: list, conversation, person; answering, handing over, putting away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from socialhub import policies, registries
from socialhub.models import Interaction
from socialhub.queries import inbox as queries
from socialhub.services import interactions, posts
from socialhub.views import desk

TEMPLATE = "socialhub/inbox/inbox.html"


@require_GET
@desk.needs_verb("view")
def show(request: HttpRequest) -> HttpResponse:
    """The page; `i` is the comment that is open."""
    filters = queries.Filters.of(request.GET)
    context = {**_list(request, filters), "accounts": queries.accounts(request.user)}
    asked = request.GET.get("i", "")
    if asked.isascii() and asked.isdigit():
        row = Interaction.objects.visible_to(request.user).for_list().filter(pk=asked).first()
        context.update(_thread(request, row) if row else {})
    if desk.wants_fragment(request):
        return desk.fragment(request, f"{TEMPLATE}#list", **context)
    return desk.page(request, TEMPLATE, _("Inbox"), **context)


@require_GET
@desk.needs_verb("view")
def thread(request: HttpRequest, pk: int) -> HttpResponse:
    """Conversation and person of one comment."""
    row = _visible(request, pk)
    if not desk.wants_fragment(request):
        return redirect(_address(pk, request.GET))
    context = _thread(request, row)
    context["filters"] = queries.Filters.of(request.GET)
    return desk.fragment(request, f"{TEMPLATE}#thread", **context)


@require_GET
@desk.needs_verb("view")
def answers(request: HttpRequest, pk: int) -> HttpResponse:
    """What became of our answers; asked for while one is on its way."""
    return desk.fragment(request, f"{TEMPLATE}#answers", **_thread(request, _visible(request, pk)))


@require_POST
@desk.needs_verb("answer_interaction")
def count(request: HttpRequest, pk: int) -> HttpResponse:
    """Length of the answer as the network counts it."""
    row = _visible(request, pk)
    counted = posts.count(request.POST.get("text", ""), [row.account])[0]
    return desk.fragment(request, f"{TEMPLATE}#count", counted=counted)


@require_POST
@desk.needs_verb("answer_interaction")
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    row = _visible(request, pk)
    text = request.POST.get("text", "")
    sent = desk.attempt(
        request, lambda: interactions.reply(row, request.user, text), _("The answer is on its way.")
    )
    if sent:
        interactions.release_answering(row, request.user)
    # What was typed stays in the box when it was refused.
    return _after(request, row, draft="" if sent else text)


@require_http_methods(["GET", "POST"])
@desk.needs_verb("view")
def answering(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: I am typing. Both tell who else is at it."""
    row = _visible(request, pk)
    if request.method == "POST":
        desk.attempt(request, lambda: interactions.touch_answering(row, request.user))
        row = _visible(request, pk)
    return desk.fragment(
        request,
        f"{TEMPLATE}#answering",
        row=row,
        person=queries.answering(row, timezone.now()),
    )


@require_POST
@desk.needs_verb("answer_interaction")
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Put away (or, with back=1, take out again); the next comment opens."""
    row = _visible(request, pk)
    back = request.POST.get("back") == "1"
    done = _("Back in the inbox.") if back else _("Archived.")
    desk.attempt(request, lambda: interactions.archive(row, request.user, archived=not back), done)
    filters = queries.Filters.of(request.POST)
    following = _next(request, row, filters)
    return _after(request, following or row)


@require_POST
@desk.needs_verb("answer_interaction")
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    row = _visible(request, pk)
    asked = request.POST.get("assignee", "")
    assignee = None
    if asked:
        people = get_user_model()._default_manager.filter(is_active=True)
        assignee = get_object_or_404(people, pk=asked if asked.isdigit() else None)
    done = _("Handed over.") if assignee else _("Nobody is assigned now.")
    desk.attempt(request, lambda: interactions.assign(row, request.user, assignee), done)
    return _after(request, _visible(request, pk))


# -- helpers ---------------------------------------------------------------------


def _visible(request: HttpRequest, pk: int) -> Interaction:
    rows = Interaction.objects.visible_to(request.user).for_list().select_related("answering_by")
    return get_object_or_404(rows, pk=pk)


def _next(request: HttpRequest, row: Interaction, filters: queries.Filters) -> Interaction | None:
    rows = queries.listing(request.user, filters).rows
    return next((other for other in rows if other.pk != row.pk), None)


def _after(request: HttpRequest, row: Interaction, draft: str = "") -> HttpResponse:
    """Conversation and list again, after a verb."""
    if not desk.wants_fragment(request):
        return redirect(_address(row.pk, request.POST))
    filters = queries.Filters.of(request.POST)
    context = {
        **_list(request, filters),
        **_thread(request, row),
        "draft": draft,
        "accounts": queries.accounts(request.user),
    }
    response = desk.fragment(request, f"{TEMPLATE}#both", **context)
    response["HX-Push-Url"] = _address(row.pk, request.POST)
    return desk.answered(request, response)


def _address(pk: int, asked: Mapping[str, str]) -> str:
    filters = queries.Filters.of(asked)
    return f"{reverse('admin:inbox')}?{urlencode(filters.query(i=pk))}"


def _list(request: HttpRequest, filters: queries.Filters) -> dict[str, Any]:
    return {
        "filters": filters,
        "listing": queries.listing(request.user, filters),
        "states": [
            (state, word, urlencode(filters.query(state=state)))
            for state, word in (
                ("waiting", _("Waiting")),
                ("answered", _("Answered")),
                ("archived", _("Archived")),
            )
        ],
        "more": urlencode(filters.query(page=filters.page + 1)),
        "keep": urlencode(filters.query()),
    }


def _thread(request: HttpRequest, row: Interaction) -> dict[str, Any]:
    found = queries.conversation(row)
    account = row.account
    able = policies.can(request.user, "answer_interaction")
    return {
        "talk": found,
        "row": row,
        "person": found.answering,
        "may_answer": able,
        "can_reply": able and account.capabilities.replies,
        "assignees": queries.assignees(row) if able else [],
        "counted": posts.count("", [account])[0],
        "panels": [reverse(name, args=[row.pk]) for name in registries.panels("interaction")],
    }
