"""The board and the funnel page: what they say, filters, and a panel that breaks."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from crm.models import CrmSettings, Lead, LeadRevenue, OdooStage
from crm.queries import funnel
from crm.tests.pages.rows import commented, logged_in, offline, won, words
from crm.tests.support import make_lead
from crm.views import dashboard
from socialhub.models import Organisation
from socialhub.tests.factories import CampaignFactory

pytestmark = pytest.mark.django_db


def panel(name: str, query: str = "", role: str = "Analyst") -> str:
    response = logged_in(role).get(f"/admin/crm/panel/{name}/?{query}")
    assert response.status_code == 200, response.text
    return words(response.text)


def board(query: str = "") -> dict[str, list[str]]:
    """Column → titles of its cards."""
    text = logged_in().get(f"/admin/crm/board/?{query}").text
    columns = re.findall(r'<section class="crm-column.*?</section>', text, flags=re.S)
    return {
        re.search(r"<h2[^>]*>(.*?)</h2>", one, flags=re.S)[1]: re.findall(
            r'crm-card-title sh-clamp"[^>]*>(.*?)</a>', one, flags=re.S
        )
        for one in columns
    }


# -- the board --------------------------------------------------------------------------


def test_the_board_has_odoos_stages_between_not_there_and_won():
    connection = offline()
    new = OdooStage.objects.create(connection=connection, odoo_id=1, name="New", sequence=1)
    OdooStage.objects.create(connection=connection, odoo_id=2, name="Offer", sequence=2)
    make_lead(name="Fresh")
    make_lead(
        name="There", state="linked", connection=connection, odoo_id=1, stage=new, stage_name="New"
    )
    won(connection, "178", 2, name="Bought")
    make_lead(
        name="Gone away",
        state="linked",
        connection=connection,
        odoo_id=3,
        outcome="lost",
        closed_at=timezone.now(),
    )

    assert board() == {
        "Not in Odoo yet": ["Fresh"],
        "New": ["There"],
        "Offer": [],
        "Won": ["Bought"],
        "Lost": ["Gone away"],
    }


def test_a_card_opens_in_odoo_and_nothing_can_be_dragged():
    won(offline(), "1178", 42)

    text = logged_in().get("/admin/crm/board/").text

    assert 'href="http://127.0.0.1:9/odoo/crm.lead/42"' in text
    assert "1,178.00\xa0EUR" in text
    assert "draggable" not in text and "Stages belong to Odoo" in text


def test_the_board_is_narrowed_by_account_and_campaign():
    campaign = CampaignFactory()
    one = commented(name="One", campaign=campaign)
    commented(name="Two")

    assert board(f"campaign={campaign.pk}")["Not in Odoo yet"] == ["One"]
    assert board(f"account={one.account_id}")["Not in Odoo yet"] == ["One"]


def test_a_narrow_screen_chooses_the_column():
    make_lead(name="Fresh")
    won(offline(), "1", 2)
    client = logged_in()

    def chosen(query):
        text = client.get(f"/admin/crm/board/?{query}").text
        return re.search(r'is-chosen[^"]*crm-column--([\w-]+)', text)[1]

    assert chosen("") == "waiting"
    assert chosen("stage=won") == "won"
    assert chosen("stage=nonsense") == "waiting"


def test_an_empty_board_teaches():
    assert "No leads yet." in logged_in().get("/admin/crm/board/").text


# -- the funnel page -----------------------------------------------------------------------


def test_the_sentence_on_top_is_written_from_the_figures():
    connection = offline()
    won(connection, "178", 1)
    won(connection, "1000.5", 2)
    commented()

    text = words(logged_in("Analyst").get("/admin/crm/").text)

    assert "3 leads in the last 30 days; 2 are won and brought in 1,178.50 EUR." in text


def test_an_estimate_is_called_one_and_no_amount_is_invented():
    lead = won(offline(), "178", 1)
    LeadRevenue.objects.filter(lead=lead).update(is_estimate=True)
    client = logged_in("Analyst")
    assert "178.00 EUR (estimate)." in words(client.get("/admin/crm/").text)
    assert "178.00 EUR estimate" in panel("posts")

    LeadRevenue.objects.all().delete()
    lead.orders.all().delete()

    assert "1 lead in the last 30 days; 1 is won." in words(client.get("/admin/crm/").text)
    row = panel("posts").partition("Invoiced")[2]
    assert "1 1 1 – – –" in row


def test_no_lead_is_said_and_taught():
    text = words(logged_in("Analyst").get("/admin/crm/").text)

    assert "No lead came in in the last 30 days." in text
    assert "A lead is somebody who may buy" in text


def test_every_panel_loads_itself_with_the_filters():
    lead = commented()

    text = logged_in("Marketer").get(f"/admin/crm/?days=7&account={lead.account_id}").text

    for name in dashboard.PANELS:
        assert f'hx-get="/admin/crm/panel/{name}/?days=7&amp;account={lead.account_id}"' in text


def test_the_funnel_counts_and_rates():
    connection = offline()
    won(connection, "10", 1)
    commented()
    make_lead()

    text = panel("funnel")

    # No network has told reactions: there is no rate of them.
    assert "Reactions – Leads 2 – Opportunities 1 50.00 % Won 1 100.00 %" in text
    assert "1 lead more came without a post" in text


def test_a_campaign_with_budget_has_a_cost_per_lead():
    Organisation.objects.update(currency="EUR")
    Organisation.get()
    dear = CampaignFactory(name="Dear", budget="100")
    commented(campaign=dear)
    commented(campaign=dear)
    commented(campaign=CampaignFactory(name="Free"))

    text = panel("campaigns")

    assert re.search(r"Dear 2 0 0 – – – 50\.00 \w{3}", text)
    assert re.search(r"Free 1 0 0 – – – –", text)


def test_first_and_last_touch_give_other_answers():
    first = commented(text="one")
    other = commented(text="two")
    first.touches.create(
        kind="interaction",
        at=timezone.now() + timedelta(minutes=5),
        publication=other.publication,
        post=other.post,
        account=other.account,
    )
    Lead.objects.filter(pk=first.pk).update(last_touch=first.touches.last())
    CrmSettings.objects.update_or_create(pk=1, defaults={"attribution": "last"})

    def leads(query):
        text = panel("posts", query)
        return [bool(re.search(rf"{post} {n} ", text)) for post, n in found]

    found = [(str(other.post), 2), (str(first.post), 1)]
    assert leads("") == [True, False]
    assert leads("touch=last") == [True, False]
    assert leads("touch=first") == [False, True]


@pytest.mark.parametrize(
    "query", ["days=0", "from=2026-13-01", "touch=middle", "account=999", "platform=myspace"]
)
def test_what_cannot_be_used_is_said(query):
    client = logged_in()

    page = client.get(f"/admin/crm/?{query}")
    broken = client.get(f"/admin/crm/panel/posts/?{query}")
    on_board = client.get(f"/admin/crm/board/?{query}")

    assert [page.status_code, broken.status_code, on_board.status_code] == [400, 400, 400]
    assert 'id="an-problems"' in page.text and 'id="an-problems"' in on_board.text


def test_an_unknown_panel_does_not_exist():
    assert logged_in().get("/admin/crm/panel/nonsense/").status_code == 404


def test_a_panel_that_breaks_spoils_no_other(monkeypatch):
    def broken(*args):
        raise RuntimeError("no such table")

    monkeypatch.setattr(funnel, "time_to_first_answer", broken)
    client = logged_in()
    client.raise_request_exception = False

    assert client.get("/admin/crm/panel/answers/").status_code == 500
    assert client.get("/admin/crm/").status_code == 200
    assert client.get("/admin/crm/panel/posts/").status_code == 200


def test_the_exchange_is_shown_to_who_may_see_it():
    connection = offline(state="paused", paused_reason="Wrong key.")
    text = panel("health", role="Marketer")

    assert "The connection is paused: Wrong key." in text
    assert f"/{connection.pk}/change/" in logged_in().get("/admin/crm/panel/health/").text
    assert "/panel/health/" not in logged_in("Analyst").get("/admin/crm/").text


def test_first_answers_are_median_and_ninetieth():
    lead = commented()
    touch = lead.touches.get()
    touch.interaction.answered_at = touch.interaction.created_at + timedelta(minutes=95)
    touch.interaction.save()

    text = panel("answers")

    assert "1 h 35 min is the median" in text


# -- pages of posts and publications --------------------------------------------------------


def test_a_publication_shows_what_it_brought_in():
    lead = won(offline(), "178", 3, name="Olga asks")
    client = logged_in()

    page = client.get(f"/admin/socialhub/publication/{lead.publication_id}/change/").text
    text = words(client.get(f"/admin/crm/publication/{lead.publication_id}/").text)
    whole = words(client.get(f"/admin/crm/post/{lead.post_id}/").text)

    assert f'hx-get="/admin/crm/publication/{lead.publication_id}/"' in page
    assert "Leads 1 Won 1 Won revenue 178.00 EUR" in text and "Olga asks" in text
    assert "Leads 1 Won 1 Won revenue 178.00 EUR" in whole


def test_the_sidebar_shows_what_a_role_may_open():
    def lines(role):
        text = logged_in(role).get("/admin/crm/").text
        names = ("lead/", "board/", "product/", "odooconnection/", "crmsettings/")
        return [name for name in names if f'href="/admin/crm/{name}"' in text]

    assert lines("Analyst") == ["product/"]
    assert lines("Marketer") == ["lead/", "board/", "product/", "odooconnection/"]
    assert lines("Administrator") == [
        "lead/",
        "board/",
        "product/",
        "odooconnection/",
        "crmsettings/",
    ]
