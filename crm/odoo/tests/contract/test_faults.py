"""Lost answers and trouble on the way: one lead, whatever happens. Only a stand-in does this.

The truth is read from the stand-in's own records.
"""

from __future__ import annotations

import uuid

import pytest

from crm.odoo import Upserted, errors, open_client

AFTER = ["cut_after_commit", "502_after_commit", "504_after_commit", "unreadable_200"]
BEFORE = ["reset_before", "502_before", "503", "500_html"]


@pytest.fixture
def client(standin):
    client = standin.open()
    client.connect()
    client.fields("crm.lead")
    client.sleep = lambda seconds: None
    yield client
    standin.control("DELETE", "faults")


def arm(standin, fault, method="crm.lead.load", **more):
    standin.control("POST", "faults", {"method": method, "fault": fault, **more})


def leads(standin, name):
    return [row["id"] for row in standin.control("GET", "records/crm.lead") if row["name"] == name]


def upsert(client, name):
    return client.upsert_once("crm.lead", name, {"name": name, "type": "lead"})


@pytest.mark.parametrize("fault", AFTER)
def test_a_lead_whose_answer_got_lost_is_not_made_again(standin, client, fault):
    name = f"lead_{uuid.uuid4().hex}"
    arm(standin, fault)

    made = upsert(client, name)

    assert leads(standin, name) == [made.id]
    assert made.created


def test_a_lead_that_timed_out_is_not_made_again(standin, client):
    name = f"lead_{uuid.uuid4().hex}"
    hasty = open_client(
        standin.target, state=client.state(), timeout=1.0, sleep=lambda seconds: None
    )
    arm(standin, "timeout_after_commit")

    made = upsert(hasty, name)

    assert leads(standin, name) == [made.id]


@pytest.mark.parametrize("fault", BEFORE)
def test_a_lead_that_did_not_arrive_is_sent_again(standin, client, fault):
    name = f"lead_{uuid.uuid4().hex}"
    arm(standin, fault)

    made = upsert(client, name)

    assert made == Upserted(leads(standin, name)[0], created=True)


def test_a_conflict_is_repeated(standin, client):
    name = f"lead_{uuid.uuid4().hex}"
    arm(standin, "serialize", times=2)

    made = upsert(client, name)

    assert leads(standin, name) == [made.id]


def test_losing_every_answer_still_makes_one_lead(standin, client):
    name = f"lead_{uuid.uuid4().hex}"
    arm(standin, "cut_after_commit", times=100, method="load")
    arm(standin, "reset_before", times=1, method="check_object_reference", skip=1)

    with pytest.raises(errors.UnknownOutcome):
        upsert(client, name)
    standin.control("DELETE", "faults")

    assert upsert(client, name) == Upserted(leads(standin, name)[0], created=False)
    assert len(leads(standin, name)) == 1


@pytest.mark.parametrize(
    ("fault", "more", "kind"),
    [
        ("413", {}, errors.Invalid),
        ("429", {"retry_after": 30}, errors.Throttled),
        ("redirect", {"location": "https://erp.example.com/x"}, errors.ConfigError),
        ("html_404", {}, errors.ConfigError),
    ],
)
def test_what_no_repeat_within_the_call_can_help(standin, client, fault, more, kind):
    name = f"lead_{uuid.uuid4().hex}"
    arm(standin, fault, **more)

    with pytest.raises(errors.OdooError) as raised:
        upsert(client, name)

    assert type(raised.value) is kind
    assert getattr(raised.value, "retry_after", 30.0) == 30.0
    assert getattr(raised.value, "redirect_to", "") in ("", "https://erp.example.com")
    assert leads(standin, name) == []


@pytest.mark.parametrize("fault", AFTER)
def test_a_note_whose_answer_got_lost_is_posted_once(standin, client, fault):
    number = upsert(client, f"lead_{uuid.uuid4().hex}").id
    arm(standin, fault, method="message_post")

    with pytest.raises(errors.UnknownOutcome):
        client.post_note("crm.lead", number, "once")

    notes = [
        row
        for row in standin.control("GET", "records/mail.message")
        if row["res_id"] == number and "once" in row["body"]
    ]
    assert len(notes) == 1


def test_what_is_not_visible_is_never_loaded_again(standin, client):
    name = f"lead_{uuid.uuid4().hex}"
    made = upsert(client, name)
    standin.control("POST", "settings", {"rules": {"crm.lead": {"hidden_ids": [made.id]}}})

    try:
        with pytest.raises(errors.NotVisible):
            upsert(client, name)
    finally:
        standin.control("POST", "settings", {"rules": {}})
    assert leads(standin, name) == [made.id]
