"""Who sees which page, and that tests on other accounts do not exist."""

from __future__ import annotations

import re

import pytest

from experiments.models import ABTest
from experiments.tests.factories import make_test, running, slots
from experiments.tests.pages.rows import ADD, LIST, logged_in, page_of
from socialhub.models import AccountGrant
from socialhub.tests.factories import AccountFactory, PostFactory

pytestmark = pytest.mark.django_db

PLANNER, CALCULATOR = "/admin/experiments/planner/", "/admin/experiments/calculator/"
SEEN = [LIST, PLANNER, CALCULATOR, "/admin/experiments/abtestlook/"]
SEEN += ["/admin/experiments/abtestpublication/"]
VERBS = ["submit", "approve", "start", "stop", "evaluate", "withdraw", "delete", "promote"]


@pytest.mark.parametrize("role", ["Administrator", "Marketer", "Approver", "Analyst"])
def test_every_role_reads_and_only_marketers_write(role):
    client, test = logged_in(role), running()
    writes = role in ("Administrator", "Marketer")

    assert [client.get(path).status_code for path in [*SEEN, page_of(test)]] == [200] * 6
    assert client.get(ADD).status_code == (200 if writes else 403)
    assert client.get(page_of(make_test(), "edit")).status_code == (200 if writes else 403)
    assert ("ab_tests" in client.get(LIST).text or ADD in client.get(LIST).text) is writes


def test_who_has_no_role_sees_no_page():
    client, test = logged_in(""), running()

    found = [client.get(path).status_code for path in [*SEEN, ADD, page_of(test)]]

    assert found == [403] * len(found)


@pytest.mark.parametrize("verb", VERBS)
def test_an_analyst_changes_nothing(verb):
    test = running()
    before = ABTest.objects.filter(pk=test.pk).values()[0]

    response = logged_in("Analyst").post(page_of(test, f"do/{verb}"), follow=True)

    assert [message.level_tag for message in response.context["messages"]] == ["error"]
    assert ABTest.objects.filter(pk=test.pk).values()[0] == before


def test_tests_on_other_accounts_do_not_exist():
    mine = running(question="Mine?", accounts=[slots(AccountFactory())])
    other = running(question="Other?")
    client = logged_in("Marketer", mine.accounts.get())

    assert client.get(page_of(mine)).status_code == 200
    listed = client.get(LIST).text
    assert "Mine?" in listed and "Other?" not in listed
    for part in ("change", "verdict", "figures", "edit", "history"):
        assert "Other?" not in client.get(page_of(other, part), follow=True).text
    for part in ("verdict", "figures", "edit"):
        assert client.get(page_of(other, part)).status_code == 404
    assert client.post(page_of(other, "do/stop")).status_code == 404
    looks = client.get("/admin/experiments/abtestpublication/").text
    assert "Mine?" in looks and "Other?" not in looks


def test_an_own_draft_without_account_is_seen():
    client = logged_in("Marketer")
    test = make_test(client.user, accounts=[])
    AccountGrant.objects.create(user=client.user, account=AccountFactory())

    assert client.get(page_of(test)).status_code == 200


def test_an_unknown_verb_does_not_exist():
    test = make_test()

    assert logged_in().post(page_of(test, "do/explode")).status_code == 404
    assert logged_in().get(page_of(test, "do/submit")).status_code == 405


def test_a_post_of_another_account_has_no_panel():
    test = running()
    post = test.publications.first().post
    client = logged_in("Marketer", AccountFactory())

    assert client.get(f"/admin/experiments/post/{post.pk}/").status_code == 404
    assert client.post(f"/admin/experiments/post/{post.pk}/test/").status_code == 404


def test_no_page_has_an_inline_script_or_handler():
    client, test = logged_in("Administrator"), running()
    post = PostFactory()

    for path in [*SEEN, ADD, page_of(test), f"/admin/experiments/post/{post.pk}/"]:
        text = client.get(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", text), path
        assert not re.search(r"<[^>]+\son(click|load|change|submit|input|toggle)=", text), path
