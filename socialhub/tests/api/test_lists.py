"""Lists: a page costs the same however many rows it has; schema and documentation pages."""

from __future__ import annotations

import re

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from socialhub.models import JobRun, LinkDestination, MediaAsset, PostMedia, TrackedLink
from socialhub.tests.factories import (
    CampaignFactory,
    InteractionFactory,
    PublicationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
NOUNS = ("accounts", "posts", "publications", "media", "interactions", "campaigns", "links", "jobs")


def one_of_everything(n: int, user) -> None:
    parent = PublicationFactory(published=True)
    publication = PublicationFactory(parent=parent, post__campaign=CampaignFactory())
    PublicationFactory(post=publication.post, status="failed", error_code="permission")
    InteractionFactory(publication=parent, assignee=user)
    asset = MediaAsset.objects.create(
        file="a.png", sha256=f"{n:064}", mime="image/png", size=1, uploaded_by=user
    )
    PostMedia.objects.create(post=publication.post, media=asset, position=1)
    link = TrackedLink.objects.create(slug=f"link{n}", post=publication.post)
    LinkDestination.objects.create(link=link, url="https://shop.example")
    JobRun.objects.create(kind="doctor", owner=user)


@pytest.mark.parametrize("noun", NOUNS)
def test_a_page_costs_the_same_with_one_row_and_with_more(marketer, noun):
    def queries() -> tuple[int, int]:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            response = marketer.get(f"/api/{noun}/")
        return len(captured), len(response.data["results"])

    one_of_everything(1, marketer.user)
    queries()  # the token's first use is written
    few, rows = queries()
    one_of_everything(2, marketer.user)
    one_of_everything(3, marketer.user)
    many, more_rows = queries()

    assert more_rows >= rows + 2
    assert many == few <= 18


def test_lists_have_pages(marketer):
    CampaignFactory.create_batch(5)

    first = marketer.get("/api/campaigns/?page_size=2").data
    last = marketer.get("/api/campaigns/?page_size=2&page=3").data

    assert (first["count"], len(first["results"]), first["previous"]) == (5, 2, None)
    assert "page=2" in first["next"]
    assert (len(last["results"]), last["next"]) == (1, None)
    assert marketer.get("/api/campaigns/?page=9").status_code == 404
    assert marketer.get("/api/campaigns/?page_size=100000").status_code == 200


# -- schema and pages --------------------------------------------------------------


def test_the_schema_is_valid_and_complete(tmp_path):
    target = tmp_path / "schema.yml"

    call_command("spectacular", "--fail-on-warn", "--validate", "--file", str(target))

    text = target.read_text()
    for noun in NOUNS:
        assert f"/api/{noun}/:" in text
    assert "Idempotency-Key" in text


def test_the_schema_says_how_to_sign_in_and_what_errors_look_like():
    schema = APIClient().get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})

    parts = schema.data["components"]
    assert parts["securitySchemes"]["token"] == {"type": "http", "scheme": "bearer"}
    assert set(parts["schemas"]["Error"]["properties"]) == {"type", "title", "detail", "fields"}
    secret = parts["schemas"]["ConnectRequest"]["properties"]["secret"]
    assert secret["writeOnly"] is True
    assert "secret" not in parts["schemas"]["Account"]["properties"]


def test_swagger_works_without_inline_scripts_or_other_hosts():
    page = Client().get("/api/docs/")
    text = page.content.decode()

    assert page.status_code == 200
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", text, re.DOTALL)
    assert scripts and not [body for _attributes, body in scripts if body.strip()]
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', text)
    assert (
        "unsafe-inline" not in page["Content-Security-Policy"].split("script-src")[1].split(";")[0]
    )
    script = Client().get("/api/docs/?script=")
    assert script["Content-Type"].startswith("application/javascript")
    assert b"/api/schema/" in script.content


@pytest.mark.parametrize("path", ["/api/", "/api/posts/", "/api/accounts/", "/api/links/"])
def test_the_api_can_be_browsed_by_a_signed_in_person(client, path):
    one_of_everything(1, None)
    client.force_login(
        UserFactory(role="Administrator"), "django.contrib.auth.backends.ModelBackend"
    )

    page = client.get(path, headers={"Accept": "text/html"})
    text = page.content.decode()

    assert (page.status_code, page["Content-Type"].partition(";")[0]) == (200, "text/html")
    # script-src allows no inline code; a data block is none.
    blocks = re.findall(
        r"<script(?![^>]*(?:src=|application/json))[^>]*>(.*?)</script>", text, re.S
    )
    assert [block for block in blocks if block.strip()] == []


def test_browsing_a_single_row_offers_its_form(client):
    row = PublicationFactory()
    client.force_login(
        UserFactory(role="Administrator"), "django.contrib.auth.backends.ModelBackend"
    )

    for path in (
        f"/api/posts/{row.post_id}/",
        f"/api/publications/{row.pk}/",
        f"/api/accounts/{row.account_id}/",
    ):
        assert client.get(path, headers={"Accept": "text/html"}).status_code == 200
