"""The main job on a real Bluesky network: connect, write, approve, publish, measure, answer.

Everything crosses real processes: the API over HTTP, two workers, a real beat, PDS and AppView.
"""

from __future__ import annotations

import io
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from PIL import Image

from socialhub.models import Account, ApiToken, Interaction, Publication
from socialhub.tests.factories import UserFactory, organisation
from socialhub.tests.stack.networks import bluesky_addresses, create_account
from socialhub.tests.support.workers import Crew, wait_for

pytestmark = [pytest.mark.realnet, pytest.mark.stack, pytest.mark.django_db(transaction=True)]

TEXT = "Pan de masa madre 🥖 hoy en https://example.org/pan #PanDeVerdad"


class Person:
    """Somebody else on the network, over its own API."""

    def __init__(self, pds: str, control: str) -> None:
        self.pds, self.control = pds, control
        made = create_account(pds, control, f"p{secrets.token_hex(6)}.test")
        self.did = made["did"]
        session = self.call(
            "com.atproto.server.createSession",
            {"identifier": made["handle"], "password": made["app_password"]},
        )
        self.token = session["accessJwt"]

    def call(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}"} if hasattr(self, "token") else {}
        answer = requests.post(f"{self.pds}/xrpc/{method}", json=body, headers=headers, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def record(self, collection: str, **record: Any) -> dict[str, Any]:
        record = {"$type": collection, "createdAt": now(), **record}
        body = {"repo": self.did, "collection": collection, "record": record}
        return self.call("com.atproto.repo.createRecord", body)

    def process(self) -> None:
        """Wait until the AppView has indexed what the PDS has."""
        requests.post(f"{self.control}/process", timeout=30).raise_for_status()


def now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


class Api:
    """The API as a program uses it."""

    def __init__(self, address: str, role: str) -> None:
        self.address = address
        _token, key = ApiToken.objects.create(UserFactory(role=role), can_write=True)
        self.headers = {"Authorization": f"Bearer {key}"}

    def post(self, path: str, status: int, **sent: Any) -> dict[str, Any]:
        url = f"{self.address}/api/{path}"
        answer = requests.post(url, headers=self.headers, timeout=60, **sent)
        assert answer.status_code == status, answer.text
        return answer.json()

    def get(self, path: str) -> dict[str, Any]:
        answer = requests.get(f"{self.address}/api/{path}", headers=self.headers, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()


def picture() -> bytes:
    """A PNG of about 2.4 MB with noise, larger than the network takes."""
    image = Image.effect_noise((2000, 1300), 90).convert("RGB")
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def test_the_main_job_on_a_real_network(crew: Crew, faulty_bluesky: Any) -> None:
    pds, control = bluesky_addresses()
    organisation(timezone="Europe/Madrid", language="es")
    office = create_account(pds, control, f"o{secrets.token_hex(6)}.test")
    visitor = Person(pds, control)
    web = crew.web()
    crew.worker(children=2)
    crew.beat()
    marketer, approver = Api(web, "Marketer"), Api(web, "Approver")
    administrator = Api(web, "Administrator")

    account = administrator.post(
        "accounts/",
        201,
        json={
            "platform": "bluesky",
            "server_url": faulty_bluesky.base_url,
            "handle": office["handle"],
            "secret": office["app_password"],
        },
    )
    image = picture()
    assert len(image) > 2_000_000
    media = marketer.post(
        "media/",
        201,
        files={"file": ("pan.png", image, "image/png")},
        data={"alt_text": "Una barra de pan sobre la mesa"},
    )
    # The answer to the one request that matters is lost.
    faulty_bluesky.fault("repo.putRecord", "timeout_after_accept")
    post = marketer.post(
        "posts/",
        201,
        json={
            "text": TEXT,
            "language": "es",
            "media": [media["id"]],
            "accounts": [account["id"]],
            "due_at": (datetime.now(UTC) + timedelta(seconds=15)).isoformat(),
        },
    )
    marketer.post(f"posts/{post['id']}/submit/", 200)
    approver.post(f"posts/{post['id']}/approve/", 200)

    publication = Publication.objects.get()
    wait_for(lambda: is_published(publication), "published", seconds=120)
    publication.refresh_from_db()
    records = listed(pds, office["did"])
    assert [r["uri"] for r in records] == [publication.remote_id]
    assert publication.attempts.count() == 1
    assert "unknown" in set(publication.events.values_list("code", flat=True))
    check_record(records[0]["value"])

    visitor.process()
    subject = {"uri": records[0]["uri"], "cid": records[0]["cid"]}
    visitor.record("app.bsky.feed.like", subject=subject)
    visitor.record("app.bsky.feed.repost", subject=subject)
    visitor.record(
        "app.bsky.feed.post", text="¿Cuánto cuesta?", reply={"root": subject, "parent": subject}
    )
    visitor.process()
    collected(crew, publication)
    check_numbers_and_comment(marketer, publication)

    interaction = Interaction.objects.get()
    answer = marketer.post(
        f"interactions/{interaction.pk}/reply/", 201, json={"text": "Dos euros con cincuenta."}
    )
    reply = Publication.objects.get(pk=answer["id"])
    wait_for(lambda: is_published(reply), "the answer is out", seconds=60)
    interaction.refresh_from_db()
    assert interaction.answered_at is not None
    newest = next(r for r in listed(pds, office["did"]) if r["uri"] != publication.remote_id)
    assert newest["value"]["reply"]["parent"]["uri"] == interaction.remote_id
    assert newest["value"]["reply"]["root"]["uri"] == publication.remote_id


def is_published(publication: Publication) -> bool:
    return Publication.objects.filter(pk=publication.pk, status="published").exists()


def listed(pds: str, did: str) -> list[dict[str, Any]]:
    """The network's own list of what the account posted."""
    answer = requests.get(
        f"{pds}/xrpc/com.atproto.repo.listRecords",
        params={"repo": did, "collection": "app.bsky.feed.post"},
        timeout=10,
    )
    answer.raise_for_status()
    return answer.json()["records"]


def check_record(record: dict[str, Any]) -> None:
    """Link, hashtag and image are as a reader needs them."""
    raw = record["text"].encode()
    found = {
        raw[f["index"]["byteStart"] : f["index"]["byteEnd"]].decode(): f["features"][0]["$type"]
        for f in record["facets"]
    }
    assert record["text"] == TEXT
    assert found == {
        "https://example.org/pan": "app.bsky.richtext.facet#link",
        "#PanDeVerdad": "app.bsky.richtext.facet#tag",
    }
    (shown,) = record["embed"]["images"]
    assert shown["alt"] == "Una barra de pan sobre la mesa"
    assert shown["image"]["size"] <= 2_000_000


def collected(crew: Crew, publication: Publication) -> None:
    """Run both collectors as cron would, an hour from now: every row is due again by then."""
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    Account.objects.update(next_interactions_at=None)
    crew.command("collect_metrics", "--now", soon)
    crew.command("collect_interactions", "--now", soon)


def check_numbers_and_comment(marketer: Api, publication: Publication) -> None:
    shown = marketer.get(f"publications/{publication.pk}/")["metrics"]
    assert (shown["likes"], shown["shares"], shown["comments"]) == (1, 1, 1)
    # Bluesky does not report these: missing is null, never 0.
    assert (shown["impressions"], shown["reach"], shown["clicks"]) == (None, None, None)
    (comment,) = marketer.get("interactions/?answered=false")["results"]
    assert (comment["text"], comment["publication"]) == ("¿Cuánto cuesta?", publication.pk)
