"""A lead of a split test belongs to the variant its visitor got; only addresses are called."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.test import Client

from analytics.models import Conversion
from crm.models import Lead, LeadForm
from crm.services import forms
from socialhub.tests.factories import UserFactory

pytestmark = pytest.mark.django_db
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
TESTS = "/api/ab-tests/"


@pytest.fixture
def run():
    """Start a split test of two lead forms, as people do it over the API."""

    def as_(role: str) -> Client:
        client = Client()
        client.force_login(UserFactory(role=role))
        return client

    def start(**plan) -> dict:
        marketer, approver = as_("Marketer"), as_("Approver")
        variants = [
            {"text": text, "link": forms.address(LeadForm.objects.create(name=text))}
            for text in ("Round chairs", "Square chairs")
        ]
        plan = {
            **{"question": "Which form?", "design": "split", "metric": "leads"},
            **{"planned_size": 100, "variants": variants, **plan},
        }
        made = marketer.post(TESTS, plan, content_type="application/json")
        assert made.status_code == 201, made.content
        one = f"{TESTS}{made.json()['id']}/"
        for client, verb in ((marketer, "submit"), (approver, "approve"), (marketer, "start")):
            done = client.post(f"{one}{verb}/")
            assert done.status_code == 200, done.content
        return marketer.get(one).json()

    return start


def arrive(client: Client, url: str) -> str:
    """Where a browser is sent."""
    response = client.get(url, headers={"User-Agent": BROWSER})
    assert response.status_code == 302
    return response["Location"]


def fill_in(client: Client, url: str) -> None:
    """Send the form at this address, as its page says."""
    parts = urlsplit(url)
    page = client.get(f"{parts.path}?{parts.query}").content.decode()
    action = unescape(re.search(r'action="([^"]*)"', page)[1])
    person = {"name": "Ana", "email": "ana@shop.example", "consent": "on"}
    assert client.post(f"{parts.path}{action}", person).status_code == 303


def keys_by_form(test: dict) -> dict[str, str]:
    return {urlsplit(one["link"]).path: one["key"] for one in test["variants"]}


def test_by_a_link(run, client):
    test = run(split_by="link")
    slug = slug_of(test)
    url = arrive(client, f"/l/{slug}")
    fill_in(client, url)

    key = keys_by_form(test)[urlsplit(url).path]
    assert key
    assert Lead.objects.get().variant_key == key
    assert Conversion.objects.get(kind="lead").variant_key == key


def slug_of(test: dict) -> str:
    administrator = Client()
    administrator.force_login(UserFactory(role="Administrator"))
    return administrator.get(f"/api/links/{test['link']}/").json()["slug"]


def test_by_the_button_of_our_own_page(run, client):
    test = run(split_by="page", page_slug="chairs")
    page = client.get("/v/chairs/", headers={"User-Agent": BROWSER}).content.decode()
    button = unescape(re.search(r'class="button"\s+href="([^"]+)"', page)[1])
    url = arrive(client, button)
    fill_in(client, url)

    key = keys_by_form(test)[urlsplit(url).path]
    seen = next(one["text"] for one in test["variants"] if one["key"] == key)
    assert seen in page
    assert Lead.objects.get().variant_key == key
    assert Conversion.objects.get(kind="lead").variant_key == key
