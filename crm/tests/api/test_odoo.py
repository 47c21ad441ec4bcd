"""/api/odoo/ and /api/lead-forms/"""

from __future__ import annotations

import json

import pytest
from rest_framework.permissions import SAFE_METHODS

from crm.api import urls
from crm.models import OdooConnection, OdooSyncLog, OdooSyncRun
from crm.tests.support import BOT, BOT_KEY, DATABASE

pytestmark = pytest.mark.django_db
CONNECTIONS = "/api/odoo/connections/"
SYNC = "/api/odoo/sync/"
LOGS = "/api/odoo/logs/"
GIVEN = {
    "url": "https://odoo.example/web",
    "database": "shop",
    "login": "bot",
    "api_key": "zq-secret",
}


def connected(**fields) -> OdooConnection:
    given = {"url": "https://odoo.example", "database": "shop", "login": "bot"}
    ready = {"state": "ready", "version": "18.0", "transport": "xmlrpc"}
    return OdooConnection.objects.create(**{**given, **ready, **fields})


def test_the_key_goes_in_and_never_comes_out(admin):
    made = admin.post(CONNECTIONS, GIVEN, headers={"Idempotency-Key": "one"})
    again = admin.post(CONNECTIONS, GIVEN, headers={"Idempotency-Key": "one"})
    pk = made.json()["id"]
    changed = admin.patch(f"{CONNECTIONS}{pk}/", {"api_key": "zq-secret2", "name": "Shop"})
    seen = [made, again, changed, admin.get(CONNECTIONS), admin.get(f"{CONNECTIONS}{pk}/")]

    assert [one.status_code for one in seen] == [201, 201, 200, 200, 200]
    assert made.json()["id"] == again.json()["id"]
    assert all("zq-secret" not in one.content.decode() for one in seen)
    assert all("api_key" not in one.content.decode() for one in seen)
    assert (made.json()["url"], made.json()["state"]) == ("https://odoo.example", "untested")
    assert changed.json()["name"] == "Shop"


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"url": "ftp://x"}, "url"),
        ({"database": ""}, "database"),
        ({"api_key": None}, "api_key"),
        ({"state": "ready"}, "state"),
        ({"lead_type": "x"}, "lead_type"),
    ],
)
def test_a_wrong_connection_is_400(admin, over, field):
    response = admin.post(CONNECTIONS, {**GIVEN, **over})

    assert response.status_code == 400
    assert field in response.json()["fields"]


@pytest.mark.django_db(transaction=True)
def test_the_checklist_is_the_answer(admin, odoo):
    body = {"url": odoo.url, "database": DATABASE, "login": BOT, "api_key": BOT_KEY}
    pk = admin.post(CONNECTIONS, body).json()["id"]

    response = admin.post(f"{CONNECTIONS}{pk}/test/")

    assert response.status_code == 200, response.data
    found = response.json()
    assert (found["version"], found["transport"]) == ("18.0", "xmlrpc")
    assert [one["code"] for one in found["checks"]][:3] == ["reachable", "is_odoo", "database"]
    assert set(found["checks"][0]) >= {"code", "ok", "message", "remedy"}
    assert admin.get(f"{CONNECTIONS}{pk}/").json()["state"] == "ready"


def test_a_test_that_takes_long_is_a_job(admin):
    """In a transaction no worker can take it: the answer does not wait."""
    pk = admin.post(CONNECTIONS, GIVEN).json()["id"]

    response = admin.post(f"{CONNECTIONS}{pk}/test/")

    assert response.status_code == 202
    job = admin.get(f"/api/jobs/{response.json()['job']}/").json()
    assert (job["kind"], job["state"]) == ("odoo_test", "queued")


def test_connections_are_put_aside_and_taken_into_use(admin):
    first = admin.post(CONNECTIONS, GIVEN).json()
    second = admin.post(CONNECTIONS, {**GIVEN, "database": "b"}).json()
    at = f"{CONNECTIONS}{second['id']}"

    refused = admin.post(f"{at}/activate/")
    admin.post(f"{CONNECTIONS}{first['id']}/set-aside/")
    taken = admin.post(f"{at}/activate/")

    assert (first["is_active"], second["is_active"]) == (True, False)
    assert (refused.status_code, taken.json()["is_active"]) == (409, True)
    assert admin.post(f"{at}/resume/").status_code == 409


# -- runs and log -------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["products", "services", "leads", "revenue", "all"])
def test_a_sync_is_started_and_watched(marketer, kind):
    connection = connected()

    started = marketer.post(SYNC, {"connection": connection.pk, "kind": kind})
    again = marketer.post(SYNC, {"kind": kind})

    assert (started.status_code, again.json()) == (202, started.json())
    run = marketer.get(f"{SYNC}{started.json()['run']}/").json()
    assert {name: run[name] for name in ("state", "kind", "started_by")} == {
        "state": "queued",
        "kind": kind,
        "started_by": marketer.user.pk,
    }
    counts = ("created", "updated", "skipped", "failed", "requests", "errors")
    assert [run[name] for name in counts] == [0, 0, 0, 0, 0, []]


@pytest.mark.parametrize(
    ("connection", "body", "status", "kind"),
    [
        (None, {"kind": "all"}, 409, "no_connection"),
        ({"state": "paused", "paused_reason": "Key"}, {"kind": "all"}, 409, "paused"),
        ({"state": "untested"}, {"kind": "all"}, 409, "not_ready"),
        ({}, {"kind": "orders"}, 400, "invalid_choice"),
        ({}, {}, 400, "required"),
        ({}, {"kind": "all", "connection": 99_999}, 400, "does_not_exist"),
    ],
)
def test_a_sync_that_cannot_be(marketer, connection, body, status, kind):
    if connection is not None:
        connected(**connection)

    response = marketer.post(SYNC, body)

    assert (response.status_code, response.json()["type"]) == (status, kind)
    assert OdooSyncRun.objects.count() == 0


def test_the_log_answers_questions_about_one_lead(marketer):
    connection = connected()
    for number, outcome in ((1, "failed"), (1, "ok"), (2, "ok")):
        OdooSyncLog.objects.create(
            connection=connection,
            direction="out",
            object_type="lead",
            object_id=number,
            operation="load",
            outcome=outcome,
        )

    found = marketer.get(f"{LOGS}?lead=1").json()
    failed = marketer.get(f"{LOGS}?lead=1&outcome=failed,unknown").json()

    assert [row["outcome"] for row in found["results"]] == ["ok", "failed"]
    assert failed["count"] == 1
    assert marketer.get(f"{LOGS}?outcome=bad").status_code == 400
    assert marketer.get(f"{LOGS}?since=now").status_code == 400


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("address", [CONNECTIONS, SYNC, LOGS, "/api/lead-forms/"])
def test_lists_cost_a_fixed_number_of_queries(admin, django_assert_max_num_queries, rows, address):
    from crm.models import LeadForm

    for number in range(rows):
        connection = connected(is_active=number == 0)
        run = OdooSyncRun.objects.create(connection=connection, kind="all", direction="in")
        OdooSyncLog.objects.create(
            run=run,
            connection=connection,
            direction="in",
            object_type="run",
            operation="x",
            outcome="ok",
        )
        LeadForm.objects.create(name=f"Form {number}")
    admin.get(address)

    with django_assert_max_num_queries(4):
        response = admin.get(address)

    assert response.json()["count"] == rows


# -- forms and settings -------------------------------------------------------------


def test_a_form_is_made_with_its_snippet(marketer, settings):
    settings.PUBLIC_URL = "https://hub.example"
    body = {"name": "Contact", "sites": ["shop.example/x", "https://shop.example"]}

    found = marketer.post("/api/lead-forms/", body).json()
    changed = marketer.patch(f"/api/lead-forms/{found['id']}/", {"is_active": False})

    assert found["sites"] == ["https://shop.example"]
    assert found["url"] == f"https://hub.example/lead-forms/{found['key']}/"
    assert found["key"] in found["snippet"]
    assert changed.json()["is_active"] is False


@pytest.mark.parametrize(
    "site", ["*", "https://*.shop.example", "'self'", "javascript:alert(1)", "https://a b", "a;b"]
)
def test_a_site_that_is_none_is_refused(marketer, site):
    response = marketer.post("/api/lead-forms/", {"name": "Contact", "sites": [site]})

    assert response.status_code == 400
    assert "sites" in response.json()["fields"]


def test_settings_of_leads(admin):
    changed = admin.patch("/api/lead-settings/", {"retention_months": 24, "attribution": "first"})
    wrong = admin.patch("/api/lead-settings/", {"retention_months": 0})

    assert changed.json() == admin.get("/api/lead-settings/").json()
    assert (changed.json()["retention_months"], changed.json()["attribution"]) == (24, "first")
    assert wrong.status_code == 400


# -- who may ------------------------------------------------------------------------

ADMIN, MARKETING = {"Administrator"}, {"Administrator", "Marketer"}
CALLS = [
    (MARKETING, "get", CONNECTIONS, None),
    (MARKETING, "get", "{}", None),
    (ADMIN, "post", CONNECTIONS, {}),
    (ADMIN, "patch", "{}", {"name": "x"}),
    *[(ADMIN, "post", f"{{}}{verb}/", {}) for verb in ("test", "activate", "set-aside", "resume")],
    (MARKETING, "get", SYNC, None),
    (MARKETING, "post", SYNC, {}),
    (MARKETING, "get", LOGS, None),
    (MARKETING, "get", "/api/lead-forms/", None),
    (MARKETING, "post", "/api/lead-forms/", {}),
    (ADMIN, "get", "/api/lead-settings/", None),
    (ADMIN, "patch", "/api/lead-settings/", {}),
]


@pytest.mark.parametrize("role", ["Administrator", "Marketer", "Approver", "Analyst"])
@pytest.mark.parametrize(("allowed", "method", "address", "body"), CALLS)
def test_roles(as_role, role, allowed, method, address, body):
    path = address.format(f"{CONNECTIONS}{connected().pk}/")

    response = getattr(as_role(role), method)(path, body)

    assert (response.status_code == 403) == (role not in allowed), response.data


def test_every_address_that_changes_something_names_its_verb():
    views = [view for _prefix, view, _name in urls.router.registry]
    standard = ("create", "update", "partial_update", "destroy")
    missing = [
        f"{view.__name__}.{name}"
        for view in views
        for name in [
            *(name for name in standard if hasattr(view, name) and _is_open(view, name)),
            *(
                extra.__name__
                for extra in view.get_extra_actions()
                if {method.upper() for method in extra.mapping} - set(SAFE_METHODS)
            ),
        ]
        if name not in view.verbs
    ]

    assert missing == []


def _is_open(view, name: str) -> bool:
    methods = {"update": "put", "partial_update": "patch", "destroy": "delete"}
    return methods.get(name, "post") in view.http_method_names


def test_the_description_names_every_address(client):
    headers = {"Accept": "application/vnd.oai.openapi+json"}
    found = json.loads(client.get("/api/schema/", headers=headers).content)["paths"]

    for path, methods in {
        "/api/leads/": {"get", "post"},
        "/api/leads/{id}/": {"get", "patch"},
        "/api/leads/convert/": {"post"},
        "/api/leads/export/": {"post"},
        "/api/leads/download/": {"get"},
        "/api/leads/stats/": {"get"},
        "/api/leads/{id}/erase-person/": {"post"},
        "/api/products/": {"get", "post"},
        "/api/services/": {"get", "post"},
        "/api/odoo/connections/": {"get", "post"},
        "/api/odoo/connections/{id}/test/": {"post"},
        "/api/odoo/sync/": {"get", "post"},
        "/api/odoo/sync/{id}/": {"get"},
        "/api/odoo/logs/": {"get"},
    }.items():
        assert set(found[path]) >= methods, path
