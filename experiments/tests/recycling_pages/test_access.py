"""Who sees and does what, and that other people's accounts do not exist."""

from __future__ import annotations

import pytest

from experiments.models import PostRecycling, RecycledPost, RecyclingRule
from experiments.services.recycling import verbs
from experiments.tests.recycling.shown import shown
from experiments.tests.recycling_pages.rows import BOARD, account, logged_in, rule, words

pytestmark = pytest.mark.django_db

RULES = "/admin/experiments/recyclingrule/"
REPEATED = "/admin/experiments/recycledpost/"
PAGES = [
    BOARD,
    f"{BOARD}preview/",
    RULES,
    RULES + "{rule}/change/",
    REPEATED,
    REPEATED + "{repeated}/change/",
]
VERBS = ["recycle", "skip", "never", "again", "stays", "dated", "vary"]


@pytest.fixture
def known(db):
    on = account()
    row, again = shown(on, 60, 5, 100), shown(on, 90, 9, 100, text="Told before")
    made = verbs.recycle(again, None)
    return {
        "publication": row.pk,
        "post": row.post_id,
        "rule": rule(on).pk,
        "repeated": made.pk,
        "account": on,
    }


@pytest.mark.parametrize("role", ["Administrator", "Marketer", "Approver", "Analyst"])
def test_every_role_reads(known, role):
    client = logged_in(role)
    assert [client.get(path.format(**known)).status_code for path in PAGES] == [200] * len(PAGES)
    assert "Recycling" in words(client.get(f"{BOARD}post/{known['post']}/"))


@pytest.mark.parametrize("role", ["Approver", "Analyst"])
def test_only_marketers_act(known, role):
    client, before = logged_in(role), RecycledPost.objects.count()
    page = client.get(BOARD).content.decode()
    assert "Never again</button>" not in page and "Make a rule" not in page
    for verb in VERBS:
        assert client.post(f"{BOARD}{known['publication']}/{verb}/").status_code == 403
    client.post(f"{BOARD}post/{known['post']}/", {"lasting": "dated"})
    assert client.get(RULES + "add/").status_code == 403
    assert client.post(RULES + f"{known['rule']}/delete/", {"post": "yes"}).status_code == 403
    assert (RecycledPost.objects.count(), PostRecycling.objects.count()) == (before, 0)


def test_who_has_no_role_sees_nothing(known):
    client = logged_in("")
    assert {client.get(path.format(**known)).status_code for path in PAGES} == {403}
    assert client.get(f"{BOARD}post/{known['post']}/").content == b""


def test_other_accounts_do_not_exist(known):
    other = account()
    mine = shown(other, 70, 5, 100, text="Mine to repeat")
    client = logged_in("Marketer", other)
    board = client.get(BOARD)
    assert "Mine to repeat" in words(board)
    assert "Told before" not in words(board) and str(known["account"]) not in words(board)
    assert "1 post may go out again; no repetition is planned." in words(board)
    for verb in VERBS:
        assert client.post(f"{BOARD}{known['publication']}/{verb}/").status_code == 404
    assert client.get(f"{BOARD}post/{known['post']}/").status_code == 404
    assert client.get(RULES + f"{known['rule']}/change/").status_code == 302
    assert client.get(REPEATED + f"{known['repeated']}/change/").status_code == 302
    assert "Told before" not in words(client.get(f"{BOARD}preview/"))
    assert mine.pk


def test_a_rule_for_other_accounts_too_may_only_be_read(known):
    other = account()
    shared = rule(known["account"], other, name="Shared")
    client = logged_in("Marketer", other)
    assert "Shared" in words(client.get(RULES))
    page = client.get(RULES + f"{shared.pk}/change/")
    assert page.status_code == 200 and 'name="_save"' not in page.content.decode()
    assert client.post(RULES + f"{shared.pk}/delete/", {"post": "yes"}).status_code == 403
    assert RecyclingRule.objects.filter(pk=shared.pk).exists()


def test_what_is_not_out_cannot_be_recycled(known):
    waiting = RecycledPost.objects.get().publication_id
    assert logged_in().post(f"{BOARD}{waiting}/recycle/").status_code == 404


def test_an_unknown_verb_changes_nothing(known):
    answer = logged_in().post(f"{BOARD}{known['publication']}/explode/", HTTP_HX_REQUEST="true")
    assert "no such button" in answer.headers["HX-Trigger"]
