"""What a start fixes and makes, and what it refuses."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from experiments.models import ABTest, ABTestState, MetricKind
from experiments.services import ab_tests, counting
from experiments.services.ab_tests import VariantData, starting
from experiments.tests.factories import A, B, approved, make_test, running, slots
from socialhub.models import Post, PostStatus, Publication, PublicationStatus
from socialhub.services import drafts
from socialhub.services.errors import Conflict, Forbidden, Invalid
from socialhub.tests.factories import AccountFactory, CampaignFactory, UserFactory, organisation

pytestmark = pytest.mark.django_db


def starter():
    return UserFactory(role="Marketer")


def test_a_paired_test_owns_its_publications():
    author, campaign = UserFactory(role="Marketer"), CampaignFactory()
    test = running(author, campaign=campaign, language="es", planned_size=4)

    parts = list(test.publications.select_related("publication", "post", "variant"))

    assert (test.state, len(parts)) == (ABTestState.RUNNING, 8)
    for part in parts:
        post, publication = part.post, part.publication
        assert (post.text, post.variant_key) == (part.variant.text, part.variant.key)
        assert (post.author, post.campaign, post.language) == (author, campaign, "es")
        assert (post.status, post.approved_by) == (PostStatus.APPROVED, test.approved_by)
        assert post.approved_hash == part.content_hash == drafts.content_hash(post)
        assert (publication.status, publication.due_at) == ("scheduled", part.due_at)
        assert (publication.account_id, publication.post_id) == (part.account_id, post.pk)
    assert Publication.objects.due(parts[-1].due_at).count() == 8


def test_the_plan_is_fixed():
    test = running(planned_size=16)

    times = [part.due_at for part in test.publications.all()]
    assert (test.kind, test.planned_size, test.paired_looks) == (MetricKind.RATE, 16, [8, 12])
    assert (test.starts_at, test.started_by.groups.get().name) == (min(times), "Marketer")
    assert test.ends_at == max(times) + counting.MATURE_AFTER + counting.TIME_TO_READ
    assert counting.plan_of(test).planned == 16


def test_a_network_without_impressions_is_counted():
    account = slots(AccountFactory(platform="mastodon", server_url="https://m.example"))

    assert running(accounts=[account]).kind == MetricKind.COUNT


def test_variants_have_keys_of_their_own():
    first, second = running(), running()

    keys = [one.key for test in (first, second) for one in test.variants.all()]
    assert len(set(keys)) == 4
    assert "" not in keys


def test_single_posts_start_with_the_last_and_take_a_week_or_more():
    test = running(design="single_post")

    parts = list(test.publications.all())
    assert [part.block for part in parts] == [0, 0]
    assert test.starts_at == max(part.due_at for part in parts)
    assert timedelta(days=7) <= test.ends_at - test.starts_at <= timedelta(days=28)


def test_an_open_ended_test_has_no_end():
    assert running(design="single_post", is_open_ended=True).ends_at is None


def test_a_split_test_publishes_nothing():
    links = [VariantData(link=f"https://shop.example/{n}") for n in range(2)]

    test = running(design="split", split_by="link", metric="leads", variants=links)

    assert (test.state, test.kind) == (ABTestState.RUNNING, MetricKind.PROPORTION)
    assert test.publications.count() == 0
    found = sorted(test.link.destinations.values_list("key", "url"))
    assert found == [(one.key, one.link) for one in test.variants.order_by("position")]


# -- what is refused ------------------------------------------------------------------


def test_a_draft_does_not_start():
    with pytest.raises(Conflict) as refused:
        ab_tests.start(make_test(), starter())

    assert refused.value.code == "not_approved"
    assert not Publication.objects.exists()


def test_who_may_approve_may_start_a_draft():
    test = ab_tests.start(make_test(), UserFactory(role="Administrator"))

    assert (test.state, test.approved_by) == (ABTestState.RUNNING, test.started_by)


def test_nobody_starts_an_unapproved_test_they_wrote_unless_the_organisation_allows_it():
    admin = UserFactory(role="Administrator")
    test = make_test(admin)

    with pytest.raises(Conflict):
        ab_tests.start(test, admin)
    organisation(self_approval=True)

    assert ab_tests.start(test, admin).state == ABTestState.RUNNING


def test_it_starts_once():
    test = running()

    with pytest.raises(Conflict) as refused:
        ab_tests.start(test, starter())

    assert refused.value.code == "wrong_state"
    assert Publication.objects.count() == 8


def test_a_changed_picture_needs_another_approval():
    test = approved()
    ABTest.objects.filter(pk=test.pk).update(question="Something else?")

    with pytest.raises(Conflict) as refused:
        ab_tests.start(test, starter())

    assert refused.value.code == "changed_since_approval"


def test_nothing_is_made_when_one_thing_fails():
    """The last slot of half a year is missing: no post, no publication, still approved."""
    account = slots(AccountFactory(), (1, 9))
    test = approved(accounts=[account], planned_size=14)

    with pytest.raises(Invalid) as refused:
        ab_tests.start(test, starter())

    test.refresh_from_db()
    assert (refused.value.code, test.state) == ("no_room", ABTestState.APPROVED)
    assert (Post.objects.count(), test.variants.exclude(key="").count()) == (0, 0)


@pytest.mark.parametrize("role", ["Approver", "Analyst"])
def test_who_may_not_start(role):
    with pytest.raises(Forbidden):
        ab_tests.start(approved(), UserFactory(role=role))


def test_an_end_out_of_reach_is_refused():
    soon = timezone.now() + timedelta(days=10)

    with pytest.raises(Invalid) as early:
        ab_tests.start(approved(ends_at=soon), starter())
    with pytest.raises(Invalid) as long:
        far = timezone.now() + timedelta(days=60)
        ab_tests.start(approved(design="single_post", ends_at=far), starter())

    assert (early.value.code, long.value.code) == ("ends_too_early", "duration")


def test_without_history_and_size_a_test_of_impressions_says_what_is_missing():
    test = approved(design="single_post", planned_size=None)

    with pytest.raises(Invalid) as refused:
        ab_tests.start(test, starter())

    assert (refused.value.code, list(refused.value.fields)) == ("no_history", ["planned_size"])
    assert ab_tests.start(approved(planned_size=None), starter()).planned_size == 16


@pytest.mark.parametrize(("blocks", "looks"), [(4, []), (15, []), (16, [8, 12]), (30, [15, 22])])
def test_looks_of_paired_slots(blocks, looks):
    assert starting.looks_of(blocks) == looks


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"accounts": []}, "no_accounts"),
        ({"variants": [A, B, A]}, "equal_variants"),
        ({"variants": [A, VariantData(text="x" * 20_000)]}, "does_not_fit"),
        ({"design": "single_post", "metric": "revenue"}, "metric_design"),
        ({"is_open_ended": True}, "open_ended"),
        ({"planned_size": 3}, "planned_size"),
        ({"planned_size": 201}, "planned_size"),
        (
            {
                "design": "split",
                "split_by": "link",
                "metric": "clicks",
                "variants": [
                    VariantData(link="https://a.example"),
                    VariantData(link="https://b.example"),
                ],
            },
            "metric_design",
        ),
        (
            {
                "design": "split",
                "split_by": "page",
                "metric": "clicks",
                "variants": [VariantData(text="One"), VariantData(text="Two")],
            },
            "cannot_split",
        ),
    ],
)
def test_what_cannot_be_tested_is_said_before_it_is_approved(fields, code):
    test = make_test(**fields)

    with pytest.raises(Invalid) as refused:
        ab_tests.submit(test, test.author)
    with pytest.raises(Invalid):
        ab_tests.approve(test, UserFactory(role="Approver"))

    assert refused.value.code == code
    assert ab_tests.problems(test)


def test_places_that_cannot_be_used():
    unable = AccountFactory(status="needs_reconnect")
    test = make_test(accounts=[unable, AccountFactory()])

    with pytest.raises(Invalid) as refused:
        ab_tests.validate(test)

    assert len(refused.value.fields["accounts"]) == 3
    assert "reconnected" in refused.value.message
    assert "posting slots" in refused.value.message


def test_clicks_need_a_link_where_the_network_counts_none():
    account = slots(AccountFactory(platform="mastodon", server_url="https://m.example"))
    linked = [
        VariantData(text=f"See {n}", link="https://shop.example/", track_link=True)
        for n in range(2)
    ]

    without = ab_tests.problems(make_test(accounts=[account], metric="clicks"))
    with_links = ab_tests.problems(make_test(accounts=[account], metric="clicks", variants=linked))

    assert (len(without), with_links) == (1, [])


def test_a_test_of_a_text_with_itself_is_possible_and_known():
    same = make_test(variants=[A, A])

    assert ab_tests.problems(same) == []
    assert ab_tests.is_same_twice(same)
    assert not ab_tests.is_same_twice(make_test())


def test_times_chosen_that_have_passed_at_the_start_mean_now():
    test = approved(first_at=timezone.now() + timedelta(days=1))

    with time_machine.travel(timezone.now() + timedelta(days=30), tick=False):
        started = ab_tests.start(test, starter())
        assert started.starts_at > timezone.now()


def test_publications_of_the_same_hour_are_never_planned_twice():
    account = slots(AccountFactory())

    for _n in range(2):
        running(accounts=[account])

    times = list(Publication.objects.values_list("due_at", flat=True))
    assert len(set(times)) == len(times) == 16
    assert set(Publication.objects.values_list("status", flat=True)) == {
        PublicationStatus.SCHEDULED
    }
