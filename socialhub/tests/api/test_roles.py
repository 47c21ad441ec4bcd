"""docs/roles.md is the law: every verb as every role, through the API."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from rest_framework.permissions import SAFE_METHODS

from socialhub import policies, roles
from socialhub.api import urls
from socialhub.api.viewsets.accounts import SlotViewSet
from socialhub.tests.factories import (
    AccountFactory,
    CampaignFactory,
    InteractionFactory,
    PostFactory,
    PublicationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
PAGE = Path(__file__).resolve().parents[3] / "docs" / "roles.md"


def table() -> dict[str, dict[str, bool]]:
    """verb → role → allowed, as the page says."""
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    names = rows[0][2:]
    return {
        row[0].strip("`"): {role: cell == "yes" for role, cell in zip(names, row[2:], strict=True)}
        for row in rows[2:]
    }


def later() -> str:
    return (timezone.now() + timedelta(hours=2)).isoformat()


# One call or more per verb: (method, address with the id filled in, what the id is of, body).
CALLS = {
    "view": [
        *[
            ("get", f"/api/{noun}/", None, None)
            for noun in (
                "accounts",
                "posts",
                "publications",
                "media",
                "interactions",
                "campaigns",
                "links",
                "jobs",
            )
        ],
        ("post", "/api/posts/count/", None, {"text": "x", "accounts": []}),
    ],
    "write_post": [
        ("post", "/api/posts/", None, {"text": "x"}),
        ("patch", "/api/posts/{}/", PostFactory, {"text": "x"}),
        ("put", "/api/posts/{}/", PostFactory, {"text": "x"}),
        ("post", "/api/posts/{}/archive/", PostFactory, {}),
        ("delete", "/api/posts/{}/", PostFactory, None),
        ("post", "/api/imports/", None, {}),
        ("get", "/api/imports/", None, None),
    ],
    "submit_post": [("post", "/api/posts/{}/submit/", PostFactory, {})],
    "approve_post": [
        ("post", "/api/posts/{}/approve/", PostFactory, {}),
        ("post", "/api/posts/{}/request-changes/", PostFactory, {"comment": "x"}),
    ],
    "schedule_post": [
        ("post", "/api/posts/{}/schedule/", PostFactory, {}),
        ("post", "/api/posts/{}/queue/", PostFactory, {}),
        ("post", "/api/publications/{}/reschedule/", PublicationFactory, {"due_at": later()}),
        ("post", "/api/publications/{}/cancel/", PublicationFactory, {}),
        ("post", "/api/publications/{}/retry/", PublicationFactory, {}),
        ("post", "/api/publications/{}/settle/", PublicationFactory, {}),
        ("post", "/api/publications/{}/resolve/", PublicationFactory, {"live": True}),
        ("post", "/api/accounts/{}/slots/", AccountFactory, {"weekday": 0, "time": "09:00"}),
    ],
    "answer_interaction": [
        ("post", "/api/interactions/{}/reply/", InteractionFactory, {"text": "x"}),
        ("post", "/api/interactions/{}/archive/", InteractionFactory, {}),
        ("post", "/api/interactions/{}/assign/", InteractionFactory, {"assignee": None}),
        ("post", "/api/interactions/{}/answering/", InteractionFactory, {}),
    ],
    "connect_account": [
        ("post", "/api/accounts/", None, {"platform": "orkut", "secret": "x"}),
        ("post", "/api/accounts/connect/", None, {"platform": "orkut"}),
        ("post", "/api/accounts/choose/", None, {"state": "x", "profiles": ["1"]}),
        ("get", "/api/network-apps/", None, None),
        ("put", "/api/network-apps/orkut/", None, {"client_id": "x"}),
        ("patch", "/api/accounts/{}/", AccountFactory, {}),
        ("delete", "/api/accounts/{}/", AccountFactory, None),
        ("get", "/api/accounts/{}/doctor/", AccountFactory, None),
    ],
    "manage_campaigns": [
        ("post", "/api/campaigns/", None, {"name": "x"}),
        ("patch", "/api/campaigns/{}/", CampaignFactory, {"name": "y"}),
        ("delete", "/api/campaigns/{}/", CampaignFactory, None),
    ],
    "manage_media": [("post", "/api/media/", None, {})],
    "manage_webhooks": [
        ("get", "/api/webhooks/", None, None),
        ("post", "/api/webhooks/", None, {"url": "https://hooks.example/"}),
    ],
    "use_ai": [("post", "/api/ai/texts/", None, {"task": "vary", "text": "x"})],
    "view_ai_usage": [("get", "/api/ai/usage/", None, None)],
    "manage_links": [
        ("post", "/api/links/", None, {"destinations": [{"url": "https://shop.example"}]})
    ],
}
# Verbs without a call among the core ones; the admin and other apps have them.
ELSEWHERE = {
    "change_organisation",
    "manage_people",
    "view_system",
    "view_metrics",
    "record_metrics",
    "view_reports",
    "generate_report",
    "send_report",
    "manage_recipients",
    "view_leads",
    "change_lead",
    "capture_lead",
    "export_lead",
    "erase_lead",
    "view_attribution",
    "view_catalogue",
    "change_catalogue",
    "manage_lead_forms",
    "view_sync",
    "sync_odoo",
    "connect_odoo",
    "change_lead_settings",
    "view_experiments",
    "change_experiment",
    "start_experiment",
    "view_recycling",
    "change_recycling",
    "recycle_post",
    "use_ai",
    "view_ai_usage",
    "view_threads",
    "write_thread",
    "view_templates",
    "change_template",
    "render_template",
}


def test_the_page_names_every_verb_and_role():
    found = table()

    assert set(found) == set(policies.PERMISSIONS) == set(CALLS) | ELSEWHERE
    assert all(tuple(row) == roles.ROLES for row in found.values())


@pytest.mark.parametrize("role", roles.ROLES)
def test_roles_have_the_permissions_of_the_page(role):
    user = UserFactory(role=role)

    assert {verb: policies.can(user, verb) for verb in policies.PERMISSIONS} == {
        verb: row[role] for verb, row in table().items()
    }


@pytest.mark.parametrize("role", roles.ROLES)
@pytest.mark.parametrize("verb", CALLS)
def test_the_api_obeys_the_page(as_role, role, verb):
    client, allowed = as_role(role), table()[verb][role]

    for method, address, factory, body in CALLS[verb]:
        path = address.format(factory().pk) if factory else address
        response = getattr(client, method)(path, body)
        forbidden = response.status_code == 403 and response.data["type"] == "permission_denied"
        assert forbidden is not allowed, (method, path, response.data)


@pytest.mark.parametrize("role", ["Marketer", "Approver"])
def test_who_may_submit_or_approve_may_withdraw(as_role, role):
    post = PostFactory(approved=True)

    assert as_role(role).post(f"/api/posts/{post.pk}/withdraw/").status_code == 200
    assert as_role("Analyst").post(f"/api/posts/{post.pk}/withdraw/").status_code == 403


def test_nobody_approves_what_they_edited(as_role):
    client = as_role("Administrator")
    account = AccountFactory()
    pk = client.post("/api/posts/", {"text": "Mine", "accounts": [account.pk]}).data["id"]

    response = client.post(f"/api/posts/{pk}/approve/")

    assert (response.status_code, response.data["type"]) == (403, "edited_it_yourself")


def test_a_person_without_a_role_sees_nothing(as_role):
    assert as_role(None).get("/api/posts/").status_code == 403


def test_every_address_that_changes_something_names_its_verb():
    """A new action without a verb would be closed to everybody; say so here, not in production."""
    views = [view for _prefix, view, _name in urls.router.registry]
    missing = [
        f"{view.__name__}.{name}"
        for view in [*views, SlotViewSet]
        for name, methods in _changing(view)
        if not set(view.verbs) & {name} and methods
    ]

    assert missing == []


def _changing(view):
    standard = ("create", "update", "partial_update", "destroy")
    yield from ((name, ["*"]) for name in standard if hasattr(view, name))
    for extra in view.get_extra_actions():
        methods = {method.upper() for method in extra.mapping}
        yield extra.__name__, methods - set(SAFE_METHODS)
