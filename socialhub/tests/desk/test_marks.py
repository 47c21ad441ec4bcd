"""Marks of the apps above on publications: in the calendar and in lists."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from socialhub import registries
from socialhub.models import Post
from socialhub.registries import Mark
from socialhub.tests.factories import PublicationFactory, UserFactory

pytestmark = pytest.mark.django_db

PAGES = [
    "/admin/calendar/",
    "/admin/calendar/?view=week",
    "/admin/calendar/?view=list",
    "/admin/socialhub/publication/",
    "/admin/socialhub/post/",
]


@pytest.fixture
def marked(monkeypatch):
    """Marks the posts that say "again"; asks one query."""
    monkeypatch.setattr(registries, "_publication_marks", [])

    def provider(user, ids):
        found = Post.objects.filter(publications__in=ids, text__contains="again")
        mark = Mark("again", "recycling", "Shown again <n>", "/admin/again/")
        return dict.fromkeys(found.values_list("publications", flat=True), mark)

    registries.register_publication_marks(provider)


@pytest.fixture
def reader(client):
    client.force_login(UserFactory(role="Analyst"))
    return client


def _due(text):
    now = timezone.now()
    return PublicationFactory(post__text=text, due_at=now + timedelta(minutes=1))


@pytest.mark.parametrize("path", PAGES)
def test_what_is_marked_says_so(marked, reader, path):
    _due("New one")
    assert "Shown again" not in reader.get(path).content.decode()

    _due("Once again")

    page = reader.get(path).content.decode()
    assert "Shown again &lt;n&gt;" in page
    assert page.count('data-mark="again"') == 1


@pytest.mark.parametrize("path", PAGES)
def test_as_many_queries_for_three_as_for_one(marked, reader, path):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            assert reader.get(path).status_code == 200
        return len(queries)

    _due("Once again")
    asked()
    first = asked()
    _due("Twice again")
    _due("New")

    assert asked() == first


def test_the_page_of_a_publication_shows_it(marked, reader):
    row = _due("Once again")
    page = reader.get(f"/admin/socialhub/publication/{row.pk}/change/").content.decode()
    assert '<a class="sh-mark" href="/admin/again/" data-mark="again">' in page


def test_two_apps_may_mark_the_same(marked):
    row = _due("again")
    registries.register_publication_marks(lambda user, ids: {row.pk: Mark("ab", "science", "A/B")})

    found = registries.publication_marks(None, [row.pk])

    assert [mark.code for mark in found[row.pk]] == ["again", "ab"]
    assert registries.publication_marks(None, []) == {}
