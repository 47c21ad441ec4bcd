"""The pages of an import, by role and owner."""

from __future__ import annotations

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from socialhub.models import Post, PostImport
from socialhub.services.imports import showing
from socialhub.tests.factories import UserFactory
from socialhub.tests.imports.conftest import as_csv, handed_in, worked

ADD = "/admin/socialhub/postimport/add/"


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def client(marketer):
    return client_of(marketer)


def page_of(batch, **query):
    return reverse("admin:socialhub_postimport_change", args=[batch.pk]), query


def text_of(response):
    return " ".join(response.content.decode().split())


def test_from_the_file_to_the_drafts(client, shop):
    content = as_csv([["text", "accounts"], ["One", "@shop"], ["Two", "@shop"], ["Three", "@x"]])
    sent = client.post(ADD, {"file": SimpleUploadedFile("june.csv", content)})
    batch = PostImport.objects.get()
    assert sent["Location"] == page_of(batch)[0]
    assert "being checked" in text_of(client.get(sent["Location"]))

    worked(batch)
    checked = text_of(client.get(sent["Location"]))
    assert "2 rows are ready. 1 row has 1 problem." in checked
    assert "Import only the 2 good rows" in checked
    assert "There is no account “@x”. Check how it is written." in checked

    url = reverse("admin:socialhub_postimport_verb", args=[batch.pk, "run"])
    client.post(url, {"only_good": "1"})
    worked(batch)
    done = text_of(client.get(sent["Location"]))
    assert "2 drafts are made." in done
    for post in Post.objects.all():
        assert reverse("admin:socialhub_post_change", args=[post.pk]) in done


def test_an_order_of_dates_is_asked_for(client, marketer):
    batch = handed_in(marketer, as_csv([["text", "date", "time"], ["a", "03/06/2027", "9:30"]]))
    assert "Which number comes first" in text_of(client.get(page_of(batch)[0]))

    url = reverse("admin:socialhub_postimport_verb", args=[batch.pk, "check"])
    client.post(url, {"date_order": "day"})
    batch = worked(batch)

    shown = text_of(client.get(page_of(batch)[0]))
    assert "Dates are read day first." in shown
    assert "Which number comes first" not in shown


def test_how_a_file_was_read_and_what_was_not_is_said(client, marketer):
    content = as_csv([["texto", "hashtag", "status"], ["Año", "#a", "x"]], ";", "cp1252")
    batch = handed_in(marketer, content)

    shown = text_of(client.get(page_of(batch)[0]))

    assert "Read as CSV in CP1252, parted by semicolons." in shown
    assert "Not known, so not read: hashtag." in shown
    assert "Not imported, since only people change it: status." in shown


def test_problems_are_filtered_and_paged(client, marketer, shop):
    rows = [["text", "accounts", "language"], *[[f"t{n}", "@x", ""] for n in range(60)]]
    batch = handed_in(marketer, as_csv([*rows, ["a", "", "klingon"]]))
    url, _query = page_of(batch)

    first = client.get(url).context
    assert (len(first["problems"]), first["page"].paginator.num_pages) == (50, 2)
    assert len(client.get(url, {"page": 2}).context["problems"]) == 12
    warned = client.get(url, {"level": "warning"}).context["problems"]
    assert {(one.row, one.level) for one in warned} == {(62, "warning"), (62, "error")}
    spoken = client.get(url, {"column": "language"}).context["problems"]
    assert {one.row for one in spoken} == {62}
    assert client.get(url, {"column": "link"}).context["problems"] == []


def test_files_to_take_away(client, marketer):
    batch = handed_in(marketer, as_csv([["text", "accounts"], ["a", "@x"]]))

    problems = client.get(reverse("admin:socialhub_postimport_problems", args=[batch.pk]))
    lines = list(csv.reader(io.StringIO(b"".join(problems.streaming_content).decode("utf-8-sig"))))
    template = client.get(reverse("admin:socialhub_postimport_template", args=["xlsx"]))

    assert lines[1][:2] == ["2", "accounts"]
    assert b"".join(template.streaming_content)[:2] == b"PK"
    assert (
        client.get(reverse("admin:socialhub_postimport_template", args=["exe"])).status_code == 404
    )


def test_a_missing_file_is_said(client):
    response = client.post(ADD)

    assert (response.status_code, "Choose a file first." in text_of(response)) == (400, True)


def test_somebody_elses_file_is_not_there(marketer, madrid):
    batch = handed_in(marketer, b"text\na\n")
    other = client_of(UserFactory(role="Marketer"))

    assert other.get(page_of(batch)[0]).status_code == 404
    assert other.get(f"/admin/socialhub/postimport/{batch.pk}/live/").status_code == 404
    assert other.post(f"/admin/socialhub/postimport/{batch.pk}/do/run/").status_code == 404
    listed = other.get(reverse("admin:socialhub_postimport_changelist"))
    assert batch.name not in text_of(listed)


@pytest.mark.parametrize("role", ["Approver", "Analyst"])
def test_who_writes_no_posts_imports_none(marketer, role):
    batch = handed_in(marketer, b"text\na\n")
    other = client_of(UserFactory(role=role))

    pages = [ADD, reverse("admin:socialhub_postimport_changelist"), page_of(batch)[0]]
    assert [other.get(page).status_code for page in pages] == [403, 403, 403]
    posts = text_of(other.get(reverse("admin:socialhub_post_changelist")))
    assert "Import from a file" not in posts


def test_the_list_and_the_posts_lead_there(client, marketer):
    batch = handed_in(marketer, b"text\na\n")

    listed = text_of(client.get(reverse("admin:socialhub_postimport_changelist")))
    posts = text_of(client.get(reverse("admin:socialhub_post_changelist")))

    assert page_of(batch)[0] in listed
    assert reverse("admin:socialhub_postimport_changelist") in posts


@pytest.mark.parametrize("rows", [3, 40])
def test_the_page_asks_the_database_equally_often(
    client, marketer, shop, rows, django_assert_max_num_queries
):
    long = "x" * (shop.capabilities.text_limit + 1)
    batch = handed_in(
        marketer, as_csv([["text", "accounts"], *[[f"{long}{n}", "@shop"] for n in range(rows)]])
    )
    client.get(page_of(batch)[0])

    with django_assert_max_num_queries(22):
        response = client.get(page_of(batch)[0])

    assert len(response.context["problems"]) == rows
    assert showing.counts(batch)["bad_rows"] == rows
