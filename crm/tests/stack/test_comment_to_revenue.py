"""From a comment to revenue: real beat, worker and web server, and an Odoo that goes away."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from analytics.models import Conversion
from crm.models import Lead, OdooSyncLog
from crm.tests.support import StandIn, make_connection
from crm.tests.support import running as odoo_running
from socialhub import schedules
from socialhub.models import Interaction, PublicationStatus
from socialhub.tests.factories import AccountFactory, PublicationFactory, UserFactory, organisation
from socialhub.tests.support.sandbox import running
from socialhub.tests.support.workers import wait_for

pytestmark = [pytest.mark.thorough, pytest.mark.stack, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def network(tmp_path):
    with running(tmp_path / "network", "--no-audience") as server:
        yield server


@pytest.fixture
def odoo(tmp_path):
    with odoo_running(tmp_path / "odoo", "17") as server:
        yield server


class Api:
    """The API with a marketer's token, and pages of the desk."""

    def __init__(self, address: str, token: str) -> None:
        self.address = address
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str) -> Any:
        answer = self.session.get(f"{self.address}/api/{path}", timeout=20)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, **body: Any) -> requests.Response:
        answer = self.session.post(f"{self.address}/api/{path}", json=body, timeout=20)
        answer.raise_for_status()
        return answer

    def page(self, path: str, user: Any) -> str:
        """A page of the desk as somebody gets it who has logged in."""
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        cookies = {settings.SESSION_COOKIE_NAME: cookie}
        answer = requests.get(f"{self.address}{path}", cookies=cookies, timeout=20)
        answer.raise_for_status()
        return answer.text


def commented(network: Any) -> Any:
    """A publication of ours on the network and a comment below it."""
    account = AccountFactory(server_url=network.base_url)
    network.act("GET", "/api/session", account.handle)
    at = timezone.now()
    post = {"handle": account.handle, "text": "New oil", "created_at": at.isoformat()}
    remote = network.seed(post)[0]["id"]
    publication = PublicationFactory(
        account=account, status=PublicationStatus.PUBLISHED, remote_id=remote, published_at=at
    )
    network.comment(remote, "marta.gil", "How much is it?")
    return publication


def sent_again(crew: Any) -> bool:
    """One go of the periodic job; is every lead in Odoo?"""
    crew.command("export_leads")
    return not Lead.objects.filter(odoo_id=None).exists()


def test_a_comment_becomes_revenue_while_odoo_goes_away(crew, network, odoo: StandIn, capsys):
    organisation(timezone="Europe/Madrid", language="en")
    publication = commented(network)
    connection = make_connection(odoo.url)
    marketer = UserFactory(role="Marketer", is_staff=True)
    call_command("create_token", marketer.username, "--write")
    schedules.upsert()
    # As an installation does; without it the production settings show no page.
    crew.command("collectstatic", "--noinput", "--verbosity", "0")
    api = Api(crew.web(), capsys.readouterr().out.split()[-1])
    crew.worker("publish,sync")
    crew.beat()
    comment = wait_for(Interaction.objects.first, "the comment to come in", 90)

    # The plug is out when the lead is made.
    odoo.kill()
    made = api.post("leads/convert/", interaction=comment.pk)
    lead = Lead.objects.get(pk=made.json()["id"])
    tried = OdooSyncLog.objects.filter(object_type="lead", object_id=lead.pk)
    wait_for(lambda: tried.exists() or connection.runs.exclude(error="").exists(), "a try", 60)
    again = api.post("leads/convert/", interaction=comment.pk)
    odoo.start()
    wait_for(lambda: sent_again(crew), "the lead to reach Odoo", 90)

    lead.refresh_from_db()
    odoo.control(f"win/{lead.odoo_id}", {"amount": 1234.5})
    run = api.post("odoo/sync/", connection=connection.pk, kind="all").json()["run"]
    wait_for(lambda: api.get(f"odoo/sync/{run}/")["state"] == "done", "the sync to end", 60)

    assert (made.status_code, again.status_code) == (201, 200)
    assert again.json()["id"] == lead.pk
    assert [row["id"] for row in odoo.records("crm.lead")] == [lead.odoo_id]
    shown = api.get(f"leads/{lead.pk}/")
    assert (shown["state"], shown["outcome"], shown["stage"]) == ("linked", "won", "Won")
    assert shown["publication"] == publication.pk
    assert (shown["revenue"]["won"], shown["revenue"]["currency"]) == ("1234.50", "EUR")
    booked = Conversion.objects.filter(publication=publication).order_by("kind")
    assert list(booked.values_list("kind", flat=True)) == ["lead", "opportunity", "order"]
    page = api.page(f"/admin/crm/post/{publication.post_id}/", marketer)
    assert "1,234.50" in page
