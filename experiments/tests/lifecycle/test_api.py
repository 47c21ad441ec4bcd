"""/api/ab-tests/: shapes, filters, and what may be sent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from experiments.models import ABTest
from experiments.tests.factories import make_test, running, slots
from socialhub.models import MediaAsset, TrackedLink
from socialhub.tests.factories import AccountFactory, CampaignFactory, PostFactory

pytestmark = pytest.mark.django_db
TESTS = "/api/ab-tests/"


def body(**fields):
    texts = [{"text": "Come in, we are open."}, {"text": "Open today!"}]
    return {"question": "Which opening is better?", "variants": texts, **fields}


def test_a_test_as_it_was_sent(marketer):
    account = slots(AccountFactory())
    picture = MediaAsset.objects.create(
        file="a.png", sha256="0" * 64, mime="image/png", size=1, uploaded_by=marketer.user
    )
    variants = [
        {"name": "Plain", "text": "One", "link": "https://shop.example/", "track_link": True},
        {"text": "Two", "media": [picture.pk]},
        {"name": "Third", "text": "Three"},
    ]

    response = marketer.post(
        TESTS,
        body(
            variants=variants,
            accounts=[account.pk],
            metric="clicks",
            confidence=0.9,
            power=0.9,
            smallest_effect=0.3,
            washout_hours=72,
            planned_size=12,
            campaign=CampaignFactory().pk,
            language="es",
        ),
    )

    assert response.status_code == 201, response.data
    found = response.json()
    assert [one["name"] for one in found["variants"]] == ["Plain", "B", "Third"]
    assert [one["position"] for one in found["variants"]] == [0, 1, 2]
    assert (found["variants"][0]["link"], found["variants"][1]["media"]) == (
        "https://shop.example/",
        [picture.pk],
    )
    assert (found["state"], found["design"], found["outcome"]) == ("draft", "paired_slots", "")
    assert (found["confidence"], found["planned_size"], found["accounts"]) == (
        0.9,
        12,
        [account.pk],
    )
    assert (found["author"], found["version"], found["winner"]) == (marketer.user.pk, 1, None)


def test_what_was_read_may_be_sent_back_with_a_change(marketer):
    test = make_test(marketer.user)
    shown = marketer.get(f"{TESTS}{test.pk}/").json()
    ids = [one["id"] for one in shown["variants"]]
    shown["question"] = "Which one sells?"
    shown["variants"][1]["text"] = "We are open today."

    found = marketer.patch(f"{TESTS}{test.pk}/", shown).json()

    assert (found["question"], found["version"]) == ("Which one sells?", 2)
    assert found["variants"][1]["text"] == "We are open today."
    assert [one["id"] for one in found["variants"]] == ids


def test_variants_can_change_places_and_become_fewer(marketer):
    test = make_test(marketer.user)
    address = f"{TESTS}{test.pk}/"
    three = [{"name": "B", "text": "b"}, {"name": "A", "text": "a"}, {"name": "C", "text": "c"}]

    more = marketer.patch(address, {"variants": three}).json()["variants"]
    fewer = marketer.patch(address, {"variants": three[:2]}).json()["variants"]

    assert [one["name"] for one in more] == ["B", "A", "C"]
    assert [one["name"] for one in fewer] == ["B", "A"]


def test_a_post_becomes_the_control_and_b_its_copy(marketer):
    post = PostFactory(text="New chairs", link="https://shop.example/", campaign=CampaignFactory())

    found = marketer.post(TESTS, {"source_post": post.pk}).json()

    assert [one["text"] for one in found["variants"]] == ["New chairs", "New chairs"]
    assert [one["name"] for one in found["variants"]] == ["A", "B"]
    assert (found["campaign"], found["source_post"]) == (post.campaign_id, post.pk)


def test_an_idempotency_key_makes_one_test(marketer):
    headers = {"Idempotency-Key": "one"}

    first, second = (marketer.post(TESTS, body(), headers=headers) for _n in range(2))

    assert first.json() == second.json()
    assert ABTest.objects.count() == 1


def test_a_stale_version_is_a_conflict(marketer):
    test = make_test(marketer.user)
    marketer.patch(f"{TESTS}{test.pk}/", {"question": "Mine?", "version": 1})

    response = marketer.patch(f"{TESTS}{test.pk}/", {"question": "Theirs?", "version": 1})

    assert (response.status_code, response.data["type"]) == (409, "stale")


def test_a_draft_is_deleted_and_a_running_test_is_kept(marketer):
    draft, started = make_test(), running()

    assert marketer.delete(f"{TESTS}{draft.pk}/").status_code == 204
    kept = marketer.delete(f"{TESTS}{started.pk}/")
    assert (kept.status_code, kept.data["type"]) == (409, "protected")
    assert marketer.get(f"{TESTS}{draft.pk}/").status_code == 404


def test_filters(marketer):
    draft = make_test(question="Draft?")
    started = running(question="Started?", metric="clicks")
    account = started.accounts.get()

    def ids(**wanted):
        return [row["id"] for row in marketer.get(TESTS, wanted).data["results"]]

    assert ids() == [started.pk, draft.pk]
    assert ids(state="running") == [started.pk]
    assert ids(state="draft,approved") == [draft.pk]
    assert ids(account=account.pk) == [started.pk]
    assert ids(metric="engagements") == [draft.pk]
    assert ids(design="split") == ids(outcome="winner") == []
    assert ids(search="draft") == [draft.pk]
    assert ids(ordering="id") == [draft.pk, started.pk]
    assert marketer.get(TESTS, {"state": "finished"}).status_code == 400


def test_a_list_costs_the_same_with_one_row_and_with_three(marketer):
    def queries() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as captured:
            response = marketer.get(TESTS)
        return len(captured), len(response.data["results"])

    make_test()
    queries()  # the token's first use is written
    few, one = queries()
    make_test()
    running()
    many, three = queries()

    assert (one, three) == (1, 3)
    assert many == few <= 10


# -- bad input --------------------------------------------------------------------------


def variants(count: int):
    return [{"text": f"Text {n}"} for n in range(count)]


@pytest.mark.parametrize(
    ("sent", "code", "field"),
    [
        ({"variants": variants(1)}, "too_few_variants", "variants"),
        ({"variants": []}, "too_few_variants", "variants"),
        ({"variants": variants(11)}, "too_many_variants", "variants"),
        ({"variants": [{"text": "x"}, {"text": "  "}]}, "empty_variant", "variants"),
        ({"variants": [{"text": "x"}, {}]}, "empty_variant", "variants"),
        (
            {"variants": [{"name": "A", "text": "x"}, {"name": "A", "text": "y"}]},
            "duplicate_name",
            "variants",
        ),
        (
            {"variants": [{"text": "x"}, {"text": "y", "track_link": True}]},
            "link_missing",
            "variants",
        ),
        ({"variants": [{"text": "x"}, {"text": "y", "link": "ftp://x"}]}, "link", "variants"),
        ({"variants": [{"text": "x"}, {"text": "y", "weight": 0}]}, None, "variants.1.weight"),
        ({"variants": [{"text": "x"}, {"text": "y", "media": [9]}]}, None, "variants.1.media"),
        ({"confidence": 95}, "confidence", "confidence"),
        ({"confidence": 1}, "confidence", "confidence"),
        ({"confidence": 0}, "confidence", "confidence"),
        ({"confidence": "0.95"}, None, "confidence"),
        ({"confidence": "text"}, None, "confidence"),
        ({"confidence": None}, None, "confidence"),
        ({"power": 80}, "power", "power"),
        ({"smallest_effect": 20}, "smallest_effect", "smallest_effect"),
        ({"smallest_effect": -0.2}, "smallest_effect", "smallest_effect"),
        ({"planned_size": 0}, None, "planned_size"),
        ({"planned_size": 2**53}, None, "planned_size"),
        ({"planned_size": 2.5}, None, "planned_size"),
        ({"washout_hours": 1}, None, "washout_hours"),
        ({"design": "split"}, "split_by_missing", "split_by"),
        ({"split_by": "page"}, "split_by_unused", "split_by"),
        ({"design": "chi"}, None, "design"),
        ({"metric": "happiness"}, None, "metric"),
        ({"accounts": [99]}, None, "accounts"),
        ({"source_post": 99}, None, "source_post"),
        ({"first_at": "2020-01-01T00:00:00Z"}, "due_passed", "first_at"),
        ({"state": "running"}, None, "state"),
        ({"winner": "A"}, None, "winner"),
        ({"outcome": "winner"}, None, "outcome"),
        ({"question": ""}, None, "question"),
        ({"version": 1}, None, "version"),
    ],
)
def test_what_can_never_be_a_test_is_refused_at_once(marketer, sent, code, field):
    response = marketer.post(TESTS, body(**sent))

    assert response.status_code == 400, response.data
    assert field in response.data["fields"]
    assert code in (None, response.data["type"])
    assert not ABTest.objects.exists()


def test_a_confidence_of_95_says_what_to_write(marketer):
    response = marketer.post(TESTS, body(confidence=95))

    assert "write 0.95" in response.data["detail"]


def test_no_number_is_no_confidence(marketer):
    sent = '{"question": "x", "variants": [{"text": "a"}, {"text": "b"}], "confidence": NaN}'

    response = marketer.generic("POST", TESTS, sent, content_type="application/json")

    assert (response.status_code, response.data["type"]) == (400, "parse_error")


@pytest.mark.parametrize("missing", ["question", "variants"])
def test_a_test_needs_a_question_and_variants(marketer, missing):
    sent = body()
    del sent[missing]

    response = marketer.post(TESTS, sent)

    assert (response.status_code, list(response.data["fields"])) == (400, [missing])


def test_one_post_is_in_one_open_test(marketer):
    post = PostFactory(text="New chairs")
    first = marketer.post(TESTS, {"source_post": post.pk})

    second = marketer.post(TESTS, {"source_post": post.pk})

    assert (first.status_code, second.status_code) == (201, 409)
    assert second.data["type"] == "already_tested"
    assert marketer.delete(f"{TESTS}{first.data['id']}/").status_code == 204
    assert marketer.post(TESTS, {"source_post": post.pk}).status_code == 201


def test_a_link_and_an_address_belong_to_one_test(admin):
    link = TrackedLink.objects.create(slug="chairs")
    split = {"design": "split", "metric": "leads"}
    texts = [{"text": f"Text {n}", "link": f"https://shop.example/{n}"} for n in range(2)]
    by_link = body(**split, split_by="link", link=link.pk, variants=texts)
    by_page = body(**split, split_by="page", page_slug="autumn", variants=texts)

    answers = [admin.post(TESTS, sent) for sent in (by_link, by_link, by_page, by_page)]
    other = make_test()
    changed = admin.patch(f"{TESTS}{other.pk}/", {"link": link.pk})

    assert [answer.status_code for answer in answers] == [201, 409, 201, 409]
    assert [answers[1].data["type"], answers[3].data["type"]] == ["link_taken", "slug_taken"]
    assert (changed.status_code, changed.data["type"]) == (409, "link_taken")


def test_a_post_of_a_running_test_is_not_tested_again(marketer):
    post = running().publications.first().post

    response = marketer.post(TESTS, {"source_post": post.pk})

    assert (response.status_code, response.data["type"]) == (409, "already_tested")


def test_a_post_without_words_cannot_be_tested(marketer):
    response = marketer.post(TESTS, {"source_post": PostFactory(text="").pk})

    assert (response.status_code, response.data["type"]) == (400, "empty_variant")


def test_the_post_of_a_test_stays_the_same(marketer):
    test = make_test(source_post=PostFactory())

    response = marketer.patch(f"{TESTS}{test.pk}/", {"source_post": PostFactory().pk})

    assert (response.status_code, list(response.data["fields"])) == (400, ["source_post"])


def test_until_when_is_needed_and_later(marketer):
    address = f"{TESTS}{running(design='single_post').pk}/extend/"

    assert marketer.post(address, {}).data["fields"].keys() == {"until"}
    past = marketer.post(address, {"until": (timezone.now() - timedelta(days=1)).isoformat()})
    assert (past.status_code, past.data["type"]) == (400, "not_later")
