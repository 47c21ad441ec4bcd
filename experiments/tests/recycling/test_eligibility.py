"""Every reason why a post may not go out again, on real rows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from experiments.models import ABTest, ABTestState, PostCheck, PostRecycling
from experiments.models.checks import LinkState
from experiments.services.recycling import candidates, verbs
from experiments.tests.factories import running, slots
from experiments.tests.recycling.shown import DAY, shown, text
from socialhub.models import AccountStatus, Publication, PublicationStatus
from socialhub.services import posts
from socialhub.tests.factories import (
    AccountFactory,
    CampaignFactory,
    PublicationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def codes(publication, rule=None, **asked):
    rows = candidates.candidates(accounts=[publication.account], rule=rule, **asked)
    return {r.publication.pk: [reason.code for reason in r.reasons] for r in rows}[publication.pk]


def said(publication, **fields):
    return PostRecycling.objects.update_or_create(post=publication.post, defaults=fields)[0]


def rule_for(publication, **fields):
    given = {"name": "R", "accounts": [publication.account], **fields}
    return verbs.create_rule(None, **given)


def test_a_good_old_post_has_none():
    assert codes(shown(AccountFactory(), 90, 30, 1000)) == []


def test_people_decide():
    publication, user = shown(AccountFactory(), 90), UserFactory(role="Marketer")

    verbs.never(publication, user)
    assert codes(publication) == ["never"]
    verbs.again(publication, user)
    assert codes(publication) == []
    verbs.skip(publication, user)
    assert codes(publication) == ["skipped"]
    assert codes(publication, now=timezone.now() + 31 * DAY) == []
    verbs.again(publication, user)
    verbs.describe(publication, user, time_sensitive=True)
    assert codes(publication) == ["time_sensitive"]


@pytest.mark.parametrize(
    ("evergreen", "answer", "expected"),
    [
        (False, None, ["looks_bound_to_date"]),
        (True, None, []),
        (False, False, []),
        (False, True, ["time_sensitive"]),
    ],
)
def test_a_text_that_looks_bound_to_a_date_is_asked_about_until_somebody_says(
    evergreen, answer, expected
):
    publication = shown(AccountFactory(), 90, text="Hoy, menú a 12 €", is_evergreen=evergreen)
    said(publication, time_sensitive=answer)

    assert codes(publication) == expected


def test_calendar():
    publication = shown(AccountFactory(), 90)
    today = timezone.localdate()
    said(publication, expires_on=today - DAY)
    assert codes(publication) == ["expired"]
    said(publication, expires_on=today)
    assert codes(publication) == []
    for first, last, expected in (
        (today - 2 * DAY, today + 2 * DAY, []),
        (today + 2 * DAY, today + 9 * DAY, ["out_of_season"]),
    ):
        said(publication, season_from=f"{first:%m-%d}", season_to=f"{last:%m-%d}")
        assert codes(publication) == expected


def test_days_are_those_of_the_organisation():
    from socialhub.tests.factories import organisation

    organisation(timezone="America/Mexico_City")
    publication = shown(AccountFactory(), 90)
    said(publication, expires_on=date(2026, 12, 24))

    # In Mexico it is still the 24th.
    with time_machine.travel("2026-12-25T03:00:00+00:00", tick=False):
        assert codes(publication) == []
    with time_machine.travel("2026-12-25T07:00:00+00:00", tick=False):
        assert codes(publication) == ["expired"]


@pytest.mark.parametrize(
    ("times", "days", "expected"),
    [(0, 31, []), (1, 30, ["cooldown"]), (1, 32, []), (2, 41, ["cooldown"]), (2, 43, [])],
)
def test_each_repetition_makes_the_cooldown_half_as_long_again(times, days, expected):
    """21 days on most networks, times 1.5 after one repetition, 2 after two."""
    first = shown(AccountFactory(), 400)
    for n in range(times):
        shown(first.account, days + 60 * (times - 1 - n), post=first.post)
    if not times:
        first = shown(AccountFactory(), days)

    assert codes(first) == expected


def test_networks_have_cooldowns_of_their_own(monkeypatch):
    from experiments.recycling import networks

    monkeypatch.setitem(networks.RULES, "sandbox", networks.RULES["x"])
    first = shown(AccountFactory(), 200)
    shown(first.account, 40, post=first.post)

    assert codes(first) == ["cooldown"]
    assert codes(first, now=timezone.now() + 5 * DAY) == []


def test_youngest_age_and_the_rules_own():
    publication = shown(AccountFactory(), 29)
    assert codes(publication) == ["too_young"]
    older = shown(AccountFactory(), 70)
    assert codes(older, rule_for(older, min_age_days=71)) == ["too_young"]


def test_the_cap():
    first = shown(AccountFactory(), 3000)
    for n in range(5):
        shown(first.account, 2500 - 300 * n, post=first.post)

    assert codes(first) == ["cap"]
    assert codes(first, rule_for(first, cap=6)) == []


def test_numbers_have_to_be_read_late_enough():
    account = AccountFactory()
    unread = shown(account, 90)
    assert codes(unread) == []
    shown(account, 95, 30, 1000)
    assert codes(unread) == ["not_measured"]


def test_two_weak_showings_in_a_row_end_it():
    account = AccountFactory()
    for n in range(12):
        shown(account, 60 + n, 30 + n, 1000)
    first = shown(account, 300, 10, 1000)
    assert codes(first) == []
    shown(account, 200, 11, 1000, post=first.post)
    assert codes(first) == ["tired"]
    shown(account, 100, 80, 1000, post=first.post)
    assert codes(first) == []


def test_deleted_on_the_network():
    publication = shown(AccountFactory(), 90, 30, 1000)
    type(publication.stats).objects.filter(pk=publication.pk).update(gone_at=timezone.now())

    assert codes(publication) == ["gone"]


def test_archived_and_series():
    archived = shown(AccountFactory(), 90)
    posts.archive(archived.post, None)
    assert codes(archived) == ["archived"]
    first = shown(AccountFactory(), 90)
    part = PublicationFactory(
        account=first.account, parent=first, published=True, published_at=first.published_at
    )
    assert codes(first) == ["part_of_series"]
    listed = [row.publication for row in candidates.candidates(accounts=[first.account])]
    assert part not in listed


def test_account_has_to_be_connected():
    publication = shown(AccountFactory(), 90)
    publication.account.status = AccountStatus.NEEDS_RECONNECT
    publication.account.save()

    assert codes(publication) == ["account_unusable"]


def test_links_and_pictures_as_they_were_last_seen():
    publication = shown(AccountFactory(), 90, link="https://example.org/a")
    check = PostCheck.objects.create(
        post=publication.post, checked_at=timezone.now(), link=LinkState.DEAD, link_detail="404"
    )
    assert codes(publication) == ["link_dead"]
    PostCheck.objects.filter(pk=check.pk).update(link=LinkState.ALIVE, media_missing=True)
    assert codes(publication) == ["media_missing"]


def test_not_while_an_ab_test_runs_with_it():
    publication = shown(AccountFactory(), 90)
    test = ABTest.objects.create(
        question="Which?",
        source_post=publication.post,
        state=ABTestState.RUNNING,
        content_hash="x",
        approved_hash="x",
        planned_size=8,
        started_at=timezone.now(),
        starts_at=timezone.now(),
    )
    assert codes(publication) == ["in_test"]
    test.delete()
    assert codes(publication) == []


@pytest.mark.parametrize(
    ("has_winner", "other", "stands"),
    [(True, "lost_test", "B"), (False, "test_without_winner", "A")],
)
def test_of_a_decided_test_the_newest_showing_of_the_winner_stands_for_all(
    has_winner, other, stands
):
    test = running(accounts=[slots(AccountFactory())])
    b = test.variants.get(name="B")
    for n, part in enumerate(test.publications.order_by("due_at")):
        Publication.objects.filter(pk=part.publication_id).update(
            status=PublicationStatus.PUBLISHED,
            remote_id=f"r{n}",
            published_at=timezone.now() - 90 * DAY + n * timedelta(hours=1),
        )
    ABTest.objects.filter(pk=test.pk).update(
        state=ABTestState.DECIDED,
        outcome="winner" if has_winner else "inconclusive",
        winner=b if has_winner else None,
        decided_at=timezone.now(),
    )

    rows = candidates.candidates(accounts=[test.accounts.get()])
    said = {one.publication.pk: {reason.code for reason in one.reasons} for one in rows}

    parts = list(test.publications.select_related("variant").order_by("due_at"))
    mine = [part for part in parts if part.variant.name == stands]
    about_tests = {other, "shown_again_in_test"}
    found = {part.publication_id: said[part.publication_id] & about_tests for part in parts}
    assert found == {
        **{part.publication_id: {other} for part in parts if part not in mine},
        **{part.publication_id: {"shown_again_in_test"} for part in mine[:-1]},
        mine[-1].publication_id: set(),
    }


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (PublicationStatus.SCHEDULED, ["already_planned"]),
        (PublicationStatus.MISSED, ["waits_for_person"]),
        (PublicationStatus.FAILED, ["waits_for_person"]),
        (PublicationStatus.CANCELLED, ["cancelled"]),
    ],
)
def test_one_repetition_at_a_time_and_a_cancelled_one_is_none(status, expected):
    publication = shown(AccountFactory(), 90)
    made = verbs.recycle(publication, None, due_at=timezone.now() + DAY)
    type(made.publication).objects.filter(pk=made.publication_id).update(status=status)

    assert codes(publication) == expected
    assert candidates.candidate(publication, timezone.now()).times_recycled == 0
    if expected == ["cancelled"]:
        assert codes(publication, now=timezone.now() + 32 * DAY) == []
        assert verbs.recycle(publication, None, due_at=timezone.now() + DAY).number == 2


@pytest.mark.parametrize("how", ["published", "queued"])
def test_nothing_like_what_just_went_out_or_waits(how):
    account = AccountFactory()
    publication = shown(account, 90, text=text(3))
    other = f"{text(3).upper()}!"
    if how == "published":
        shown(account, 10, text=other)
    else:
        PublicationFactory(
            account=account, post__text=other, due_at=timezone.now() + timedelta(days=2)
        )

    assert codes(publication) == ["similar"]
    # Elsewhere it may.
    assert codes(shown(AccountFactory(), 90, text=text(3))) == []


def test_what_a_rule_is_about():
    account = AccountFactory()
    campaign = CampaignFactory()
    inside = shown(account, 90, campaign=campaign, language="es", is_evergreen=False)
    outside = shown(account, 90, language="es")
    rule = rule_for(inside, campaign=campaign, language="es")

    listed = {row.publication.pk for row in candidates.candidates(rule=rule)}

    assert listed == {inside.pk}
    assert outside.pk not in listed
    assert codes(inside, rule) == ["not_evergreen"]
    verbs.edit_rule(rule, None, only_evergreen=False)
    rule.refresh_from_db()
    assert codes(inside, rule) == []


def test_every_reason_is_a_sentence():
    from experiments.services.recycling import eligibility

    params = {
        "until": timezone.now(),
        "account": "shop",
        "detail": "404",
        "day": date(2026, 1, 1),
        "first": "12-01",
        "last": "12-24",
        "days": 30,
        "times": 2,
        "words": "today",
        "percent": 90,
    }
    for code in [*eligibility._texts(), "cap", "too_young"]:
        said_so = eligibility.sentence(code, params)
        assert said_so.endswith(".")
        assert "%(" not in said_so
