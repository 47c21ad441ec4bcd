"""The checks of the score through the API, on posts that went out and were read."""

from __future__ import annotations

import pytest

from experiments.tests.recycling.shown import client, shown, text
from socialhub.tests.factories import AccountFactory

pytestmark = pytest.mark.django_db

CANDIDATES = "/api/recycling/candidates/"
# Engagements of 1,000 impressions: around 3 %.
USUAL = [24, 27, 28, 30, 30, 31, 33, 36, 29, 32, 26, 34]


def asked(caller=None, **params):
    answer = (caller or client()).get(CANDIDATES, {"page_size": 200, **params})
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def ranking(**params):
    return [row["publication"] for row in asked(**params) if row["eligible"]]


def usual(account, first_day=200, times=1):
    return [shown(account, first_day + n, times * e, 1000) for n, e in enumerate(USUAL)]


def test_scaling_all_rates_leaves_the_ranking(db):
    """Check a: three times the reactions, or a third of the impressions, change nothing."""
    rows = [(90 + 11 * n, 20 + (n * 37) % 61, 900 + (n * 311) % 1400) for n in range(14)]
    plain, engaged, reached = AccountFactory(), AccountFactory(), AccountFactory()
    orders = []
    for account, more, fewer in ((plain, 1, 1), (engaged, 3, 1), (reached, 1, 3)):
        shown_there = [
            shown(account, days, more * e, seen // fewer, text=text(n))
            for n, (days, e, seen) in enumerate(rows)
        ]
        place = {publication.pk: n for n, publication in enumerate(shown_there)}
        orders.append([place[pk] for pk in ranking(account=account.pk)])

    assert len(orders[0]) == 14
    assert orders[0] == orders[1] == orders[2]


def test_one_like_of_two_impressions_does_not_outrank_300_of_5000():
    """Check b."""
    account = AccountFactory()
    lucky, proven = shown(account, 100, 1, 2), shown(account, 100, 300, 5000)
    usual(account)

    order = ranking()

    assert order[0] == proven.pk
    assert order.index(proven.pk) < order.index(lucky.pk)


def test_more_repetitions_a_later_showing_and_age_rank_lower():
    """Check c: posts that earned the same."""
    account = AccountFactory()
    usual(account, 60)

    def post(*days):
        first = shown(account, days[0], 30, 1000)
        for again in days[1:]:
            shown(account, again, 30, 1000, post=first.post)
        return first.pk

    never, once, twice = post(400), post(400, 150), post(400, 250, 150)
    recent, waited = post(300, 60), post(300, 120)
    young, old = post(500), post(900)

    order = {row["publication"]: row["raw"] for row in asked()}

    assert order[never] > order[once] > order[twice]
    assert order[waited] > order[recent]
    assert order[young] > order[old]


def test_what_may_not_be_repeated_is_never_eligible():
    """Check d."""
    account = AccountFactory()
    usual(account)
    too_young = shown(account, 5, 400, 1000)
    bound = shown(account, 90, 400, 1000, text="Only today: soup", is_evergreen=False)

    rows = {row["publication"]: row for row in asked()}

    assert [reason["code"] for reason in rows[too_young.pk]["reasons"]] == ["too_young", "cooldown"]
    assert [reason["code"] for reason in rows[bound.pk]["reasons"]] == ["looks_bound_to_date"]
    eligible = {row["publication"] for row in asked(eligible="true")}
    assert eligible == set(rows) - {too_young.pk, bound.pk}
    assert {row["publication"] for row in asked(eligible="false")} == {too_young.pk, bound.pk}


def test_without_numbers_the_longest_wait_comes_first():
    """Check e: first in, first out, by the last showing."""
    account = AccountFactory()
    days = [40, 400, 90, 31, 1200, 200, 3000]
    by_days = {day: shown(account, day) for day in days}
    shown(account, 100, post=by_days[1200].post)

    order = ranking()

    assert order == [by_days[day].pk for day in (3000, 400, 200, 1200, 90, 40, 31)]


def test_raw_counts_do_not_rank():
    account = AccountFactory()
    usual(account)
    big_day = shown(account, 100, 900, 30_000)
    good = shown(account, 100, 60, 1000)

    order = ranking()

    assert order.index(good.pk) < order.index(big_day.pk)


def test_a_row_says_everything():
    account = AccountFactory()
    usual(account)
    best = shown(account, 90, 90, 1000)

    row = asked()[0]

    assert (row["publication"], row["post"], row["account"]) == (best.pk, best.post_id, account.pk)
    assert row["platform"] == "sandbox"
    assert row["text"] == best.post.text
    assert (row["eligible"], row["reasons"], row["times_recycled"]) == (True, [], 0)
    assert row["score"] == 100
    assert set(row["factors"]) == {
        "quality",
        "freshness",
        "fatigue",
        "decay",
        "season",
        "diversity",
    }
    factors = [row["factors"][name]["value"] for name in row["factors"]]
    product = 1.0
    for value in factors:
        product *= value
    assert row["raw"] == pytest.approx(product)
    assert row["factors"]["quality"]["value"] > 1
    assert row["factors"]["fatigue"] == {"value": 1.0, "words": "Never repeated."}
    assert row["predicted"] == pytest.approx(0.03, abs=0.02)


def test_only_granted_accounts():
    ours, theirs = AccountFactory(), AccountFactory()
    own, other = shown(ours, 90), shown(theirs, 90)
    caller = client("Marketer", ours)

    assert [row["publication"] for row in asked(caller)] == [own.pk]
    assert caller.get(f"{CANDIDATES}{other.pk}/").status_code == 404
    assert caller.get(CANDIDATES, {"account": theirs.pk}).status_code == 400
    for verb in ("recycle", "skip", "never", "again"):
        assert caller.post(f"{CANDIDATES}{other.pk}/{verb}/", {}, "json").status_code == 404


@pytest.mark.parametrize("query", [{"account": "x"}, {"rule": 0}, {"eligible": "maybe"}])
def test_bad_questions_are_errors(query):
    assert client().get(CANDIDATES, query).status_code == 400


def test_the_number_of_queries_is_constant(django_assert_num_queries):
    caller = client()

    def accounts(number):
        for _ in range(number):
            account = AccountFactory()
            for n in range(3):
                first = shown(account, 60 + n, 30, 1000)
            shown(account, 35, 30, 1000, post=first.post)

    accounts(1)
    asked(caller)
    # Role, accounts, organisation, repetitions, publications, what people said,
    # checks, series, tests and their sources, recent texts and whose, learned, texts, rows.
    with django_assert_num_queries(14):
        asked(caller)
    accounts(2)
    with django_assert_num_queries(14):
        assert len(asked(caller)) == 9


def test_grants_narrow_a_publication_that_is_a_repetition_too():
    account = AccountFactory()
    first = shown(account, 100)
    again = shown(account, 40, post=first.post)
    caller = client("Analyst", account)

    found = caller.get(f"{CANDIDATES}{again.pk}/").json()

    assert (found["publication"], found["times_recycled"]) == (first.pk, 1)
