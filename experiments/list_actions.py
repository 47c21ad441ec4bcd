"""What this app offers on the lists of the core."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experiments.models import ABTest
from experiments.services import ab_tests
from socialhub import registries
from socialhub.models import Post


def register() -> None:
    """Called when the apps are ready."""
    registries.register_list_action(
        "socialhub.post",
        registries.ListAction(
            "ab_test_this", gettext_lazy("A/B test this"), "change_experiment", prepare_tests
        ),
    )


def prepare_tests(
    model_admin: Any, request: HttpRequest, rows: QuerySet[Post]
) -> HttpResponse | None:
    """A test for each post chosen; of one alone its form opens, for the text of B."""
    # The admin's base brings much along that workers never need.
    from socialhub.admin.base import run_verb

    made: list[ABTest] = []
    run_verb(
        model_admin,
        request,
        rows,
        lambda post: made.append(ab_tests.from_post(post, request.user)),
        _("%(count)d tests prepared"),
    )
    if len(made) == 1:
        return redirect("admin:experiments_abtest_edit", made[0].pk)
    return redirect("admin:experiments_abtest_changelist") if made else None
