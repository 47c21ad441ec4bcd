"""The demo's tests and recycling: lived through the services, once, and gone without a trace."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from django.apps import apps
from django.db.models import F, Q
from django.utils import timezone

from analytics.models import PublicationStats
from analytics.queries.filters import Filters
from analytics.services import rebuilding
from experiments import report_section
from experiments.models import (
    ABTest,
    ABTestLook,
    ABTestPublication,
    ABTestState,
    Outcome,
    RecycledPost,
    RecyclingLearned,
)
from experiments.seeding import leftovers
from socialhub.models import (
    Account,
    Interaction,
    Notice,
    Organisation,
    Post,
    PostStatus,
    Publication,
    PublicationStatus,
)
from socialhub.models import (
    Outcome as Sent,
)
from socialhub.seeds import seed
from socialhub.services import demo
from socialhub.tests.factories import UserFactory
from socialhub.tests.support.demo import seeded_demo

# The demo refuses PostgreSQL.
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
APPS = ("analytics", "experiments")


@pytest.fixture(scope="module")
def seeded(tmp_path_factory, django_db_setup, django_db_blocker):
    """Each test goes back to this."""
    with seeded_demo(tmp_path_factory.mktemp("demo"), django_db_blocker, APPS) as server:
        yield server


def rows() -> dict[str, int]:
    """How many rows every table has."""
    models = [m for m in apps.get_models() if m._meta.managed]
    return {m._meta.label: m._default_manager.count() for m in models}


def test_the_planted_effect_is_found_and_equal_texts_have_no_winner(seeded):
    question, aa, running, draft = ABTest.objects.order_by("pk")

    assert (question.outcome, question.winner.name) == (Outcome.WINNER, "Con pregunta")
    assert aa.state == ABTestState.DECIDED
    assert aa.outcome != Outcome.WINNER
    assert len(set(aa.variants.values_list("text", flat=True))) == 1
    assert (running.state, draft.state) == (ABTestState.RUNNING, ABTestState.DRAFT)
    assert running.publications.filter(publication__status=PublicationStatus.SCHEDULED).exists()
    for test in (question, aa, running):
        assert test.author != test.approved_by
        looks = list(test.looks.order_by("number"))
        assert [look.number for look in looks] == list(range(1, len(looks) + 1))
        assert all(one.at < two.at for one, two in pairwise(looks))
        assert test.started_at < looks[0].at
    waiting = Notice.objects.filter(resolved_at=None, incident__startswith="experiments")
    assert [one.incident for one in waiting] == [f"experiments:decided:{question.pk}:"]
    # The decision is that of the last look, weeks ago.
    for test in (question, aa):
        assert test.evidence["number"] == test.looks.latest("number").number
        assert test.decided_at < timezone.now()


def test_every_showing_went_out_through_the_engine_and_was_read_at_the_same_age(seeded):
    there = {post["id"]: post for post in seeded.posts()}
    parts = ABTestPublication.objects.filter(publication__status=PublicationStatus.PUBLISHED)

    assert parts.count() > 50
    for part in parts.select_related("publication__post", "variant"):
        row, remote = part.publication, there[part.publication.remote_id]
        assert remote["text"] == part.variant.text
        assert row.published_at.isoformat(timespec="microseconds") == remote["created_at"]
        assert 0 <= (row.published_at - part.due_at).total_seconds() < 60
        [attempt] = row.attempts.all()
        assert (attempt.outcome, attempt.generation.text) == (Sent.ACCEPTED, part.variant.text)
        assert row.post.approved_hash == row.post.content_hash == part.content_hash
    decided = parts.filter(test__state=ABTestState.DECIDED)
    assert not decided.filter(Q(counted_at=None) | Q(impressions=None)).exists()
    for one in ABTest.objects.filter(state=ABTestState.DECIDED):
        counted = one.publications.values_list("variant__position", "engagements", "impressions")
        sums = [
            [sum(x) for x in zip(*[row[1:] for row in counted if row[0] == at], strict=True)]
            for at in (0, 1)
        ]
        assert one.evidence["counts"] == sums


def test_numbers_read_in_the_past_add_up(seeded):
    assert rebuilding.repair(timezone.now())["cells"] == 0
    assert not PublicationStats.objects.filter(metrics_at=None).exists()
    assert not Interaction.objects.filter(publication=None).exists()


def test_recycling_has_repetitions_predicted_and_measured_and_some_to_come(seeded):
    again = RecycledPost.objects.select_related("publication", "original", "rule")

    measured = again.filter(actual__isnull=False, predicted__isnull=False)
    coming = again.filter(publication__due_at__gt=timezone.now())
    assert measured.count() >= 8
    assert coming.exists()
    for one in again:
        since = one.publication.due_at - one.original.published_at
        assert since.days >= one.rule.min_age_days
        assert one.post.is_demo
    assert again.filter(post__status=PostStatus.IN_REVIEW).exists()
    out = again.filter(publication__status=PublicationStatus.PUBLISHED)
    assert not out.exclude(post__approved_hash=F("post__content_hash")).exists()


def test_a_report_of_these_weeks_tells_them(seeded):
    today = timezone.now().astimezone(Organisation.get().zone).date()
    told = report_section.section(Filters(today - timedelta(weeks=8), today), "en")

    results = {question: result for question, result, _day in told.rows}
    assert len(results) == 2
    assert "Con pregunta" in results["¿Invita a reaccionar una pregunta al final?"]
    assert "went out again" in told.text


def test_nothing_of_the_demo_asks_servers_elsewhere(seeded):
    linked = RecycledPost.objects.exclude(post__link="")

    assert not linked.exists()


def test_a_second_run_adds_nothing(seeded):
    before = rows()

    seed(APPS)

    assert rows() == before
    assert seeded.offset() == 0


def test_posts_of_an_interrupted_run_are_taken_off_the_network(seeded):
    accounts = {one.handle: one for one in Account.objects.filter(is_demo=True)}
    handle = next(iter(accounts))
    before = {post["id"] for post in seeded.posts()}
    seeded.act("POST", "/api/posts", handle, text="Lost", key="f3b8")
    by_hand = seeded.act("POST", "/api/posts", handle, text="Written on the network itself")

    assert leftovers.clear(seeded.base_url, accounts) == 1
    assert {post["id"] for post in seeded.posts()} == {*before, by_hand["id"]}


def test_removing_the_demo_leaves_nothing_of_it(seeded):
    assert RecyclingLearned.get().level != 0

    demo.remove_demo(UserFactory(role="Administrator"))

    left = {label: count for label, count in rows().items() if label.startswith("experiments.")}
    assert {label: count for label, count in left.items() if count} == {}
    assert not Post.objects.exists()
    assert not Publication.objects.exists()
    assert not ABTestLook.objects.exists()
