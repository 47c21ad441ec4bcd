"""Series through the API: written, approved, scheduled, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from analytics.tests.test_api_schema import missing
from socialhub.models import AccountGrant, JobRun, Publication
from socialhub.tests.api.conftest import client_of
from socialhub.tests.factories import AccountFactory, UserFactory
from threads.models import ThreadSeries
from threads.tests.factories import approved, chain, make_series, put_out, scheduled

pytestmark = pytest.mark.django_db
LIST, ONE = "/api/threads/", "/api/threads/{}/"


def refused(response) -> tuple[int, str]:
    return response.status_code, response.data["type"]


def body(*accounts, **more):
    return {
        "title": "Chairs",
        "accounts": [account.pk for account in accounts],
        "parts": [{"text": "One"}, {"text": "Two"}],
        **more,
    }


def test_a_series_from_the_draft_to_the_queue(marketer, approver):
    account = AccountFactory()
    due = timezone.now() + timedelta(hours=2)
    made = marketer.post(LIST, body(account, due_at=due.isoformat())).json()
    one = ONE.format(made["id"])

    assert (made["state"], made["modes"]) == ("draft", {str(account.pk): "chain"})
    first, second = (part["publications"][0] for part in made["parts"])
    assert [part["position"] for part in made["parts"]] == [1, 2]
    assert (first["status"], first["parent"], first["text"]) == ("draft", None, "One 1/2")
    assert (second["parent"], second["root"], second["remote_id"]) == (first["id"], first["id"], "")
    assert marketer.post(one + "submit/").data["state"] == "in_review"
    sent_back = approver.post(one + "request-changes/", {"comment": "Shorter."}).data
    assert (sent_back["state"], sent_back["review_comment"]) == ("draft", "Shorter.")
    marketer.post(one + "submit/")
    done = approver.post(one + "approve/").json()
    assert done["state"] == "scheduled"
    assert [part["publications"][0]["waiting_for"] for part in done["parts"]] == [None, first["id"]]
    assert [part.due_at for part in chain(ThreadSeries.objects.get())] == [
        due,
        due + timedelta(seconds=5),
    ]
    assert marketer.post(one + "withdraw/").data["state"] == "draft"
    assert set(Publication.objects.values_list("status", flat=True)) == {"draft"}


def test_what_was_read_may_be_changed_and_sent_back(marketer):
    account = AccountFactory()
    made = marketer.post(LIST, body(account, modes={account.pk: "numbered"})).json()
    one = ONE.format(made["id"])
    overrides = {str(account.pk): "Uno"}

    made["parts"][0] |= {"overrides": overrides}
    made["parts"].reverse()
    saved = marketer.patch(one, made).json()

    assert [part["text"] for part in saved["parts"]] == ["Two", "One"]
    assert [part["overrides"] for part in saved["parts"]] == [{}, overrides]
    assert saved["parts"][1]["publications"][0]["text"] == "Uno 2/2"
    assert (saved["version"], saved["modes"]) == (2, {str(account.pk): "numbered"})
    assert refused(marketer.patch(one, {"title": "x", "version": 1})) == (409, "stale")
    assert marketer.patch(one, {"state": "published"}).status_code == 400
    assert marketer.delete(one).status_code == 204


def test_parts_are_put_in_another_order_by_id_or_position(marketer):
    row = make_series(texts=["One", "Two"])
    one, two = row.parts.order_by("position")
    address = ONE.format(row.pk) + "reorder/"

    by_id = marketer.post(address, {"order": [two.pk, one.pk]}).json()
    assert [part["text"] for part in by_id["parts"]] == ["Two", "One"]
    by_place = marketer.post(address, {"order": [2, 1]}) if max(one.pk, two.pk) > 2 else None
    if by_place is not None:
        assert [part["text"] for part in by_place.json()["parts"]] == ["One", "Two"]
    assert refused(marketer.post(address, {"order": [1]})) == (400, "bad_order")


def test_the_preview_counts_what_is_stored_or_sent(marketer):
    account = AccountFactory()
    row = make_series(texts=["One", "Two"], accounts=[account])
    limit = account.capabilities.text_limit
    address = ONE.format(row.pk) + "preview/"
    too_long = [{"text": "x" * (limit - 3)}, {"text": "y"}]

    stored = marketer.get(address).json()
    changed = marketer.post(address, {"parts": too_long, "closing": "Go!"}).json()
    unsaved = marketer.post(
        LIST + "preview/", {"accounts": [account.pk], "parts": too_long, "closing": "Go!"}
    ).json()

    assert stored == {
        "accounts": [
            {
                "account": account.pk,
                "mode": "chain",
                "refused": "",
                "parts": [
                    {
                        "position": position,
                        "text": text,
                        "count": 7,
                        "unit": "graphemes",
                        "limit": limit,
                        "bytes": None,
                        "byte_limit": None,
                        "ok": True,
                        "sentences": [],
                    }
                    for position, text in enumerate(["One 1/2", "Two 2/2"], 1)
                ],
            }
        ],
        "problems": [],
    }
    assert unsaved == changed
    [problem] = changed["problems"]
    assert (problem["code"], problem["position"], problem["account"]) == (
        "does_not_fit",
        1,
        account.pk,
    )
    assert "is 1 too long" in problem["message"]
    assert changed["accounts"][0]["parts"][1]["text"] == "y\n\nGo! 2/2"
    assert ThreadSeries.objects.get().closing == ""


def test_resuming_tells_what_was_done(marketer):
    row = scheduled()
    put_out(chain(row)[0])
    Publication.objects.filter(pk=chain(row)[1].pk).update(status="failed", error_code="permission")
    address = ONE.format(row.pk)

    assert marketer.get(address).data["state"] == "partial"
    found = marketer.post(address + "resume/", {"account": chain(row)[0].account_id}).json()

    assert found["resumed"] == [{"publication": chain(row)[1].pk, "how": "sent"}]
    assert [part["publications"][0]["status"] for part in found["parts"]] == [
        "published",
        "scheduled",
        "scheduled",
    ]
    assert refused(marketer.post(address + "resume/")) == (409, "nothing_to_resume")
    assert marketer.post(address + "cancel/").data["state"] == "partial"


def test_the_same_key_makes_one_series(marketer):
    sent, key = body(AccountFactory()), {"HTTP_IDEMPOTENCY_KEY": "a"}

    first, again = (marketer.post(LIST, sent, **key) for _n in range(2))
    other = marketer.post(LIST, {**sent, "title": "Tables"}, **key)

    assert (first.status_code, again.json()) == (201, first.json())
    assert refused(other) == (409, "idempotency_key_reused")
    assert ThreadSeries.objects.count() == 1


def test_writing_a_series_is_a_job(marketer, analyst):
    sent = {"source": "text", "value": "One. Two.", "accounts": [AccountFactory().pk], "parts": 2}

    response = marketer.post(LIST + "generate/", sent)

    assert response.status_code == 202
    assert str(JobRun.objects.get().pk) == response.data["job"]
    assert marketer.post(LIST + "generate/", {**sent, "source": "dream"}).status_code == 400
    assert analyst.post(LIST + "generate/", sent).status_code == 403
    assert not ThreadSeries.objects.exists()


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"parts": [{"text": "x"}] * 26}, "too_many_parts", "parts"),
        ({"parts": [{"text": "x", "colour": "red"}]}, "unknown_field", "parts.0.colour"),
        ({"parts": [{"text": "x", "media": [10**6]}]}, "unknown", "parts.0.media"),
        ({"accounts": [10**6]}, "unknown", "accounts"),
        ({"modes": {"10000000": "chain"}}, "invalid", "modes"),
        ({"due_at": "2026-12-01T09:00:00"}, "naive", "due_at"),
        ({"pace_seconds": -1}, "min_value", "pace_seconds"),
        ({"parts": "x"}, "not_a_list", "parts"),
        ({"parts": [{"text": "a\x00b"}]}, "null_characters_not_allowed", "parts.0.text"),
    ],
)
def test_what_is_no_series_is_refused(marketer, change, code, field):
    response = marketer.post(LIST, body(AccountFactory(), **change))

    assert refused(response) == (400, code)
    assert list(response.data["fields"]) == [field]
    assert not ThreadSeries.objects.exists()


# -- lists and rows of others ----------------------------------------------------------------


def test_lists_are_filtered_by_state_and_account(marketer):
    draft, other = make_series(), scheduled()
    put_out(chain(other)[0])

    def ids(**wanted):
        return [row["id"] for row in marketer.get(LIST, wanted).data["results"]]

    assert ids(state="draft") == [draft.pk]
    assert ids(state="publishing,partial") == [other.pk]
    assert ids(account=chain(draft)[0].account_id) == [draft.pk]
    assert marketer.get(LIST, {"state": "lost"}).status_code == 400
    assert marketer.post(ONE.format(draft.pk) + "archive/").data["is_archived"] is True
    assert (ids(), ids(archived="true")) == ([other.pk], [draft.pk])


def test_lists_and_rows_take_a_fixed_number_of_queries(marketer):
    counts = []
    marketer.get(LIST)
    for parts, more in ((1, 0), (4, 2)):
        ThreadSeries.objects.all().update(is_archived=True)
        accounts = [AccountFactory() for _n in range(1 + more)]
        rows = [approved(texts=["x"] * parts, accounts=accounts) for _n in range(1 + more)]
        for address in (LIST, ONE.format(rows[0].pk), ONE.format(rows[0].pk) + "preview/"):
            with CaptureQueriesContext(
                connection,
            ) as found:
                assert marketer.get(address).status_code == 200
            counts.append(len(found))

    assert counts[:3] == counts[3:]


def limited(role: str, *accounts):
    user = UserFactory(role=role)
    for account in accounts:
        AccountGrant.objects.create(user=user, account=account)
    return client_of(user)


def test_a_series_on_accounts_of_others_is_not_there():
    mine, theirs = AccountFactory(), AccountFactory()
    client = limited("Administrator", mine)
    hidden, shared = make_series(accounts=[theirs]), make_series(accounts=[mine, theirs])
    overrides = {"overrides": {str(theirs.pk): "Secret"}}

    assert [row["id"] for row in client.get(LIST).data["results"]] == [shared.pk]
    assert client.get(ONE.format(hidden.pk)).status_code == 404
    assert client.post(ONE.format(hidden.pk) + "approve/").status_code == 404
    shown = client.get(ONE.format(shared.pk)).json()
    assert shown["accounts"] == [mine.pk]
    assert {p["account"] for part in shown["parts"] for p in part["publications"]} == {mine.pk}
    assert client.get(LIST, {"account": theirs.pk}).data["results"] == []
    changed = client.patch(ONE.format(shared.pk), {"parts": [{"text": "x", **overrides}]})
    assert refused(changed) == (403, "other_accounts")


@pytest.mark.thorough
def test_the_document_names_what_the_answers_hold(marketer):
    document = SchemaGenerator().get_schema(request=None, public=True)
    row = scheduled()
    Publication.objects.filter(pk=chain(row)[0].pk).update(status="failed", error_code="permission")

    for address, path in (
        (ONE.format(row.pk), "/api/threads/{id}/"),
        (ONE.format(row.pk) + "preview/", "/api/threads/{id}/preview/"),
    ):
        answer = document["paths"][path]["get"]["responses"]["200"]
        schema = answer["content"]["application/json"]["schema"]
        assert missing(document, schema, marketer.get(address).json()) == []
