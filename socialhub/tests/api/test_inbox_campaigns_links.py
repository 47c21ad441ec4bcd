"""Interactions, campaigns and links through the API."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from socialhub.models import AccountGrant, Campaign, Publication, TrackedLink
from socialhub.tests.factories import (
    AccountFactory,
    CampaignFactory,
    InteractionFactory,
    PostFactory,
    PublicationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


# -- interactions ------------------------------------------------------------------


def test_a_comment_is_answered(marketer):
    row = InteractionFactory()

    response = marketer.post(f"/api/interactions/{row.pk}/reply/", {"text": "Two euros"})
    again = marketer.post(f"/api/interactions/{row.pk}/reply/", {"text": "Two euros"})

    assert response.status_code == 201
    expected = {
        "text": "Two euros",
        "status": "scheduled",
        "account": row.account_id,
        "interaction": row.pk,
        "attempts": 0,
    }
    assert {name: response.data[name] for name in expected} == expected
    assert (again.status_code, again.data["type"]) == (409, "being_answered")
    # An answer is a publication, and no post of the list.
    assert marketer.get(f"/api/publications/{response.data['id']}/").status_code == 200
    listed = marketer.get("/api/posts/").data["results"]
    assert [post["id"] for post in listed] == [row.publication.post_id]


@pytest.mark.parametrize("text", ["", "  ", "x" * 100_001])
def test_an_answer_that_is_none(marketer, text):
    row = InteractionFactory()

    response = marketer.post(f"/api/interactions/{row.pk}/reply/", {"text": text})

    assert (response.status_code, list(response.data["fields"])) == (400, ["text"])
    assert not Publication.objects.filter(answers=row).exists()


def test_archive_and_assign(marketer):
    row = InteractionFactory()
    path = f"/api/interactions/{row.pk}/"

    archived = marketer.post(f"{path}archive/")
    back = marketer.post(f"{path}archive/", {"archived": False})
    assigned = marketer.post(f"{path}assign/", {"assignee": marketer.user.pk})
    taken_back = marketer.post(f"{path}assign/", {"assignee": None})
    analyst = UserFactory(role="Analyst")
    refused = marketer.post(f"{path}assign/", {"assignee": analyst.pk})

    assert archived.data["archived_at"] is not None
    assert back.data["archived_at"] is None
    assert (assigned.data["assignee"], taken_back.data["assignee"]) == (marketer.user.pk, None)
    assert (refused.status_code, refused.data["type"]) == (400, "cannot_answer")


def test_one_person_answers_at_a_time(marketer, as_role):
    row = InteractionFactory()
    path = f"/api/interactions/{row.pk}/answering/"

    mine = marketer.post(path)
    theirs = as_role("Marketer").post(path)

    assert mine.data["answering_by"] == marketer.user.pk
    assert (theirs.status_code, theirs.data["type"]) == (409, "being_answered")


def test_the_inbox_can_be_filtered(marketer):
    now = timezone.now()
    waiting = InteractionFactory(text="Any sourdough?")
    answered = InteractionFactory(answered_at=now)
    archived = InteractionFactory(archived_at=now, kind="mention")

    def ids(**query):
        found = marketer.get("/api/interactions/", {"ordering": "id", **query})
        return [row["id"] for row in found.data["results"]]

    assert ids() == [waiting.pk, answered.pk, archived.pk]
    assert ids(answered="false", archived="false") == [waiting.pk]
    assert ids(answered="true") == [answered.pk]
    assert ids(archived="True") == [archived.pk]
    assert ids(account=waiting.account_id) == [waiting.pk]
    assert ids(kind="mention") == [archived.pk]
    assert ids(search="sourdough") == [waiting.pk]


def test_comments_to_accounts_not_granted_do_not_exist(marketer):
    row = InteractionFactory()
    AccountGrant.objects.create(user=marketer.user, account=AccountFactory())

    assert marketer.get("/api/interactions/").data["count"] == 0
    response = marketer.post(f"/api/interactions/{row.pk}/reply/", {"text": "Two euros"})
    assert response.status_code == 404


# -- campaigns ---------------------------------------------------------------------


def test_a_campaign_lives(marketer):
    body = {
        "name": "Spring",
        "budget": "1200.50",
        "utm_campaign": "spring-26",
        "starts_on": "2026-03-01",
        "ends_on": "2026-03-31",
    }

    made = marketer.post("/api/campaigns/", body)
    pk = made.data["id"]
    changed = marketer.put(f"/api/campaigns/{pk}/", {**made.json(), "name": "Summer"})
    gone = marketer.delete(f"/api/campaigns/{pk}/")

    assert made.status_code == 201
    assert {name: made.data[name] for name in body} == body
    assert changed.data["name"] == "Summer"
    assert gone.status_code == 204
    assert Campaign.objects.get().is_archived
    assert marketer.get("/api/campaigns/").data["count"] == 0
    assert marketer.get("/api/campaigns/?archived=true").data["count"] == 1
    assert marketer.get(f"/api/campaigns/{pk}/").data["is_archived"] is True


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"name": "Taken"}, "name"),
        ({"utm_campaign": "two words"}, "utm_campaign"),
        ({"budget": "much"}, "budget"),
        ({"starts_on": "2026-03-31", "ends_on": "2026-03-01"}, None),
    ],
)
def test_a_campaign_that_makes_no_sense(marketer, fields, named):
    CampaignFactory(name="Taken")

    response = marketer.post("/api/campaigns/", {"name": "New", **fields})

    assert response.status_code == 400
    assert list(response.data["fields"]) == ([named] if named else [])
    assert response.data["detail"]
    assert Campaign.objects.count() == 1


# -- links -------------------------------------------------------------------------

TWO = [
    {"key": "a", "url": "https://shop.example/a", "weight": 3},
    {"key": "b", "url": "https://shop.example/b", "weight": 1},
]


def test_a_link_lives(marketer):
    made = marketer.post("/api/links/", {"slug": "spring", "destinations": TWO})

    assert made.status_code == 201, made.data
    assert made.data["short_url"].endswith("/l/spring")
    assert made.data["destinations"] == TWO
    browser = {
        "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    }
    assert Client().get("/l/spring", headers=browser).status_code == 302
    read = marketer.get(f"/api/links/{made.data['id']}/").data
    assert read["clicks"] == 1

    changed = marketer.patch(
        f"/api/links/{read['id']}/",
        {"destinations": [{"key": "a", "url": "https://shop.example/new"}], "is_active": False},
    )
    assert (changed.status_code, changed.data["is_active"]) == (200, False)
    assert changed.data["destinations"] == [
        {"key": "a", "url": "https://shop.example/new", "weight": 1}
    ]
    assert Client().get("/l/spring", headers=browser).status_code == 404


@pytest.mark.parametrize(
    ("fields", "status", "named"),
    [
        ({"destinations": []}, 400, "destinations"),
        ({"destinations": [{**TWO[0]}, {**TWO[1], "key": "a"}]}, 400, "destinations"),
        ({"destinations": [{**TWO[0], "weight": 0}]}, 400, "destinations"),
        ({"destinations": [{"url": "javascript:alert(1)"}]}, 400, "destinations.0.url"),
        ({"destinations": TWO, "slug": "taken"}, 409, "slug"),
        ({"destinations": TWO, "slug": "a/b"}, 400, "slug"),
        ({"destinations": TWO, "clicks": 1000}, 400, "clicks"),
    ],
)
def test_a_link_that_makes_no_sense(marketer, fields, status, named):
    marketer.post("/api/links/", {"slug": "taken", "destinations": TWO})

    response = marketer.post("/api/links/", fields)

    assert (response.status_code, list(response.data["fields"])) == (status, [named])
    assert TrackedLink.objects.count() == 1


def test_a_slug_never_changes(marketer):
    pk = marketer.post("/api/links/", {"slug": "spring", "destinations": TWO}).data["id"]

    response = marketer.patch(f"/api/links/{pk}/", {"slug": "summer"})

    assert (response.status_code, list(response.data["fields"])) == (400, ["slug"])


def test_links_of_posts_not_visible_do_not_exist(marketer):
    hidden = PublicationFactory()
    link = marketer.post(
        "/api/links/", {"destinations": TWO, "post": hidden.post_id, "publication": hidden.pk}
    )
    free = marketer.post("/api/links/", {"destinations": TWO})
    account = AccountFactory()
    limited = marketer.user
    AccountGrant.objects.create(user=limited, account=account)

    assert link.status_code == 201
    shown = marketer.get("/api/links/").data["results"]
    assert [row["id"] for row in shown] == [free.data["id"]]
    assert marketer.get(f"/api/links/{link.data['id']}/").status_code == 404
    borrowed = marketer.post("/api/links/", {"destinations": TWO, "post": PostFactory().pk})
    assert (borrowed.status_code, list(borrowed.data["fields"])) == (400, ["post"])
