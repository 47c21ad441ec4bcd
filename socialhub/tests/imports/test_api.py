"""POST a file, read its problems, make the drafts: all by a program."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from socialhub.models import Post, PostImport
from socialhub.services import jobs
from socialhub.tests.api.conftest import client_of
from socialhub.tests.factories import UserFactory
from socialhub.tests.imports.conftest import as_csv

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(marketer):
    return client_of(marketer)


def send(client, content, **headers):
    file = SimpleUploadedFile("june.csv", content)
    return client.post("/api/imports/", {"file": file}, format="multipart", headers=headers)


def checked(client, content):
    sent = send(client, content).data
    jobs.run(sent["job"])
    return f"/api/imports/{sent['id']}/"


def test_a_file_becomes_drafts(client, shop):
    sent = send(client, as_csv([["text", "accounts"], ["a", "@shop"], ["b", "@x"]]))
    path = f"/api/imports/{sent.data['id']}/"
    assert (sent.status_code, sent["Location"]) == (202, path)
    assert client.get(path).data["state"] == "checking"
    jobs.run(sent.data["job"])

    found = client.get(path).data

    counted = ("state", "total", "ready", "rows_with_problems", "problem_count", "made")
    assert [found[name] for name in counted] == ["checked", 2, 1, 1, 1, 0]
    assert found["problems"] == [
        {
            "row": 3,
            "column": "accounts",
            "code": "account_unknown",
            "level": "error",
            "message": "There is no account “@x”. Check how it is written.",
        }
    ]
    refused = client.post(f"{path}run/", {})
    assert (refused.status_code, refused.data["type"]) == (400, "has_problems")
    started = client.post(f"{path}run/", {"only_good": True})
    assert started.status_code == 202
    assert client.get(f"/api/jobs/{started.data['job']}/").data["kind"] == "run_import"
    jobs.run(started.data["job"])
    found = client.get(path).data
    assert (found["state"], found["made"], Post.objects.get().text) == ("imported", 1, "a")


def test_the_order_of_dates_is_told_by_the_program(client):
    path = checked(client, as_csv([["text", "date", "time"], ["a", "03/06/2027", "9:30"]]))
    assert client.get(path).data["read_as"]["date_order"] == "ask"

    again = client.post(f"{path}check/", {"date_order": "month"})
    jobs.run(again.data["job"])

    assert client.get(path).data["read_as"]["date_order"] == "month"
    assert client.post(f"{path}check/", {"date_order": "year"}).status_code == 400


def test_problems_come_in_pages(client):
    path = checked(client, as_csv([["text", "accounts"], *[[f"t{n}", "@x"] for n in range(150)]]))

    pages = [client.get(path, {"page": n}).data for n in (1, 2)]

    assert [len(page["problems"]) for page in pages] == [100, 50]
    assert pages[0]["problem_pages"] == 2
    assert client.get(path, {"column": "link"}).data["problems"] == []


def test_the_same_upload_with_a_key_is_one_import(client):
    content = as_csv([["text"], ["a"]])
    first, second = (send(client, content, **{"Idempotency-Key": "k"}) for _n in range(2))

    assert first.data == second.data
    assert PostImport.objects.count() == 1


def test_a_file_that_is_none_is_refused_in_words(client):
    path = checked(client, b"nothing,known\n1,2\n")

    found = client.get(path).data

    assert found["state"] == "refused"
    assert found["problem"].startswith("No column is known.")
    assert send(client, b"").data["type"] == "empty"


def test_one_sees_ones_own(client, marketer):
    path = checked(client, b"text\na\n")
    other = client_of(UserFactory(role="Marketer"))

    assert other.get(path).status_code == 404
    assert other.post(f"{path}run/", {"only_good": True}).status_code == 404
    assert other.get("/api/imports/").data["count"] == 0
    assert client.get("/api/imports/").data["count"] == 1


@pytest.mark.parametrize("role", ["Analyst", "Approver"])
def test_who_writes_no_posts_imports_none(role, madrid):
    other = client_of(UserFactory(role=role))

    assert send(other, b"text\na\n").status_code == 403
    assert other.get("/api/imports/").status_code == 403


def test_a_token_that_may_only_read_imports_nothing(marketer):
    reader = client_of(marketer, can_write=False)

    assert send(reader, b"text\na\n").status_code == 403
    assert reader.get("/api/imports/").status_code == 200
