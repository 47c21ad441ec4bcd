"""Who somebody is."""

from __future__ import annotations

import pytest
from django.utils import timezone

from crm.services import identity
from crm.tests.support import make_lead
from socialhub.tests.factories import AccountFactory, InteractionFactory, PublicationFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        (" Ana@Shop.Example ", "ana@shop.example"),
        ("ÁNA@shop.example", "ána@shop.example"),
        ("ana", ""),
        ("@shop.example", ""),
        ("ana@", ""),
        ("", ""),
        (f"{'a' * 250}@shop.example", ""),
    ],
)
def test_an_address_is_recognised_whatever_its_case(typed, key):
    assert identity.email_key(typed) == key


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("+34 600 11 22 33", "34600112233"),
        ("0034 (600) 112-233", "34600112233"),
        ("600.112.233", "600112233"),
        ("٦٠٠١١٢٢٣٣", "600112233"),
        ("ext. 12", ""),
        ("", ""),
        ("1" * 50, "1" * 30),
    ],
)
def test_a_phone_is_its_digits(typed, key):
    assert identity.phone_key(typed) == key


@pytest.mark.parametrize(
    ("account", "interaction", "key"),
    [
        (
            {"platform": "bluesky", "server_url": "https://bsky.social"},
            {
                "remote_id": "at://did:plc:abc/app.bsky.feed.post/3k",
                "author_handle": "ana.bsky.social",
            },
            "bluesky:did:plc:abc",
        ),
        (
            {"platform": "mastodon", "server_url": "https://social.example"},
            {"remote_id": "1", "author_handle": "Ana", "remote_data": {"acct": "Ana"}},
            "mastodon:ana@social.example",
        ),
        (
            {"platform": "mastodon", "server_url": "https://social.example"},
            {"remote_id": "1", "author_handle": "@ana@far.example"},
            "mastodon:ana@far.example",
        ),
        (
            {"platform": "sandbox", "server_url": "http://127.0.0.1:8090"},
            {"remote_id": "1", "author_handle": "ana"},
            "sandbox:ana@127.0.0.1:8090",
        ),
        ({"platform": "sandbox"}, {"remote_id": "1", "author_handle": ""}, ""),
    ],
)
def test_a_person_is_network_and_name(account, interaction, key):
    publication = PublicationFactory(account=AccountFactory(**account), published=True)

    row = InteractionFactory(publication=publication, **interaction)

    assert identity.person_key(row) == key


def test_the_surest_key_wins_and_then_the_newest():
    by_phone = make_lead(email="", phone_key="600112233")
    by_email = make_lead(email="ana@shop.example")
    by_person = make_lead(email="", person_key="sandbox:ana")
    newer = make_lead(email="ana@shop.example")

    assert identity.find("ana@shop.example", "600112233", "sandbox:ana") == by_person
    assert identity.find("ana@shop.example", "600112233", "") == newer
    assert identity.find("", "600112233", "") == by_phone
    assert identity.find("", "", "") is None
    newer.delete()
    assert identity.find("ana@shop.example", "", "sandbox:bo") == by_email


@pytest.mark.parametrize(
    "over",
    [
        {"outcome": "won"},
        {"outcome": "lost"},
        {"erased_at": timezone.now()},
        {"gone_since": timezone.now()},
    ],
)
def test_what_is_decided_erased_or_gone_is_nobody(over):
    make_lead(email="ana@shop.example", **over)

    assert identity.find("ana@shop.example", "", "") is None
