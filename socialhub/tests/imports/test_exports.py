"""Lists as files: harmless, on the organisation's clock, and posts can be imported again."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from socialhub.models import MediaAsset, Post, Publication
from socialhub.services import posts, tables
from socialhub.tests.api.conftest import client_of
from socialhub.tests.factories import (
    AccountFactory,
    CampaignFactory,
    PostFactory,
    PublicationFactory,
    UserFactory,
)
from socialhub.tests.imports.conftest import codes, handed_in, imported

pytestmark = pytest.mark.django_db
HOUR = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=40)
TEXTS = ["=1+1", "+34 600", "-20 %", "@shop says", "\ttab", "Plain, with; marks\nand lines “ñ”"]
FIELDS = ("text", "link", "language", "content_type", "is_evergreen", "track_link", "planned_at")


@pytest.fixture
def other(madrid):
    return AccountFactory(handle="@second")


@pytest.fixture
def written(marketer, shop, other):
    """Posts that hold everything a post can."""
    picture = MediaAsset.objects.create(
        name="oil.jpg", sha256="a" * 64, mime="image/jpeg", size=9, width=800, height=800,
        alt_text="Oil", uploaded_by=marketer, file="media/oil.jpg",
    )  # fmt: skip
    campaign = CampaignFactory(name="Spring")
    return [
        posts.create(
            marketer, text=text.strip() if text.startswith("\t") else text, accounts=[shop, other],
            overrides={other.pk: f"={text} own"}, due_at=HOUR, media=[picture], language="es",
            campaign=campaign, is_evergreen=True, track_link=True, link="https://shop.example/a",
        )
        for text in TEXTS
    ]  # fmt: skip


def by_api(user, what, **query):
    response = client_of(user).get(f"/api/{what}/export/", query)
    assert response.status_code == 200, response.data
    return b"".join(response.streaming_content)


def by_admin(user, what, kind):
    client = Client()
    client.force_login(user)
    url = reverse(f"admin:socialhub_{what}_export")
    return client.post(url, {"format": {"csv": "0", "xlsx": "1"}[kind], "resource": ""}).content


def as_dicts(content):
    return list(csv.DictReader(io.StringIO(content.decode())))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("way", ["api", "admin"])
def test_exported_posts_are_imported_as_they_were(marketer, written, shop, other, way, kind):
    content = (
        by_api(marketer, "posts", format=kind) if way == "api" else by_admin(marketer, "post", kind)
    )
    before = Post.objects.order_by("text").values_list(*FIELDS, "campaign")
    expected = list(before)
    own = sorted(Publication.objects.values_list("account", "text_override", "due_at"))
    Publication.objects.all().delete()
    Post.objects.all().delete()

    batch = handed_in(marketer, content, f"posts.{kind}")
    assert codes(batch) == {}
    assert batch.read_as["unknown_columns"] == []
    imported(batch)

    assert list(before.all()) == expected
    assert sorted(Publication.objects.values_list("account", "text_override", "due_at")) == own
    assert {post.media.count() for post in Post.objects.all()} == {1}
    assert {post.status for post in Post.objects.all()} == {"draft"}


@pytest.mark.parametrize("way", ["api", "admin"])
def test_no_cell_of_a_csv_runs_in_a_spreadsheet(marketer, written, way):
    content = by_api(marketer, "posts") if way == "api" else by_admin(marketer, "post", "csv")

    cells = [cell for row in as_dicts(content) for cell in row.values()]
    assert [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell] == []
    assert "'=1+1" in cells


def test_a_workbook_holds_texts_and_no_formulas(marketer, written):
    sheet = load_workbook(io.BytesIO(by_api(marketer, "posts", format="xlsx"))).active

    kinds = {cell.data_type for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
    assert "=1+1" in {row[2] for row in sheet.iter_rows(values_only=True)}


@pytest.mark.parametrize("way", ["api", "admin"])
def test_moments_are_on_the_organisations_clock(marketer, shop, way):
    at = timezone.now()
    PublicationFactory(account=shop, published=True, published_at=at)
    content = (
        by_api(marketer, "publications")
        if way == "api"
        else by_admin(marketer, "publication", "csv")
    )

    [row] = as_dicts(content)

    assert row["published_at"] == at.astimezone(ZoneInfo("Europe/Madrid")).isoformat(
        timespec="seconds"
    )
    assert row["published_at"][-6:] in ("+01:00", "+02:00")
    assert (row["account"], row["status"]) == ("'@shop", "published")


@pytest.mark.parametrize("way", ["api", "admin"])
def test_what_is_not_granted_is_in_no_cell(marketer, shop, other, way):
    marketer.account_grants.create(account=shop)
    post = PostFactory(text="Both", author=marketer)
    PublicationFactory(post=post, account=shop, text_override="for the shop")
    PublicationFactory(post=post, account=other, text_override="for the second")
    PublicationFactory(post=PostFactory(text="Hidden"), account=other)
    user = type(marketer).objects.get(pk=marketer.pk)

    if way == "api":
        files = by_api(user, "posts"), by_api(user, "publications")
    else:
        files = by_admin(user, "post", "csv"), by_admin(user, "publication", "csv")

    for content in files:
        text = content.decode()
        assert "for the shop" in text
        assert "second" not in text
        assert "Hidden" not in text


def test_an_export_takes_the_filters_of_its_list(marketer, shop):
    PublicationFactory(account=shop, post=PostFactory(text="One"))
    PublicationFactory(account=shop, post=PostFactory(text="Two", language="es"), published=True)

    assert [row["text"] for row in as_dicts(by_api(marketer, "posts", search="One"))] == ["One"]
    found = as_dicts(by_api(marketer, "publications", status="published"))
    assert [row["text"] for row in found] == ["Two"]


def test_who_may_not_look_exports_nothing(madrid):
    stranger = client_of(UserFactory(role=None))

    assert stranger.get("/api/posts/export/").status_code == 403
    assert stranger.get("/api/publications/export/").status_code == 403
    analyst = client_of(UserFactory(role="Analyst"), can_write=False)
    assert analyst.get("/api/posts/export/").status_code == 200
    assert analyst.get("/api/posts/export/", {"format": "pdf"}).data["type"] == "bad_format"


def test_a_sheet_that_would_be_too_long_is_refused(marketer, written, monkeypatch):
    monkeypatch.setattr(tables, "MOST_IN_SHEET", 3)
    response = client_of(marketer).get("/api/posts/export/", {"format": "xlsx"})

    assert (response.status_code, response.data["type"]) == (400, "too_many_rows")
    assert len(as_dicts(by_api(marketer, "posts"))) == len(TEXTS)


@pytest.mark.parametrize("count", [2, 30])
def test_queries_do_not_grow_with_rows(marketer, shop, count, django_assert_max_num_queries):
    for _n in range(count):
        PublicationFactory(account=shop, post=PostFactory(author=marketer))
    client = client_of(marketer)

    with django_assert_max_num_queries(16):
        content = b"".join(client.get("/api/posts/export/").streaming_content)

    assert len(as_dicts(content)) == count
