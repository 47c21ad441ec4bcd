"""Creating once, writing only what nobody touched: docs/odoo-api.md sections 5 and 8."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crm.odoo import Html, Upserted, errors
from crm.odoo.exactly_once import ROUNDS
from crm.odoo.tests.scripted import CUT, Reply, fault, refused

NAME = "lead_5f0c"
VALUES = {"name": "Lead", "description": "a < b\nc", "tag_ids/.id": "1,2"}
SEEN = ["crm.lead", 16]
UNSEEN = ["crm.lead", False]
MOMENT = datetime(2026, 11, 23, 12, 0, 5, tzinfo=UTC)


def absent(client):
    said = "External ID not found in the system: socialhub.lead_5f0c"
    if client.transport == "xmlrpc":
        return fault(f"ValueError: {said}")
    return refused(500, "builtins.ValueError", said)


def loaded(*ids):
    return {"ids": list(ids), "messages": [], "nextrow": 0}


def not_loaded(message):
    messages = [{"type": "error", "message": message}] if message else []
    return {"ids": False, "messages": messages, "nextrow": 0}


BUSY = "could not serialize access due to concurrent update\n"


def methods(server):
    return [asked[1] for asked in server.asked()]


CHECK, LOAD = "check_object_reference", "load"


def test_a_new_record_is_looked_for_then_loaded(client, server, waits):
    server.say(absent(client), loaded(16))

    assert client.upsert_once("crm.lead", NAME, VALUES) == Upserted(16, created=True)

    assert (methods(server), waits) == ([CHECK, LOAD], [])
    asked = server.asked()[1]
    sent = asked[2] if client.transport == "xmlrpc" else [asked[2]["fields"], asked[2]["data"]]
    assert sent == [
        ["id", "name", "description", "tag_ids/.id"],
        [["socialhub.lead_5f0c", "Lead", "a &lt; b<br>c", "1,2"]],
    ]


def test_a_record_that_is_there_is_not_loaded_again(client, server):
    server.say(SEEN)

    assert client.upsert_once("crm.lead", NAME, VALUES) == Upserted(16, created=False)
    assert methods(server) == [CHECK]


@pytest.mark.parametrize("lost", [CUT, Reply(502), Reply(504), Reply(200, "<html>"), Reply(200)])
def test_a_lost_answer_is_followed_by_a_look(client, server, waits, lost):
    server.say(absent(client), lost, SEEN)

    assert client.upsert_once("crm.lead", NAME, VALUES) == Upserted(16, created=True)
    assert (methods(server), len(waits)) == ([CHECK, LOAD, CHECK], 1)


def test_a_load_that_did_not_arrive_is_sent_again_after_a_look(client, server):
    server.say(absent(client), Reply(502), absent(client), loaded(16))

    assert client.upsert_once("crm.lead", NAME, VALUES) == Upserted(16, created=True)
    assert methods(server) == [CHECK, LOAD, CHECK, LOAD]


def test_three_lost_answers_are_enough_for_one_call(client, server, waits):
    server.say(*[absent(client), CUT] * 3)

    with pytest.raises(errors.UnknownOutcome):
        client.upsert_once("crm.lead", NAME, VALUES)
    assert methods(server) == [CHECK, LOAD] * 3


def test_after_a_lost_answer_nobody_says_that_nothing_was_changed(client, server):
    server.say(absent(client), CUT, Reply(503))

    with pytest.raises(errors.UnknownOutcome):
        client.upsert_once("crm.lead", NAME, VALUES)
    assert methods(server) == [CHECK, LOAD, CHECK]


def test_a_server_that_is_down_before_the_load_is_unavailable(client, server):
    server.say(Reply(503))

    with pytest.raises(errors.Unavailable):
        client.upsert_once("crm.lead", NAME, VALUES)


def test_the_loser_of_a_race_gets_the_winners_record(client, server, waits):
    server.say(absent(client), not_loaded(BUSY), UNSEEN, SEEN)

    assert client.upsert_once("crm.lead", NAME, VALUES) == Upserted(16, created=False)
    assert methods(server) == [CHECK, LOAD, CHECK, CHECK]


def test_a_record_nobody_lets_us_see_is_never_loaded(client, server, waits):
    server.say(*[UNSEEN] * ROUNDS)

    with pytest.raises(errors.NotVisible):
        client.upsert_once("crm.lead", NAME, VALUES)
    assert methods(server) == [CHECK] * ROUNDS


def test_waits_grow_with_jitter(client, server, waits):
    server.say(*[UNSEEN] * ROUNDS)

    with pytest.raises(errors.NotVisible):
        client.upsert_once("crm.lead", NAME, VALUES)

    assert len(waits) == ROUNDS - 1
    assert all(low / 2 <= wait <= low for wait, low in zip(waits, (0.5, 1, 2, 4, 8), strict=True))


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (not_loaded("Missing required value for the field 'Opportunity' (name)"), errors.Invalid),
        (not_loaded("You are not allowed to create 'Lead' (crm.lead)"), errors.AccessRefused),
        (not_loaded(""), errors.ServerBug),
        (Reply(429), errors.Throttled),
        (Reply(413), errors.Invalid),
    ],
)
def test_a_refusal_ends_it(client, server, waits, answer, kind):
    server.say(absent(client), answer)

    with pytest.raises(kind):
        client.upsert_once("crm.lead", NAME, VALUES)
    assert (methods(server), waits) == ([CHECK, LOAD], [])


def test_an_external_id_of_another_model_is_not_ours(client, server):
    server.say(["res.partner", 3])
    with pytest.raises(errors.Invalid):
        client.upsert_once("crm.lead", NAME, VALUES)


@pytest.mark.parametrize("name", ["", "a.b", "a b", "ñ", "a\n"])
def test_a_name_odoo_would_misread_is_refused(client, server, name):
    with pytest.raises(errors.Invalid):
        client.upsert_once("crm.lead", name, VALUES)
    assert server.seen == []


def test_a_row_without_external_id_is_never_loaded(client, server):
    with pytest.raises(errors.Invalid):
        client.load("crm.lead", ["id", "name"], [["socialhub.a", "x"], ["", "y"]])
    assert server.seen == []


def test_rows_are_loaded_together(client, server):
    server.say(loaded(4, 5))

    rows = [["socialhub.a", Html("<i>x</i>")], ["socialhub.b", "<i>"]]

    assert client.load("crm.lead", ["id", "description"], rows) == [4, 5]
    asked = server.asked()[0]
    data = asked[2][1] if client.transport == "xmlrpc" else asked[2]["data"]
    assert data == [["socialhub.a", "<i>x</i>"], ["socialhub.b", "&lt;i&gt;"]]


# -- writing --------------------------------------------------------------------------


def current(write_date="2026-11-23 12:00:05", **more):
    return [{"id": 16, "write_date": write_date, **more}]


def test_an_untouched_record_is_written(client, server):
    server.say(current(name="old"), True, current("2026-11-23 12:30:00"))

    moment = client.write_if_unchanged("crm.lead", 16, MOMENT, {"name": "new"})

    assert moment == datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
    assert methods(server) == ["search_read", "write", "search_read"]


def test_microseconds_do_not_count(client, server):
    server.say(current(), True, current())
    expected = MOMENT.replace(microsecond=500_000)

    client.write_if_unchanged("crm.lead", 16, expected, {"email_from": "x@example.org"})

    assert "write" in methods(server)


def test_a_record_that_moved_is_shown_and_not_written(client, server):
    server.say(current("2026-11-23 12:00:06", name="theirs", partner_id=3))

    with pytest.raises(errors.Moved) as raised:
        client.write_if_unchanged("crm.lead", 16, MOMENT, {"name": "ours", "partner_id": 4})

    moved = MOMENT.replace(second=6)
    assert raised.value.record == {
        "id": 16,
        "write_date": moved,
        "name": "theirs",
        "partner_id": 3,
    }
    assert methods(server) == ["search_read"]


def test_a_record_that_is_gone_is_not_written(client, server):
    server.say([])
    with pytest.raises(errors.NotFound):
        client.write_if_unchanged("crm.lead", 16, MOMENT, {"name": "x"})


@pytest.mark.parametrize("after", [Reply(503), Reply(429), CUT])
def test_a_write_whose_result_cannot_be_read_has_an_unknown_outcome(client, server, after):
    server.say(current(name="old"), True, after)
    with pytest.raises(errors.UnknownOutcome):
        client.write_if_unchanged("crm.lead", 16, MOMENT, {"name": "new"})


# -- notes ----------------------------------------------------------------------------


@pytest.mark.parametrize(("answer", "found"), [(31, 31), ([31], 31), (False, None), ([], None)])
def test_a_note_is_posted_once(client, server, answer, found):
    server.say(answer)

    assert client.post_note("crm.lead", 16, "Hello <b>") == found
    asked = server.asked()
    if client.transport == "xmlrpc":
        assert asked == [("crm.lead", "message_post", [[16]], {"body": "Hello <b>"})]
    else:
        assert asked == [("crm.lead", "message_post", {"body": "Hello <b>", "ids": [16]})]


def test_a_note_with_a_lost_answer_is_not_posted_again(client, server):
    server.say(CUT)
    with pytest.raises(errors.UnknownOutcome):
        client.post_note("crm.lead", 16, "Hello")
    assert len(server.seen) == 1
