"""Whatever goes wrong, the answer has one shape and says nothing about our insides."""

from __future__ import annotations

import pytest
from django.test import Client
from rest_framework.test import APIClient

from socialhub.api.viewsets.campaigns import CampaignViewSet
from socialhub.models import TrackedLink
from socialhub.tests.factories import PublicationFactory

pytestmark = pytest.mark.django_db
SHAPE = {"type", "title", "detail", "fields"}


def send(client, body: str | bytes, content_type="application/json"):
    return client.generic("POST", "/api/campaigns/", body, content_type)


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        ('{"name": ', "application/json", 400, "parse_error"),
        (b"\xff\xfe", "application/json", 400, "parse_error"),
        ('{"name": NaN}', "application/json", 400, "parse_error"),
        ("[1]", "application/json", 400, "invalid"),
        ("null", "application/json", 400, "null"),
        ("<name/>", "application/xml", 415, "unsupported_media_type"),
        ("--x", "multipart/form-data", 400, "parse_error"),
    ],
)
def test_a_body_that_cannot_be_read(marketer, body, content_type, status, code):
    response = send(marketer, body, content_type)

    assert response.status_code == status
    assert set(response.data) == SHAPE
    assert (response.data["type"], response.data["fields"]) == (code, {})
    assert response.data["title"] and response.data["detail"]


def test_unknown_addresses_answer_json_below_api_only(marketer):
    inside = marketer.get("/api/nothing/here/")
    row = marketer.get("/api/posts/123/")
    huge = marketer.get(f"/api/posts/{10**30}/")
    outside = Client().get("/nothing/here/")

    for response in (inside, row, huge):
        assert response.status_code == 404
        assert set(response.json()) == SHAPE
        assert response.json()["type"] == "not_found"
    assert outside["Content-Type"].startswith("text/html")


def test_a_method_that_is_not_offered(marketer, analyst):
    for client in (marketer, analyst):
        response = client.delete("/api/posts/")
        assert (response.status_code, response.data["type"]) == (405, "method_not_allowed")
        assert set(response.data) == SHAPE
    assert marketer.delete("/api/media/1/").status_code == 405


def test_several_errors_name_every_field(marketer):
    response = marketer.post(
        "/api/links/", {"destinations": [{"url": "nowhere"}, {"url": "ftp://x.example"}], "x": 1}
    )
    nested = marketer.post(
        "/api/links/", {"destinations": [{"url": "https://ok.example"}, {"url": "nowhere"}]}
    )

    assert list(response.data["fields"]) == ["x"]
    assert list(nested.data["fields"]) == ["destinations.1.url"]


def test_a_fault_of_ours_shows_nothing_of_it(marketer, monkeypatch):
    def broken(*args):
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(CampaignViewSet, "filter_queryset", broken)
    marketer.raise_request_exception = False

    response = marketer.get("/api/campaigns/")

    assert response.status_code == 500
    assert set(response.json()) == SHAPE
    assert (response.json()["type"], b"hunter2" in response.content) == ("server_error", False)


def test_a_request_that_is_too_large(marketer, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100

    response = send(marketer, '{"name": "' + "x" * 200 + '"}')

    assert response.status_code == 400
    assert set(response.json()) == SHAPE


def test_what_only_a_constraint_sees_is_a_conflict(marketer):
    publication = PublicationFactory()
    body = {"destinations": [{"url": "https://a.example"}], "publication": publication.pk}
    marketer.post("/api/links/", body)

    response = marketer.post("/api/links/", body)

    assert (response.status_code, response.data["type"]) == (409, "conflict")
    assert "UNIQUE" not in str(response.data)
    assert TrackedLink.objects.count() == 1


def test_nobody_is_told_what_exists_before_signing_in():
    for path in ("/api/posts/1/", "/api/jobs/x/", "/api/accounts/1/doctor/", "/api/"):
        assert APIClient().get(path).status_code == 401
