"""Rules in the admin, what they would take today, and the record of repetitions."""

from __future__ import annotations

import pytest

from experiments.models import RecycledPost, RecyclingRule
from experiments.services.recycling import verbs
from experiments.tests.recycling.shown import shown
from experiments.tests.recycling_pages.rows import BOARD, account, logged_in, rule, words

pytestmark = pytest.mark.django_db

RULES = "/admin/experiments/recyclingrule/"


def typed(*accounts, **fields):
    values = {
        "name": "Evergreen",
        "is_active": "on",
        "accounts": [each.pk for each in accounts],
        "min_age_days": "30",
        "cooldown_days": "60",
        "cap": "5",
        "share": "0.3",
        "wording": "same",
        **fields,
    }
    return {name: value for name, value in values.items() if value is not None}


def test_an_empty_list_teaches():
    assert "A rule lets good posts go out again" in words(logged_in().get(RULES))


def test_a_rule_is_made_changed_and_deleted():
    client, on, other = logged_in(), account(), account()

    assert client.post(RULES + "add/", typed(on, needs_approval="on")).status_code == 302
    row = RecyclingRule.objects.get()
    assert (row.author, list(row.accounts.all()), row.needs_approval) == (client.user, [on], True)
    listed = words(client.get(RULES))
    assert "up to 5 times, 60 days apart, 30 % of the slots" in listed

    client.post(RULES + f"{row.pk}/change/", typed(on, other, cap="2", is_active=None))
    row.refresh_from_db()
    assert (row.cap, row.is_active, row.accounts.count()) == (2, False, 2)
    assert row.history.count() == 2
    told = words(client.get(RULES + f"{row.pk}/history/"))
    assert "Most repetitions of a post 5 2" in told and f"{client.user} made it" in told

    client.post(RULES + f"{row.pk}/delete/", {"post": "yes"})
    assert not RecyclingRule.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"accounts": []}, "This field is required."),
        ({"share": "0.5"}, "less than or equal to 0.3"),
        ({"share": "nan"}, "Enter a number."),
        ({"cap": "0"}, "greater than or equal to 1"),
        ({"cooldown_days": "20"}, "greater than or equal to 21"),
        ({"season_from": "12-01"}, "A season needs its first and its last day."),
        ({"season_from": "02-30", "season_to": "03-01"}, "Write month and day as 12-24."),
    ],
)
def test_bad_input_is_told_at_its_field(wrong, why):
    page = logged_in().post(RULES + "add/", typed(account(), **wrong))
    assert page.status_code == 200 and why in words(page)
    assert not RecyclingRule.objects.exists()


def test_two_rules_of_one_name_are_refused():
    rule(account(), name="Evergreen")
    page = logged_in().post(RULES + "add/", typed(account()))
    assert "already exists" in words(page)


def test_accounts_of_others_are_not_offered():
    mine, other = account(), account()
    client = logged_in("Marketer", mine)
    assert str(other) not in words(client.get(RULES + "add/"))
    client.post(RULES + "add/", typed(mine, other))
    assert not RecyclingRule.objects.exists()


def test_what_is_typed_is_counted_before_it_is_stored():
    on = account()
    shown(on, 60, 5, 100)
    shown(on, 70, 5, 100, is_evergreen=False)
    client = logged_in()

    def now(**fields):
        return words(client.post(f"{BOARD}rule/", typed(on, **fields)))

    assert "2 posts would do" in now()
    strict = now(only_evergreen="on")
    assert "1 post would do of 2 considered" in strict
    assert "not marked as evergreen 1" in strict
    assert "0 posts would do" in now(cooldown_days="3000")
    assert "because of: Season from" in now(season_from="13-01", season_to="01-02")
    assert "Choose accounts" in now(accounts=[])
    assert not RecyclingRule.objects.exists()


def test_repetitions_are_read_only_and_tell_why():
    row = shown(account(), 60, 5, 100)
    made = verbs.recycle(row, None)
    RecycledPost.objects.update(predicted=0.05, actual=0.04, actual_rank=31)
    client = logged_in("Administrator")
    page = f"/admin/experiments/recycledpost/{made.pk}/change/"

    assert "▼ 20 %" in words(client.get("/admin/experiments/recycledpost/"))
    text = words(client.get(page))
    assert "Not worn" in text and "5.00 % engagements per impression" in text
    assert "31 / 100" in text
    assert client.post(page, {"score": "1"}).status_code == 403
    assert client.get("/admin/experiments/recycledpost/add/").status_code == 403
