"""Who sees which page, and that figures tell nobody's data."""

from __future__ import annotations

import pytest

from crm.models import OdooSyncRun
from crm.tests.pages.rows import commented, logged_in, offline, won
from crm.tests.support import make_lead, make_product, make_service
from socialhub.models import AccountGrant
from socialhub.tests.factories import AccountFactory

pytestmark = pytest.mark.django_db

PERSONAL = [
    "/admin/crm/lead/",
    "/admin/crm/lead/add/",
    "/admin/crm/lead/{lead}/change/",
    "/admin/crm/lead/{lead}/erase/",
    "/admin/crm/board/",
    "/admin/crm/why/",
]
ODOO = [
    "/admin/crm/odooconnection/",
    "/admin/crm/odooconnection/{connection}/change/",
    "/admin/crm/odooconnection/{connection}/live/",
    "/admin/crm/odooconnection/{connection}/going/",
    "/admin/crm/odoosyncrun/",
    "/admin/crm/odoosyncrun/{run}/change/",
    "/admin/crm/odoosynclog/",
    "/admin/crm/leadform/",
    "/admin/crm/crmsettings/",
    "/admin/crm/panel/health/",
]
FIGURES = [
    "/admin/crm/",
    "/admin/crm/product/",
    "/admin/crm/product/{product}/change/",
    "/admin/crm/service/",
    "/admin/crm/service/{service}/change/",
    "/admin/crm/publication/{publication}/",
    "/admin/crm/post/{post}/",
    *(f"/admin/crm/panel/{name}/" for name in ("funnel", "weeks", "posts", "campaigns")),
    *(f"/admin/crm/panel/{name}/" for name in ("products", "answers")),
]


@pytest.fixture
def known(db):
    """One row of everything, and its address in a page's path."""
    connection = offline()
    lead = won(connection, "178", 7, name="Olga Person", email="olga@example.org")
    run = OdooSyncRun.objects.create(connection=connection, kind="leads", direction="both")
    return {
        "lead": lead.pk,
        "connection": connection.pk,
        "run": run.pk,
        "product": make_product().pk,
        "service": make_service().pk,
        "publication": lead.publication_id,
        "post": lead.post_id,
    }


@pytest.mark.parametrize("role", ["Analyst", "Approver"])
@pytest.mark.parametrize("path", PERSONAL + ODOO)
def test_who_sees_only_figures_sees_no_lead_and_no_connection(known, role, path):
    response = logged_in(role).get(path.format(**known))

    # The list of connections leads to the one there is only for who may see it.
    assert response.status_code == (404 if "panel/" in path else 403)


@pytest.mark.parametrize("role", ["Analyst", "Approver"])
@pytest.mark.parametrize("path", FIGURES)
def test_figures_hold_no_personal_data(known, role, path):
    response = logged_in(role).get(path.format(**known))

    assert response.status_code == 200
    assert "Olga" not in response.text
    assert "olga@" not in response.text


@pytest.mark.parametrize("path", PERSONAL + ODOO + FIGURES)
def test_an_administrator_sees_every_page(known, path):
    response = logged_in("Administrator").get(path.format(**known), follow=True)

    assert response.status_code == 200


def test_a_marketer_may_not_erase_connect_or_change_settings(known):
    client = logged_in("Marketer")

    assert client.get(f"/admin/crm/lead/{known['lead']}/erase/").status_code == 403
    assert client.get("/admin/crm/odooconnection/add/").status_code == 403
    assert client.get("/admin/crm/crmsettings/1/change/").status_code == 403
    page = f"/admin/crm/odooconnection/{known['connection']}/change/"
    assert client.get(page).status_code == 200
    assert client.post(page, {"url": "http://evil.example"}).status_code == 403


def test_leads_of_other_accounts_do_not_exist():
    mine, other = commented(name="Mine"), commented(name="Other")
    client = logged_in("Marketer", mine.account)

    def status(lead, path="change"):
        return client.get(f"/admin/crm/lead/{lead.pk}/{path}/", follow=True)

    assert status(mine).status_code == 200
    assert "Other" not in status(other).text
    assert client.post(f"/admin/crm/lead/{other.pk}/do/retry/").status_code == 404
    board = client.get("/admin/crm/board/").text
    assert "Mine" in board and "Other" not in board
    listed = client.get("/admin/crm/lead/").text
    assert "Mine" in listed and "Other" not in listed
    found = client.get("/admin/crm/why/?q=Other").text
    assert "No lead has this name" in found


@pytest.mark.parametrize(("role", "found"), [("Marketer", True), ("Analyst", False)])
def test_the_search_of_the_shell_finds_leads_for_who_may_see_them(role, found):
    lead = make_lead(name="Inquiry of Olga")

    text = logged_in(role).get("/admin/search/?s=olga&extended=1").text

    assert (f"/admin/crm/lead/{lead.pk}/change/" in text) is found


def test_a_publication_of_another_account_has_no_panel():
    lead = commented()
    client = logged_in("Marketer", AccountFactory())

    assert client.get(f"/admin/crm/publication/{lead.publication_id}/").status_code == 404
    assert client.get(f"/admin/crm/post/{lead.post_id}/").status_code == 404


def test_an_own_lead_without_account_is_seen_by_who_wrote_it():
    client = logged_in("Marketer", AccountFactory())
    lead = make_lead(name="Phoned us", created_by=client.user)
    make_lead(name="Somebody else's")

    assert client.get(f"/admin/crm/lead/{lead.pk}/change/").status_code == 200
    assert "Somebody else's" not in client.get("/admin/crm/lead/").text
    assert AccountGrant.objects.filter(user=client.user).count() == 1
