"""The recycling panel on a post's page."""

from __future__ import annotations

from datetime import date

import pytest

from experiments.models import PostRecycling
from experiments.services.recycling import verbs
from experiments.tests.recycling.shown import shown
from experiments.tests.recycling_pages.rows import BOARD, account, logged_in, words
from socialhub.tests.factories import PostFactory

pytestmark = pytest.mark.django_db
HX = {"HTTP_HX_REQUEST": "true"}


def _panel(post):
    return f"{BOARD}post/{post.pk}/"


def test_the_page_of_a_post_loads_it():
    post = shown(account(), 60, 5, 100).post
    page = logged_in().get(f"/admin/socialhub/post/{post.pk}/change/").content.decode()
    assert f'hx-get="{_panel(post)}"' in page


def test_a_draft_for_no_account_has_none():
    assert logged_in().get(_panel(PostFactory())).content == b""


def test_what_is_said_is_stored_and_shown():
    post = shown(account(), 60, 5, 100, is_evergreen=False).post
    client = logged_in()
    version = post.version
    typed = {
        "lasting": "stays",
        "season_from": "12-01",
        "season_to": "01-06",
        "expires_on": "2031-05-01",
    }

    answer = client.post(_panel(post), typed, **HX)

    said = PostRecycling.objects.get(post=post)
    assert (said.time_sensitive, said.season_from, said.season_to, said.expires_on) == (
        False,
        "12-01",
        "01-06",
        date(2031, 5, 1),
    )
    assert "Noted for recycling" in answer.headers["HX-Trigger"]
    assert 'value="12-01"' in answer.content.decode()
    post.refresh_from_db()
    # A composer that is open on the same page can still save.
    assert (post.is_evergreen, post.version) == (True, version)

    client.post(_panel(post), {"lasting": "unsaid"}, **HX)
    said.refresh_from_db()
    assert (said.time_sensitive, said.season_from, said.expires_on) == (None, "", None)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"season_from": "12-01"}, "A season needs its first and its last day."),
        ({"season_from": "1 Dec", "season_to": "01-06"}, "Write month and day as 12-24."),
        ({"expires_on": "soon"}, "Enter a valid date."),
        ({"lasting": "forever"}, "Select a valid choice."),
    ],
)
def test_bad_input_keeps_what_was_typed(wrong, why):
    post = shown(account(), 60, 5, 100).post
    answer = logged_in().post(_panel(post), {"lasting": "stays", **wrong}, **HX)
    assert why in words(answer)
    for value in wrong.values():
        assert value == "forever" or f'value="{value}"' in answer.content.decode()
    assert not PostRecycling.objects.exclude(season_from="", expires_on=None).exists()


def test_never_and_back_again():
    post, client = shown(account(), 60, 5, 100).post, logged_in()
    assert "Somebody said: never again." in words(
        client.post(_panel(post), {"verb": "never"}, **HX)
    )
    assert PostRecycling.objects.get().never_by == client.user
    assert "It may go out again" not in words(client.post(_panel(post), {"verb": "again"}, **HX))


def test_on_a_repetition_it_speaks_of_the_original():
    row = shown(account(), 60, 5, 100, text="The first of its kind")
    made = verbs.recycle(row, None)
    client = logged_in()
    text = words(client.get(_panel(made.post)))
    assert "this is repetition 1" in text and "The first of its kind" in text
    client.post(_panel(made.post), {"lasting": "dated"}, **HX)
    assert PostRecycling.objects.get().post == row.post
