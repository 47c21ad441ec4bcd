"""The editor: what is typed becomes a series, and comes back with every error."""

from __future__ import annotations

import pytest

from socialhub.models import JobRun
from socialhub.services import jobs
from socialhub.tests.factories import AccountFactory, UserFactory, organisation
from threads.models import ThreadSeries
from threads.services import series as services
from threads.tests.factories import chain, make_series, scheduled, statuses
from threads.tests.pages.rows import (
    ADD,
    LIST,
    logged_in,
    of,
    out,
    page_of,
    said,
    texts,
    typed,
    words,
)

pytestmark = pytest.mark.django_db


def test_what_is_typed_becomes_a_draft_with_its_parts():
    client, account = logged_in(), AccountFactory()

    sent = typed("One", "Two", accounts=[account], title="", closing="Come in!")
    response = client.post(ADD, {**sent, f"part-n1-own_{account.pk}": "Zwei"})

    row = ThreadSeries.objects.get()
    assert response.url == page_of(row)
    assert (row.title, row.status, row.closing, texts(row)) == (
        "One",
        "draft",
        "Come in!",
        ["One", "Two"],
    )
    assert [part.overrides for part in row.parts.all()] == [{}, {str(account.pk): "Zwei"}]


def test_the_order_of_the_fields_is_the_order_of_the_parts():
    client = logged_in()
    row = make_series(client.user)

    response = client.post(page_of(row), of(row, part=["n2", "n0", "n1"]), follow=True)

    assert said(response) == ["Saved."]
    before = {part.text: part.pk for part in row.parts.all()}
    row.refresh_from_db()
    assert texts(row) == ["Three", "One", "Two"]
    # They are the same parts, with their posts.
    assert {part.text: part.pk for part in row.parts.all()} == before


@pytest.mark.parametrize(
    ("op", "left"),
    [
        ("add", ["One", "Two", ""]),
        ("up-n1", ["Two", "One"]),
        ("down-n0", ["Two", "One"]),
        ("copy-n0", ["One", "One", "Two"]),
        ("drop-n0", ["Two"]),
        ("down-n1", ["One", "Two"]),
    ],
)
def test_parts_are_arranged_without_scripts_and_nothing_is_stored(op, left):
    response = logged_in().post(ADD, typed("One", "Two", op=op))

    assert [part.text for part in response.context["parts"]] == left
    assert [part.position for part in response.context["parts"]] == list(range(1, len(left) + 1))
    assert not ThreadSeries.objects.exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"pace_seconds": "x"}, "Please correct what is marked."),
        ({"part-n0-link": "nonsense"}, "A link is not an address. It is marked below."),
        ({"when": "at", "due_at": "2020-01-01T10:00"}, "This time has passed."),
        ({"when": "at", "due_at": ""}, "Enter a date and a time."),
    ],
)
def test_an_error_keeps_everything_that_was_typed(fields, sentence):
    account = AccountFactory()

    response = logged_in().post(ADD, typed("One", "Two", accounts=[account], **fields))

    assert response.status_code == 400
    assert sentence in words(response.text)
    shown = response.context["parts"]
    assert [(part.text, part.link) for part in shown] == [
        ("One", fields.get("part-n0-link", "")),
        ("Two", ""),
    ]
    assert [one["chosen"] for one in response.context["accounts"]] == [True]
    assert not ThreadSeries.objects.exists()


def test_a_26th_part_is_refused_and_all_26_come_back():
    many = [f"Part {n}" for n in range(26)]

    response = logged_in().post(ADD, typed(*many, accounts=[AccountFactory()]))

    assert response.status_code == 400
    assert "25" in response.context["error"].message
    assert [part.text for part in response.context["parts"]] == many


def test_who_saves_an_old_version_sees_both_and_may_insist():
    client = logged_in()
    row = make_series(client.user, texts=["First"])
    seen = of(row, **{"part-n0-text": "Mine"})
    services.edit(row, UserFactory(role="Marketer"), parts=[services.PartData(text="Theirs")])

    response = client.post(page_of(row), seen)

    assert response.status_code == 409
    assert [part.text for part in response.context["parts"]] == ["Mine"]
    assert [part.text for part in response.context["stale_parts"]] == ["Theirs"]
    row.refresh_from_db()
    client.post(page_of(row), {**seen, "over": row.version})
    assert texts(row) == ["Mine"]


def test_counters_are_those_of_the_networks_with_number_and_ending():
    account = AccountFactory(platform="bluesky", server_url="https://bsky.social")

    response = logged_in().post(
        f"{LIST}live/", typed("a" * 300, "b", accounts=[account], closing="Bye!")
    )

    assert "304 / 300" in response.text
    assert "Part 1 is 4 too long" in words(response.text)
    [shown] = response.context["chains"]
    assert [str(post["html"]) for post in shown["posts"]] == ["a" * 300 + " 1/2", "b\n\nBye! 2/2"]


def test_an_account_without_chains_is_refused_with_what_it_offers():
    account = AccountFactory(overrides={"replies": False})
    client = logged_in()
    sent = typed("One", "Two", accounts=[account])

    refused = client.post(f"{LIST}live/", sent)
    taken = client.post(f"{LIST}live/", {**sent, f"mode_{account.pk}": "numbered"})

    [shown] = refused.context["chains"]
    assert shown["refused"]
    assert [value for value, _label in shown["instead"]] == ["numbered"]
    assert [one["refused"] for one in taken.context["chains"]] == [""]


def test_submitting_a_part_that_does_not_fit_is_saved_and_refused():
    client, account = logged_in(), AccountFactory()

    response = client.post(
        ADD, typed("x" * 501, "Two", accounts=[account], verb="submit"), follow=True
    )

    [message] = said(response)
    assert message.startswith("Saved. Part 1 is 5 too long")
    assert ThreadSeries.objects.get().status == "draft"


def test_a_series_is_handed_in_approved_by_somebody_else_and_scheduled():
    account, marketer, approver = AccountFactory(), logged_in(), logged_in("Approver")
    marketer.post(ADD, typed("One", "Two", accounts=[account], verb="submit"))
    row = ThreadSeries.objects.get()
    page = approver.get(page_of(row))
    assert page.context["may_approve"] and not page.context["may_write"]

    sent = {"verb": "approve", "when": "at", "due_at": "2031-05-05T10:00"}
    response = approver.post(page_of(row), sent, follow=True)

    assert said(response) == ["Approved and scheduled."]
    row.refresh_from_db()
    assert (row.state, f"{row.due_at:%Y-%m-%d}") == ("scheduled", "2031-05-05")
    assert texts(row) == ["One", "Two"]


def test_an_approver_sends_back_with_a_comment():
    row = make_series(UserFactory(role="Marketer"))
    services.submit(row, row.author)

    logged_in("Approver").post(page_of(row), {"verb": "request_changes", "comment": "Shorter."})

    row.refresh_from_db()
    assert (row.status, row.review_comment) == ("draft", "Shorter.")
    client = logged_in()
    assert "Shorter." in words(client.get(page_of(row)).text)


def test_approving_does_not_make_an_administrator_an_editor():
    client = logged_in("Administrator")
    row = make_series(UserFactory(role="Marketer"))
    services.submit(row, row.author)

    response = client.post(page_of(row), of(row, verb="approve"), follow=True)

    assert said(response) == ["Approved. It goes out when somebody gives it a time."]


def test_parts_that_are_out_are_shown_as_such_and_keep_their_place():
    client = logged_in("Administrator")
    organisation(self_approval=True)
    row = scheduled()
    out(chain(row)[0])

    page = client.get(page_of(row, "edit"))
    assert [part.is_out for part in page.context["parts"]] == [True, False, False]
    assert "A part is out: number and order of the parts stay." in words(page.text)
    client.post(page_of(row, "edit"), of(row, **{"part-n2-text": "Changed"}))

    row.refresh_from_db()
    assert (texts(row), row.status, row.state) == (["One", "Two", "Changed"], "draft", "partial")
    # What is missing follows at once.
    client.post(page_of(row, "do/approve"))
    assert statuses(row) == ["published", "scheduled", "scheduled"]


# -- written for you ---------------------------------------------------------------------


def test_a_long_text_is_proposed_as_parts_that_fit():
    client, account = logged_in(), AccountFactory()
    text = "\n\n".join(f"{n} is a number. " * 25 for n in ("One", "Two", "Three"))

    sent = {"write-kind": "text", "write-text": text}
    response = client.post(f"{LIST}write/", typed("", accounts=[account], **sent))

    job = JobRun.objects.get()
    jobs.run(job.pk)
    job.refresh_from_db()
    shown = client.get(f"{LIST}write/{job.pk}/")
    assert (job.owner, response.status_code) == (client.user, 200)
    assert len(shown.context["parts"]) == 3
    assert " ".join(" ".join(shown.context["parts"]).split()) == " ".join(text.split())
    assert "made without AI" in words(shown.text)
    # Nothing is stored, and nobody else sees the proposal.
    assert not ThreadSeries.objects.exists()
    assert logged_in().get(f"{LIST}write/{job.pk}/").status_code == 404


def test_proposed_parts_are_shown_as_they_come():
    client = logged_in()
    job = JobRun.objects.create(
        kind="write_series", owner=client.user, state="running", partial={"parts": ["One", "Tw"]}
    )

    response = client.get(f"{LIST}write/{job.pk}/")

    assert "Writing: 2 parts so far…" in words(response.text)
    assert response.text.count("data-proposal") == 2
    assert "data-use" not in response.text and "load delay" in response.text


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"write-kind": "topic"}, "Say first what the parts should be made of."),
        ({"write-kind": "text", "write-text": "x"}, "Choose an account first"),
    ],
)
def test_what_is_missing_for_a_proposal_is_said(sent, sentence):
    response = logged_in().post(f"{LIST}write/", typed("", **sent))

    assert sentence in words(response.text)
    assert not JobRun.objects.exists()


def test_a_shorter_wording_leaves_room_for_number_and_ending():
    client = logged_in()
    account = AccountFactory(platform="bluesky", server_url="https://bsky.social")
    long = "The old chairs are really very comfortable. " * 7
    sent = typed("One", long, accounts=[account], closing="Come and see us!", key="n1")

    client.post(f"{LIST}reword/", {**sent, "task": "shorten"})

    job = JobRun.objects.get()
    jobs.run(job.pk)
    shown = client.get(f"{LIST}reword/{job.pk}/?field=part-n1-text")
    live = client.post(f"{LIST}live/", {**sent, "part-n1-text": shown.context["text"]})
    assert 0 < len(shown.context["text"]) < len(long)
    assert [line["is_over"] for part in live.context["parts"] for line in part.counts] == [
        False
    ] * 2
