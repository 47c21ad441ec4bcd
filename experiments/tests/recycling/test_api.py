"""Rules, verbs, repetitions and preview over the API, and who may do what."""

from __future__ import annotations

import pytest
from django.utils import timezone

from experiments.models import PostRecycling, RecycledPost, RecyclingRule
from experiments.tests.recycling.shown import client, shown
from experiments.tests.recycling.test_planning import account_with_slots, library, rule
from socialhub.models import PostStatus, PublicationStatus
from socialhub.services import publishing
from socialhub.tests.factories import AccountFactory, CampaignFactory

pytestmark = pytest.mark.django_db

ROOT = "/api/recycling/"
RULES, CANDIDATES = f"{ROOT}rules/", f"{ROOT}candidates/"


def post(caller, address, **sent):
    return caller.post(address, sent, "json")


def test_a_rule_from_making_to_deleting():
    account, campaign, caller = AccountFactory(), CampaignFactory(), client()

    made = post(
        caller,
        RULES,
        name="Winter",
        accounts=[account.pk],
        campaign=campaign.pk,
        season_from="12-01",
        season_to="01-06",
        share=0.2,
        wording="varied",
    )

    assert made.status_code == 201, made.content
    said = made.json()
    assert (said["accounts"], said["season_to"], said["share"]) == ([account.pk], "01-06", 0.2)
    assert (said["cap"], said["cooldown_days"], said["needs_approval"]) == (5, 60, True)
    assert said["author"] == caller.user.pk
    address = f"{RULES}{said['id']}/"
    changed = caller.patch(address, {"cap": 3, "is_active": False}, "json")
    assert (changed.status_code, changed.json()["cap"]) == (200, 3)
    assert caller.put(address, changed.json(), "json").status_code == 200
    assert caller.get(RULES, {"active": "true"}).json()["count"] == 0
    history = RecyclingRule.objects.get().history.values_list("history_change_reason", flat=True)
    assert list(history)[-2:] == ["edited", "created"]
    assert caller.delete(address).status_code == 204
    assert not RecyclingRule.objects.exists()


@pytest.mark.parametrize(
    ("field", "sent"),
    [
        ("accounts", {"accounts": []}),
        ("accounts", {"accounts": [10**9]}),
        ("accounts", {"accounts": None}),
        ("share", {"share": 0.31}),
        ("share", {"share": 30}),
        ("share", {"share": "0.2"}),
        ("share", {"share": 0}),
        ("season_from", {"season_from": "12-24"}),
        ("season_from", {"season_from": "24-12", "season_to": "12-30"}),
        ("season_to", {"season_from": "02-01", "season_to": "02-30"}),
        ("cooldown_days", {"cooldown_days": 20}),
        ("min_age_days", {"min_age_days": 29}),
        ("cap", {"cap": 0}),
        ("cap", {"cap": 2.5}),
        ("wording", {"wording": "other"}),
        ("language", {"language": "xx"}),
        ("expires_on", {"expires_on": "soon"}),
        ("name", {"name": ""}),
        ("shares", {"shares": 0.2}),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_by_field(field, sent):
    account = AccountFactory()

    answer = post(client(), RULES, **{"name": "R", "accounts": [account.pk], **sent})

    assert answer.status_code == 400, answer.content
    assert field in answer.json()["fields"]
    assert not RecyclingRule.objects.exists()


def test_two_rules_have_two_names():
    account = AccountFactory()
    rule(account, name="Winter")

    answer = post(client(), RULES, name="Winter", accounts=[account.pk])

    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["name"])


def test_rules_on_accounts_of_others():
    ours, theirs = AccountFactory(), AccountFactory()
    both, other = rule(ours, theirs, name="Both"), rule(theirs, name="Other")
    caller = client("Marketer", ours)

    assert [row["id"] for row in caller.get(RULES).json()["results"]] == [both.pk]
    assert caller.get(f"{RULES}{other.pk}/").status_code == 404
    assert caller.patch(f"{RULES}{both.pk}/", {"cap": 2}, "json").status_code == 403
    assert caller.delete(f"{RULES}{both.pk}/").status_code == 403
    assert post(caller, RULES, name="N", accounts=[theirs.pk]).status_code == 400


def test_recycle_now_takes_the_next_free_slot():
    account = account_with_slots(9)
    original, caller = shown(account, 90), client()

    answer = post(caller, f"{CANDIDATES}{original.pk}/recycle/")

    assert answer.status_code == 201, answer.content
    said = answer.json()
    row = RecycledPost.objects.get()
    assert (said["id"], said["original"], said["number"]) == (row.pk, original.pk, 1)
    assert (said["post_status"], said["status"]) == (
        PostStatus.APPROVED,
        PublicationStatus.SCHEDULED,
    )
    assert (row.publication.due_at.hour, row.made_by) == (9, caller.user)
    again = post(caller, f"{CANDIDATES}{original.pk}/recycle/")
    assert (again.status_code, again.json()["type"]) == (409, "not_eligible")
    assert again.json()["fields"] == {"publication": ["A repetition is planned already."]}


def test_another_text_goes_into_review_and_not_to_its_writer():
    original, caller = shown(AccountFactory(), 90), client("Administrator")

    answer = post(caller, f"{CANDIDATES}{original.pk}/recycle/", text="Quite another wording")

    assert answer.json()["post_status"] == PostStatus.IN_REVIEW
    own = caller.post(f"/api/posts/{answer.json()['post']}/approve/", {}, "json")
    assert (own.status_code, own.json()["type"]) == (403, "edited_it_yourself")
    other = client("Approver").post(f"/api/posts/{answer.json()['post']}/approve/", {}, "json")
    assert other.status_code == 200, other.content


@pytest.mark.parametrize(
    ("verb", "sent", "field"),
    [
        ("recycle", {"due_at": "2020-01-01T09:00:00Z"}, "due_at"),
        ("recycle", {"due_at": "tomorrow"}, "due_at"),
        ("recycle", {"rule": 10**9}, "rule"),
        ("skip", {"until": "2020-01-01T09:00:00Z"}, "until"),
        ("never", {"why": "x"}, "why"),
    ],
)
def test_bad_arguments(verb, sent, field):
    original = shown(AccountFactory(), 90)

    answer = post(client(), f"{CANDIDATES}{original.pk}/{verb}/", **sent)

    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_people_say_what_a_post_is_bound_to():
    original, caller = shown(AccountFactory(), 90), client()
    address = f"{CANDIDATES}{original.pk}/"

    for verb, field in (("skip", "skip_until"), ("never", "never_at")):
        said = post(caller, f"{address}{verb}/")
        assert said.json()[field], said.content
        assert not caller.get(address).json()["eligible"]
        assert post(caller, f"{address}again/").json()[field] is None
    said = caller.patch(
        address,
        {"time_sensitive": False, "season_from": "11-01", "season_to": "01-06"},
        "json",
    )
    assert said.status_code == 200, said.content
    row = PostRecycling.objects.get()
    assert (row.post, row.time_sensitive, row.season_to) == (original.post, False, "01-06")
    half = caller.patch(address, {"season_to": ""}, "json")
    assert (half.status_code, list(half.json()["fields"])) == (400, ["season_from"])


@pytest.mark.parametrize("role", ["Approver", "Analyst"])
def test_who_only_reads_changes_nothing(role):
    account = account_with_slots(9)
    original, own = shown(account, 90), rule(account)
    caller = client(role)

    for address in (RULES, CANDIDATES, f"{ROOT}posts/", f"{ROOT}preview/"):
        assert caller.get(address).status_code == 200
    assert post(caller, RULES, name="N", accounts=[account.pk]).status_code == 403
    assert caller.patch(f"{RULES}{own.pk}/", {"cap": 2}, "json").status_code == 403
    for verb in ("recycle", "skip", "never", "again"):
        assert post(caller, f"{CANDIDATES}{original.pk}/{verb}/").status_code == 403
    assert not PostRecycling.objects.exists()
    assert not RecycledPost.objects.exists()


def test_a_token_that_only_reads():
    from socialhub.models import ApiToken

    original, caller = shown(AccountFactory(), 90), client()
    _row, token = ApiToken.objects.create(caller.user, can_write=False)
    caller.force_authenticate(None)
    caller.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")

    assert caller.get(CANDIDATES).status_code == 200
    answer = post(caller, f"{CANDIDATES}{original.pk}/never/")
    assert (answer.status_code, answer.json()["type"]) == (403, "read_only_token")


def test_repetitions_and_what_became_of_them(django_assert_num_queries):
    account, theirs, caller = AccountFactory(), AccountFactory(), client()
    for n in range(2):
        post(caller, f"{CANDIDATES}{shown(account, 90 + n).pk}/recycle/")
    post(caller, f"{CANDIDATES}{shown(theirs, 90).pk}/recycle/")
    first = RecycledPost.objects.order_by("pk").first()
    publishing.cancel(first.publication, None)

    with django_assert_num_queries(2):
        rows = caller.get(f"{ROOT}posts/", {"account": account.pk}).json()["results"]

    assert [row["status"] for row in rows] == ["scheduled", "cancelled"]
    assert caller.get(f"{ROOT}posts/", {"measured": "true"}).json()["count"] == 0
    limited = client("Analyst", theirs)
    assert limited.get(f"{ROOT}posts/").json()["count"] == 1
    assert limited.get(f"{ROOT}posts/{first.pk}/").status_code == 404


def test_preview_of_four_weeks():
    account, hidden = account_with_slots(9, 18), account_with_slots(9)
    library(account, 3)
    library(hidden, 3)
    own = rule(account, hidden)
    caller = client("Analyst", account)

    rows = caller.get(f"{ROOT}preview/", {"weeks": 4}).json()

    assert [row["account"] for row in rows] == [account.pk]
    assert rows[0]["rule"] == own.pk
    assert rows[0]["day"] >= f"{timezone.localdate():%Y-%m-%d}"
    assert not RecycledPost.objects.exists()
    assert caller.get(f"{ROOT}preview/", {"weeks": 0}).status_code == 400
    assert caller.get(f"{ROOT}preview/", {"account": hidden.pk}).status_code == 400


def test_preview_asks_as_often_for_three_accounts_as_for_one(django_assert_num_queries):
    def accounts(number):
        made = [account_with_slots(9) for _ in range(number)]
        for account in made:
            library(account, 2)
        return made

    caller, first = client(), accounts(1)
    own = rule(*first)
    caller.get(f"{ROOT}preview/")
    with django_assert_num_queries(18):
        caller.get(f"{ROOT}preview/")
    own.accounts.set([*first, *accounts(2)])
    with django_assert_num_queries(18):
        caller.get(f"{ROOT}preview/")


def test_learning_needs_fifty_repetitions():
    from experiments.services.recycling import learning

    assert learning.learn(timezone.now()) == {
        "showings": 0,
        "needed": 50,
        "learned": False,
        "level": 0.0,
    }
