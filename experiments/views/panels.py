"""On the page of a post: "A/B test this", or the test it is part of."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from experiments.models import ABTest, ABTestState
from experiments.services import ab_tests
from experiments.views import looks
from socialhub import policies
from socialhub.models import Post
from socialhub.services.errors import ServiceError
from socialhub.views import desk


@require_GET
def post(request: HttpRequest, pk: int) -> HttpResponse:
    """The panel; nothing for people who see no tests."""
    user: Any = request.user
    row = get_object_or_404(Post.objects.visible_to(user), pk=pk)
    if not policies.can(user, "view_experiments"):
        return HttpResponse()
    test = ab_tests.open_test_of(row) or _decided_test_of(row)
    if test is not None and not ABTest.objects.visible_to(user).filter(pk=test.pk).exists():
        return HttpResponse()
    is_open = test is not None and test.state != ABTestState.DECIDED
    may_test = policies.can(user, "change_experiment") and not row.is_reply and not is_open
    if test is None and not may_test:
        return HttpResponse()
    return desk.fragment(
        request,
        "experiments/panels/post.html",
        post=row,
        test=test,
        badge=looks.state(test) if test else "",
        is_own=test is not None and _is_own(test, row),
        is_running=test is not None and test.state == ABTestState.RUNNING,
        may_test=may_test and not (test is not None and _is_own(test, row)),
    )


def _decided_test_of(post: Post) -> ABTest | None:
    """The latest one it was part of."""
    mine = ABTest.objects.filter(publications__post=post) | ABTest.objects.filter(source_post=post)
    return mine.distinct().order_by("-created_at", "-pk").first()


def _is_own(test: ABTest, post: Post) -> bool:
    """Was the post made by the test? Then a change to it breaks the test."""
    return test.publications.filter(post=post).exists()


@require_POST
@desk.needs_verb("change_experiment")
def test_this(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a test with this post as its control, and open its form."""
    user: Any = request.user
    row = get_object_or_404(Post.objects.visible_to(user), pk=pk)
    try:
        test = ab_tests.from_post(row, user)
    except ServiceError as exc:
        messages.error(request, exc.message)
        return redirect("admin:socialhub_post_change", pk)
    return redirect("admin:experiments_abtest_edit", test.pk)
