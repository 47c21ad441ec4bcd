"""The daily job on real rows: what it plans, and the rules it keeps."""

from __future__ import annotations

import math
from datetime import time, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from threading import Thread

import pytest
from django.utils import timezone

from analytics.services import recording, tracking
from experiments.models import PostCheck, RecycledPost, Wording
from experiments.models.checks import LinkState
from experiments.recycling import networks, similarity
from experiments.services.recycling import (
    candidates,
    checking,
    choosing,
    learning,
    making,
    measuring,
    planning,
    preview,
    verbs,
)
from experiments.tests.recycling.shown import DAY, shown
from socialhub.models import (
    AccountStatus,
    Notice,
    NoticeKind,
    PostingSlot,
    PostStatus,
    PublicationStatus,
)
from socialhub.services import leases, media, posts, publishing
from socialhub.services.errors import Conflict, Invalid
from socialhub.tests.factories import AccountFactory, PublicationFactory, UserFactory

pytestmark = pytest.mark.django_db


def account_with_slots(*hours: int, **fields):
    account = AccountFactory(**fields)
    for weekday in range(7):
        for hour in hours:
            PostingSlot.objects.create(account=account, weekday=weekday, time=time(hour))
    return account


def library(account, number=8):
    """Posts without numbers: the one that waited longest is first."""
    return [shown(account, 60 + n) for n in reversed(range(number))]


def rule(*accounts, **fields):
    given = {"name": "Evergreens", "needs_approval": False, **fields}
    return verbs.create_rule(None, accounts=accounts, **given)


def plan(days=0):
    return planning.plan_all(timezone.now() + days * DAY)


def planned():
    rows = RecycledPost.objects.select_related("post", "publication", "original__post")
    return list(rows.order_by("publication__due_at"))


def queue_fresh_posts(account, days=40):
    """A post of today's in every second slot, so that repetitions have neighbours."""
    now = timezone.now()
    slots = [now.replace(hour=9, minute=0, second=0, microsecond=0) + n * DAY for n in range(days)]
    for at in slots:
        if at > now:
            PublicationFactory(account=account, due_at=at, post__text=f"fresh {at:%j %x}" * 3)


def test_fills_a_free_slot_with_the_best_post_under_the_originals_approval():
    account = account_with_slots(9, 18)
    approver = UserFactory()
    best = shown(account, 90, 90, 1000)
    type(best.post).objects.filter(pk=best.post_id).update(approved_by=approver)
    for n in range(9):
        shown(account, 91 + n, 30, 1000)
    own = rule(account)

    done = plan()

    (row,) = planned()
    assert (done["planned"], done["in_review"], done["failed"]) == (1, 0, 0)
    assert (row.original, row.rule, row.number, row.account) == (best, own, 1, account)
    assert (row.post.text, row.post.is_evergreen) == (best.post.text, True)
    assert (row.post.status, row.post.approved_by) == (PostStatus.APPROVED, approver)
    assert row.post.content_hash == best.post.content_hash
    assert row.publication.status == PublicationStatus.SCHEDULED
    assert row.publication.due_at > timezone.now() + choosing.LEAD
    assert 0.03 < row.predicted < 0.09
    assert row.quality > 1


def test_the_copy_keeps_what_belongs_to_the_post(admin_user, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    asset = media.MediaAsset.objects.create(
        file="a.png", sha256="a", mime="image/png", size=1, width=1, height=1, alt_text="Bread"
    )
    (tmp_path / "a.png").write_bytes(b"x")
    account = account_with_slots(9)
    original = shown(
        account,
        90,
        link="https://example.org/a",
        track_link=True,
        language="es",
        content_type="image",
        media=[asset],
        override="Otro texto para esta cuenta, con pan de masa madre",
        approved=False,
    )
    # Approved as it stands, override and picture included.
    posts.approve(original.post, admin_user)

    made = verbs.recycle(original, None, due_at=timezone.now() + DAY)

    copy = made.post
    assert (copy.text, copy.link, copy.track_link) == (original.post.text, original.post.link, True)
    assert (copy.language, copy.content_type) == ("es", "image")
    assert [item.media for item in copy.post_media.all()] == [asset]
    assert made.publication.text_override == original.text_override
    assert copy.status == PostStatus.APPROVED


def test_a_rule_may_ask_for_approval_and_keeps_the_time():
    account = account_with_slots(9)
    library(account, 1)
    rule(account, needs_approval=True)
    approver = UserFactory(role="Approver")

    assert plan()["in_review"] == 1

    (row,) = planned()
    assert row.post.status == PostStatus.IN_REVIEW
    assert row.publication.status == PublicationStatus.DRAFT
    assert Notice.objects.filter(kind=NoticeKind.TO_APPROVE, post=row.post).exists()
    posts.approve(row.post, approver)
    row.publication.refresh_from_db()
    assert row.publication.status == PublicationStatus.SCHEDULED
    assert row.publication.due_at == planned()[0].publication.due_at


def test_an_original_that_was_changed_since_goes_into_review():
    account = account_with_slots(9)
    (original,) = library(account, 1)
    posts.edit(original.post, None, text=f"{original.post.text} and butter")
    rule(account)

    plan()

    assert [row.post.status for row in planned()] == [PostStatus.IN_REVIEW]


def test_another_wording_always_needs_a_person():
    account = account_with_slots(9)
    text = "Discover our new bread. It needs time, water and patience. What do you bake at home?"
    shown(account, 90, text=text)
    rule(account, wording=Wording.VARIED)

    plan()

    (row,) = planned()
    assert row.post.status == PostStatus.IN_REVIEW
    assert row.post.text != text
    assert str(row.original.post_id) in row.post.review_comment


def test_a_network_that_refuses_the_same_text_gets_another_one_or_nothing(monkeypatch):
    monkeypatch.setitem(networks.RULES, "sandbox", networks.RULES["x"])
    account = account_with_slots(9)
    original = shown(account, 200)
    rule(account)

    with pytest.raises(Invalid) as refused:
        verbs.recycle(original, None, text=f"{original.post.text}!")
    assert refused.value.code == "text_must_change"
    plan()

    for row in planned():
        old, new = similarity.runs(original.post.text), similarity.runs(row.post.text)
        assert similarity.similarity(old, new) < similarity.TOO_ALIKE
        assert row.post.status == PostStatus.IN_REVIEW
    again = verbs.recycle(shown(account, 300), None, text="Something else altogether, at last")
    assert again.post.status == PostStatus.IN_REVIEW


def test_never_two_in_a_row_whatever_is_free():
    account = account_with_slots(9, 18)
    library(account)
    rule(account)

    for day in range(6):
        plan(day)

    assert len(planned()) == 1


def test_at_most_the_share_of_a_weeks_slots_and_one_on_a_day():
    account = account_with_slots(9, 18)
    library(account, 16)
    queue_fresh_posts(account, 20)
    rule(account, share=0.3)

    for day in range(14):
        plan(day)

    weeks, days = {}, {}
    for row in planned():
        local = row.publication.due_at
        weeks[local.isocalendar()[:2]] = weeks.get(local.isocalendar()[:2], 0) + 1
        days[local.date()] = days.get(local.date(), 0) + 1
    # 0.3 of 14 slots.
    assert max(weeks.values()) == 4
    assert max(days.values()) == 1
    line = sorted(account.publications.values_list("due_at", "repeats__pk"))
    assert not [one for one, two in pairwise(line) if one[1] and two[1]]


def test_days_without_the_job_are_not_made_up():
    account = account_with_slots(9, 18)
    library(account, 8)
    queue_fresh_posts(account, 15)
    rule(account)

    plan(8)

    # The coming days only, one on each.
    days = [row.publication.due_at.date() for row in planned()]
    assert len(days) == len(set(days)) <= 3
    assert min(days) >= (timezone.now() + 8 * DAY).date()


def test_a_paused_or_lost_account_gets_nothing():
    account, lost = account_with_slots(9), account_with_slots(9)
    for one in (account, lost):
        library(one, 1)
    type(account).objects.filter(pk=account.pk).update(paused_until=timezone.now() + 5 * DAY)
    type(lost).objects.filter(pk=lost.pk).update(status=AccountStatus.NEEDS_RECONNECT)
    rule(account, lost)

    plan()

    assert planned() == []
    plan(5)
    assert [row.account for row in planned()] == [account]


def test_inactive_over_and_out_of_season_rules_do_nothing():
    account = account_with_slots(9)
    library(account, 1)
    one = rule(account, is_active=False)
    plan()
    verbs.edit_rule(one, None, is_active=True, expires_on=timezone.localdate() - DAY)
    plan()
    later = timezone.localdate() + 30 * DAY
    verbs.edit_rule(
        one, None, expires_on=None, season_from=f"{later:%m-%d}", season_to=f"{later:%m-%d}"
    )
    plan()

    assert planned() == []


def test_a_second_job_at_the_same_time_makes_no_double():
    account = account_with_slots(9)
    library(account, 2)
    rule(account)

    with leases.held(f"recycling:{account.pk}", 60):
        assert plan()["planned"] == 0
    plan()
    plan()

    assert len(planned()) == 1


def test_two_orders_of_one_repetition_make_one():
    account = account_with_slots(9)
    (original,) = library(account, 1)
    now = timezone.now()
    account = type(account).objects.prefetch_related("slots").get(pk=account.pk)
    desk = choosing.desks([account], now, now + choosing.AHEAD)[0]
    pick = next(iter(choosing.picks(desk, [rule(account)], now, now + choosing.AHEAD)))
    order = planning.order(desk, pick, original, None)

    making.make(order)
    with pytest.raises(Conflict):
        making.make(order)

    assert len(planned()) == 1


def test_a_cancelled_repetition_leaves_its_slot_to_another_post():
    account = account_with_slots(9)
    first, second = library(account, 2)
    rule(account)
    plan()
    (cancelled,) = planned()
    publishing.cancel(cancelled.publication, None)

    plan()

    assert {row.original for row in planned()} == {first, second}
    assert len({row.publication.due_at for row in planned()}) == 1


class Site(BaseHTTPRequestHandler):
    statuses: dict = {}

    def do_HEAD(self):
        self.send_response(self.statuses.get(self.path, 200))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def site(settings):
    settings.SOCIALHUB_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
    server = HTTPServer(("127.0.0.1", 0), Site)
    Thread(target=server.serve_forever, daemon=True).start()
    Site.statuses = {}
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_dead_link_is_found_before_it_is_repeated(site):
    account = account_with_slots(9)
    dead = shown(account, 200, link=f"{site}/dead")
    alive = shown(account, 100, link=f"{site}/alive")
    Site.statuses = {"/dead": 404}
    rule(account)

    plan()

    assert [row.original for row in planned()] == [alive]
    checks = dict(PostCheck.objects.values_list("post_id", "link"))
    assert checks == {dead.post_id: LinkState.DEAD, alive.post_id: LinkState.ALIVE}


def test_a_site_that_is_down_once_is_asked_again(site):
    publication = shown(AccountFactory(), 200, link=f"{site}/down")
    Site.statuses = {"/down": 503}
    now = timezone.now()

    states = [checking.ensure(publication.post, now + n * DAY).link for n in range(3)]
    assert states == [LinkState.UNKNOWN, LinkState.UNKNOWN, LinkState.DEAD]
    Site.statuses = {}
    checking.again(now + 10 * DAY)
    assert checking.ensure(publication.post, now + 11 * DAY).link == LinkState.ALIVE


def test_the_preview_is_what_the_job_does_when_nothing_else_happens():
    account = account_with_slots(9, 18)
    library(account, 16)
    queue_fresh_posts(account, 20)
    own = rule(account)
    foreseen = preview.preview(weeks=2)

    for day in range(9):
        plan(day)

    made = {(row.publication.due_at, row.original_id) for row in planned()}
    told = {(one.at, one.publication.pk) for one in foreseen}
    assert len(made) >= 6
    # The job fills three days ahead.
    assert {pair for pair in told if pair[0] <= max(at for at, _ in made)} == made
    assert {one.rule for one in foreseen} == {own}


def test_measured_against_what_was_predicted():
    account = AccountFactory()
    for n in range(10):
        original = shown(account, 100 + n, 20 + 2 * n, 1000)
    made = verbs.recycle(original, None, due_at=timezone.now() + DAY)
    out_at = timezone.now() - 10 * DAY
    type(made.publication).objects.filter(pk=made.publication_id).update(
        status=PublicationStatus.PUBLISHED, remote_id="again", published_at=out_at
    )
    tracking.ensure_stats([made.publication_id])
    made.publication.refresh_from_db()

    def read(after, likes):
        counters = {"likes": likes, "impressions": 1000}
        recording.record(None, made.publication, counters, out_at + after)
        return measuring.measure(timezone.now())

    assert read(timedelta(hours=2), 5) == 0
    assert read(timedelta(hours=80), 25) == 1
    assert read(timedelta(hours=90), 26) == 0
    made.refresh_from_db()
    assert (made.actual, made.actual_rank) == (0.025, 30)


def test_other_accounts_go_on_when_one_fails():
    broken, fine = account_with_slots(9), account_with_slots(9)
    for one in (broken, fine):
        library(one, 1)
    # A zone that no database of zones knows.
    type(broken).objects.filter(pk=broken.pk).update(audience_timezone="Nowhere/None")
    rule(broken, fine)

    done = plan()

    assert (done["failed"], done["planned"]) == (1, 1)
    assert [row.account for row in planned()] == [fine]


def test_predictions_follow_what_repetitions_earned():
    account = AccountFactory()
    for n in range(12):
        original = shown(account, 150 + n, 30, 1000)
        again = shown(account, 20 + n, 60, 1000)
        RecycledPost.objects.create(
            account=account,
            original=original,
            number=1,
            post=again.post,
            publication=again,
            **dict.fromkeys(("score", "quality", "freshness", "fatigue", "decay"), 1),
            season=1,
            diversity=1,
            predicted=0.03,
            actual=0.06,
        )
    fresh = shown(account, 200, 30, 1000)

    def predicted():
        rows = candidates.candidates(accounts=[account])
        return next(one.predicted for one in rows if one.publication == fresh)

    before = predicted()
    told = learning.learn(timezone.now())
    again_told = learning.learn(timezone.now())

    # Each earned twice what was predicted, and still topics grow old: more than 12 / 17 ln 2.
    assert told["level"] > 0.49
    assert again_told == told
    assert predicted() == pytest.approx(before * math.exp(told["level"]))


def test_a_missed_repetition_uses_up_its_share_of_the_week():
    account = account_with_slots(9, 18)
    library(account, 16)
    queue_fresh_posts(account, 20)
    rule(account, share=0.08)
    plan()
    (first,) = planned()
    type(first.publication).objects.filter(pk=first.publication_id).update(
        status=PublicationStatus.MISSED
    )

    week = first.publication.due_at.isocalendar()[:2]
    for day in range(1, 7):
        plan(day)

    again = [row for row in planned() if row.publication.due_at.isocalendar()[:2] == week]
    assert again == [first]
