"""What a caller has already costs one SELECT, and never survives a change of what it shows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from analytics.models import DataVersion
from analytics.services import rebuilding, recording
from analytics.tests.measured import ROOT, ask, client, measured
from socialhub.models import Account, AccountGrant, ApiToken, Campaign, Organisation, Post
from socialhub.tests.api.conftest import client_of
from socialhub.tests.factories import (
    AccountFactory,
    CampaignFactory,
    InteractionFactory,
    PostFactory,
    UserFactory,
    organisation,
)

pytestmark = pytest.mark.django_db

READS = ("dashboard", "timeseries", "top-posts", "accounts", "export")


@pytest.fixture
def publication():
    account, campaign = AccountFactory(), CampaignFactory()
    at = timezone.now() - timedelta(days=2)
    post = PostFactory(approved=True, campaign=campaign)
    return measured(account, at, post=post, counters={"likes": 3, "impressions": 200})


def fetch(caller, address, etag="", **params):
    headers = {"If-None-Match": etag} if etag else {}
    return caller.get(f"{ROOT}{address}/", params, headers=headers)


def is_stale(caller, address, etag, **params) -> bool:
    answer = fetch(caller, address, etag, **params)
    assert answer.status_code in (200, 304)
    return answer.status_code == 200


@pytest.mark.parametrize("address", READS)
def test_an_unchanged_answer_is_not_sent_again(publication, address):
    caller = client()
    first = fetch(caller, address)

    again = fetch(caller, address, first["ETag"])

    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    for answer in (first, again):
        assert answer["ETag"] == first["ETag"]
        assert {part.strip() for part in answer["Cache-Control"].split(",")} == {
            "private",
            "no-cache",
        }
        vary = {name.strip() for name in answer["Vary"].split(",")}
        assert vary >= {"Accept-Language", "Authorization", "Cookie"}
    assert fetch(caller, address, f'"other", {first["ETag"]}').status_code == 304
    assert fetch(caller, address, '"other"').status_code == 200


@pytest.mark.parametrize("address", READS)
def test_an_unchanged_answer_takes_one_query(publication, address):
    caller = client()
    etag = fetch(caller, address)["ETag"]

    with CaptureQueriesContext(connection) as captured:
        assert fetch(caller, address, etag).status_code == 304

    assert ["analytics_dataversion" in one["sql"] for one in captured] == [True]


@pytest.mark.parametrize("address", [name for name in READS if name != "export"])
def test_an_answer_made_before_takes_one_query(publication, address):
    caller = client()
    first = fetch(caller, address)

    with CaptureQueriesContext(connection) as captured:
        again = fetch(caller, address)

    assert len(captured) == 1
    assert (again.content, again["ETag"]) == (first.content, first["ETag"])


def test_who_asks_and_which_figures_are_read_together(publication):
    user = UserFactory(role="Analyst")
    _row, token = ApiToken.objects.create(user)
    caller = APIClient()
    caller.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    etag = fetch(caller, "dashboard")["ETag"]

    with CaptureQueriesContext(connection) as captured:
        assert fetch(caller, "dashboard", etag).status_code == 304

    # Token, person, language, zone, permissions, grants and the version.
    assert ["analytics_dataversion" in one["sql"] for one in captured] == [True]


@pytest.mark.parametrize("limited", [False, True])
@pytest.mark.parametrize("address", READS)
def test_a_token_sees_what_its_holder_sees(publication, address, limited):
    """What was read before anybody knew who asks is used for nobody who may not see it."""
    other = AccountFactory()
    InteractionFactory(publication=publication)
    user = UserFactory(role="Analyst")
    if limited:
        AccountGrant.objects.create(user=user, account=other)
    by_token, by_session = client_of(user), Client()
    by_session.force_login(user, "django.contrib.auth.backends.ModelBackend")

    for params in (
        {},
        {"platform": publication.account.platform},
        {"account": publication.account_id},
        {"account": other.pk},
        {"campaign": publication.post.campaign_id},
        {"content_type": "text", "days": 7},
        {"platform": "nowhere"},
    ):
        answers = []
        for caller in (by_token, by_session):
            # Each makes it anew.
            caches["local"].clear()
            answers.append(fetch(caller, address, **params))
        assert answers[0].status_code == answers[1].status_code
        assert answers[0].get("ETag") == answers[1].get("ETag")
        assert answers[0].getvalue() == answers[1].getvalue()


@pytest.mark.parametrize("address", READS)
def test_a_new_installation_answers_its_first_token(address):
    caller = client_of(UserFactory(role="Analyst"))
    Organisation.objects.all().delete()

    assert fetch(caller, address).status_code == 200
    assert Organisation.objects.count() == 1


@pytest.mark.parametrize("address", READS)
def test_a_snapshot_makes_every_answer_stale(publication, address):
    caller = client()
    etag = fetch(caller, address)["ETag"]

    recording.record(None, publication, {"likes": 4})

    assert is_stale(caller, address, etag)


def test_the_answer_after_a_change_has_the_change(publication):
    caller = client()
    before = ask("dashboard", caller)

    recording.record(None, publication, {"likes": 4})

    after = ask("dashboard", caller)
    assert (before["total_likes"], after["total_likes"]) == (3, 4)
    assert after["data_version"] > before["data_version"]


@pytest.mark.parametrize("address", READS)
def test_other_questions_have_other_tags(publication, address):
    caller = client()
    given = [
        {},
        {"days": 7},
        {"days": 8},
        {"platform": "sandbox"},
        {"account": publication.account_id},
        {"campaign": publication.post.campaign_id},
        {"content_type": "text"},
    ]

    tags = {fetch(caller, address, **params)["ETag"] for params in given}
    spanish = caller.get(f"{ROOT}{address}/", headers={"Accept-Language": "es"})["ETag"]

    assert len(tags | {spanish}) == len(given) + 1


def test_arguments_of_an_address_are_part_of_its_tag(publication):
    caller = client()

    for address, first, second in (
        ("timeseries", {"kind": "published"}, {"kind": "happened"}),
        ("top-posts", {"limit": 1}, {"limit": 2}),
        ("export", {"what": "days"}, {"what": "publications"}),
        ("export", {"format": "csv"}, {"format": "xlsx"}),
    ):
        assert fetch(caller, address, **first)["ETag"] != fetch(caller, address, **second)["ETag"]


def test_people_of_equal_rights_share_an_answer_and_others_do_not(publication):
    other = AccountFactory()

    everything = fetch(client("Analyst"), "dashboard")
    colleague = fetch(client("Marketer"), "dashboard")
    limited = fetch(client("Analyst", other), "dashboard")

    assert everything["ETag"] == colleague["ETag"] != limited["ETag"]
    assert (everything.json()["total_likes"], limited.json()["total_likes"]) == (3, None)


# -- what changes without a figure ----------------------------------------------------------------


def test_a_comment_that_came_or_was_archived_is_seen_at_once(publication):
    caller = client()
    nothing = fetch(caller, "dashboard")

    comment = InteractionFactory(publication=publication)

    one = fetch(caller, "dashboard", nothing["ETag"])
    assert (one.status_code, one.json()["pending_interactions"]) == (200, 1)
    comment.archived_at = timezone.now()
    comment.save()
    assert fetch(caller, "dashboard").json() == nothing.json()


def test_comments_of_others_do_not_disturb(publication):
    caller = client("Analyst", AccountFactory())
    etag = fetch(caller, "dashboard")["ETag"]

    InteractionFactory(publication=publication)

    assert not is_stale(caller, "dashboard", etag)


@pytest.mark.parametrize("address", READS)
def test_a_post_that_leaves_its_campaign(publication, address):
    caller, campaign = client(), publication.post.campaign_id
    etag = fetch(caller, address, campaign=campaign)["ETag"]

    post = Post.objects.get(pk=publication.post_id)
    post.campaign = None
    post.save()

    assert is_stale(caller, address, etag, campaign=campaign)


@pytest.mark.parametrize("address", ["top-posts", "export"])
def test_a_post_whose_text_is_edited(publication, address):
    caller = client()
    etag = fetch(caller, address)["ETag"]

    post = Post.objects.get(pk=publication.post_id)
    post.text = "Fresh bread"
    post.save()

    assert is_stale(caller, address, etag)


@pytest.mark.parametrize("address", ["top-posts", "accounts", "export"])
def test_an_account_that_is_renamed(publication, address):
    caller = client()
    etag = fetch(caller, address)["ETag"]

    Account.objects.filter(pk=publication.account_id).update(handle="bakery")

    assert is_stale(caller, address, etag)


def test_a_campaign_that_is_renamed(publication):
    caller = client()
    etag = fetch(caller, "export")["ETag"]

    Campaign.objects.update(name="Autumn")

    assert is_stale(caller, "export", etag)


def test_another_zone(publication):
    rebuilding.rebuild(timezone.now())
    caller = client()
    etag = fetch(caller, "dashboard")["ETag"]

    organisation(timezone="Pacific/Auckland")
    waiting = fetch(caller, "dashboard", etag)
    rebuilding.rebuild(timezone.now())
    done = fetch(caller, "dashboard", waiting["ETag"])

    assert (waiting.json()["timezone"], waiting.json()["is_rebuilding"]) == ("UTC", True)
    assert (done.json()["timezone"], done.json()["is_rebuilding"]) == ("Pacific/Auckland", False)


def test_a_restored_backup_that_counts_up_again(publication):
    """The same version number, reached at another moment, is another version."""
    caller = client()
    etag = fetch(caller, "dashboard")["ETag"]

    DataVersion.objects.update(changed_at=timezone.now() + timedelta(hours=1))

    assert is_stale(caller, "dashboard", etag)


# -- readings -------------------------------------------------------------------------------------


def test_readings_have_a_tag_too(publication):
    caller, address = client(), f"posts/{publication.post_id}/metrics"
    etag = fetch(caller, address)["ETag"]
    hidden = client("Analyst", AccountFactory())

    assert fetch(caller, address, etag).status_code == 304
    assert is_stale(caller, address, etag, page_size=1)
    assert fetch(hidden, address, etag).status_code == 404
    DataVersion.objects.update(compacted_to=timezone.now().date())
    assert is_stale(caller, address, etag)


def test_history_does_not_push_out_dashboards(publication):
    caller = client()
    ask(f"posts/{publication.post_id}/metrics", caller)

    assert len(caches["local"]._cache) == 0


def test_a_browser_gets_a_page_that_is_not_kept(publication, client):
    client.force_login(UserFactory(role="Analyst"), "django.contrib.auth.backends.ModelBackend")

    page = client.get(f"{ROOT}dashboard/", headers={"Accept": "text/html"})

    assert (page.status_code, page["Content-Type"].partition(";")[0]) == (200, "text/html")
    assert "ETag" not in page
    assert "total_likes" in page.content.decode()
