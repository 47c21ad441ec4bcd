"""The page of a test: what it says, how sure that is, what it published, and what one may do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from experiments.models import ABTest
from experiments.services import ab_tests
from experiments.views import figures as numbers
from experiments.views import planning, showing
from experiments.views.allowed import allowed
from socialhub import policies
from socialhub.admin.history import entries
from socialhub.models import Account, AccountStatus
from socialhub.services import queue
from socialhub.services.errors import Invalid, ServiceError
from socialhub.views import desk

FOLDER = "experiments/test"
HISTORY_SHOWN = 8


@require_GET
def page(request: HttpRequest, model_admin: Any, object_id: str) -> HttpResponse:
    """Everything about one test."""
    test = visible(request, model_admin, object_id)
    story = entries(test)
    return desk.page(
        request,
        f"{FOLDER}/page.html",
        _("A/B test"),
        subtitle=test.question,
        opts=model_admin.opts,
        original=test,
        story=story[:HISTORY_SHOWN],
        more_story=len(story) > HISTORY_SHOWN,
        **context(request, test),
        **showing.details(test, request.user),
        promote_accounts=_promotable(request.user) if test.winner_id else [],
    )


@require_GET
def verdict(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """The part that refreshes itself while the test runs."""
    test = visible(request, model_admin, str(pk))
    return desk.fragment(request, f"{FOLDER}/page.html#verdict", **context(request, test))


@require_GET
def needs(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """What a test that has not started will take."""
    test = visible(request, model_admin, str(pk))
    answer = planning.of_test(test)
    needed = answer.planned.needed if answer.planned else None
    return desk.fragment(
        request,
        f"{FOLDER}/needs.html",
        answer=answer,
        is_short=bool(needed and test.planned_size and test.planned_size < needed),
    )


@require_GET
def figures(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """Every figure of the statistics; worked out when somebody opens the box."""
    test = visible(request, model_admin, str(pk))
    # Brings numpy and scipy.
    from experiments.queries import results

    found = results.results(test, timezone.now())
    shown = numbers.shown(found, test.kind) if found["claim_code"] else None
    return desk.fragment(request, "experiments/test/figures.html", found=shown, test=test)


def context(request: HttpRequest, test: ABTest) -> dict[str, Any]:
    """What the verdict needs, and the buttons."""
    return {"test": test, **showing.verdict(test), **allowed(test, request.user)}


def visible(request: HttpRequest, model_admin: Any, object_id: str) -> ABTest:
    """The test, or 403 for a role that sees none and 404 for one of other accounts."""
    if not policies.can(request.user, "view_experiments"):
        raise PermissionDenied
    test: ABTest | None = model_admin.get_object(request, object_id)
    if test is None:
        raise Http404
    return test


def _promotable(user: Any) -> list[Account]:
    rows = Account.objects.visible_to(user).filter(status=AccountStatus.ACTIVE)
    return list(rows.order_by("platform", "handle"))


# -- what the buttons do ----------------------------------------------------------------------


@require_POST
def verb(request: HttpRequest, model_admin: Any, pk: int, verb: str) -> HttpResponse:
    test = visible(request, model_admin, str(pk))
    if verb not in VERBS:
        raise Http404
    call, done = VERBS[verb]
    try:
        call(request, test)
    except ServiceError as exc:
        messages.error(request, exc.message)
        return redirect("admin:experiments_abtest_change", pk)
    messages.success(request, str(done))
    if verb == "delete":
        return redirect("admin:experiments_abtest_changelist")
    return redirect("admin:experiments_abtest_change", pk)


def _start(request: HttpRequest, test: ABTest) -> object:
    return ab_tests.start(test, request.user)


def _request_changes(request: HttpRequest, test: ABTest) -> object:
    return ab_tests.request_changes(test, request.user, request.POST.get("comment", ""))


def _extend(request: HttpRequest, test: ABTest) -> object:
    until = moment(request.POST.get("until", ""))
    if until is None:
        message = _("Enter a date and a time.")
        raise Invalid("bad_time", message, {"until": [message]})
    return ab_tests.extend(test, request.user, until)


def _evaluate(request: HttpRequest, test: ABTest) -> object:
    from experiments.services import evaluating

    policies.require(request.user, "start_experiment")
    return evaluating.evaluate(test, timezone.now())


def _promote(request: HttpRequest, test: ABTest) -> object:
    chosen = [pk for pk in request.POST.getlist("accounts") if pk.isdecimal()]
    return ab_tests.promote(
        test,
        request.user,
        accounts=Account.objects.visible_to(request.user).filter(pk__in=chosen),
        due_at=moment(request.POST.get("due_at", "")),
        evergreen="evergreen" in request.POST,
        recycle="recycle" in request.POST,
    )


def moment(text: str) -> datetime | None:
    """A moment as the browser writes it, in the organisation's zone; None for nothing."""
    if not text.strip():
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        message = _("Enter a date and a time.")
        raise Invalid("bad_time", message, {"due_at": [message]}) from None
    return queue.local_datetime(found) if found.tzinfo is None else found


Call = Callable[[HttpRequest, ABTest], object]

VERBS: dict[str, tuple[Call, Any]] = {
    "submit": (
        lambda request, test: ab_tests.submit(test, request.user),
        gettext_lazy("Handed in for approval."),
    ),
    "approve": (
        lambda request, test: ab_tests.approve(test, request.user),
        gettext_lazy("Approved. It may be started now."),
    ),
    "request-changes": (_request_changes, gettext_lazy("Sent back.")),
    "withdraw": (
        lambda request, test: ab_tests.withdraw(test, request.user),
        gettext_lazy("It is a draft again."),
    ),
    "start": (_start, gettext_lazy("It runs. Everything is scheduled.")),
    "stop": (
        lambda request, test: ab_tests.stop(test, request.user),
        gettext_lazy("Stopped. What was still scheduled is cancelled."),
    ),
    "extend": (_extend, gettext_lazy("It runs longer now.")),
    "evaluate": (_evaluate, gettext_lazy("Looked at now.")),
    "promote": (_promote, gettext_lazy("Done: the winner is on its way.")),
    "delete": (
        lambda request, test: ab_tests.delete(test, request.user),
        gettext_lazy("The draft is deleted."),
    ),
}
