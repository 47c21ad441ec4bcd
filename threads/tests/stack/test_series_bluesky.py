"""A series on a real Bluesky network that loses an answer and a worker in the middle.

Everything crosses real processes: the API over HTTP, workers, PDS and AppView.
"""

from __future__ import annotations

import io
import os
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from PIL import Image

from socialhub.models import Publication, PublicationStatus
from socialhub.tests.factories import organisation
from socialhub.tests.stack.networks import bluesky_addresses, create_account
from socialhub.tests.stack.test_main_job_bluesky import Api
from socialhub.tests.support.workers import Crew, wait_for

pytestmark = [pytest.mark.realnet, pytest.mark.stack, pytest.mark.django_db(transaction=True)]

TEXTS = [
    "¿Cómo hacemos el pan? Te lo contamos paso a paso 🥖",
    "Primero, la masa madre: 24 horas de paciencia",
    "Después se amasa a mano, veinte minutos",
    "Reposa toda la noche en frío",
    "Y al horno de leña. Más en https://example.org/pan",
]


def picture() -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").resize((1080, 1080)).convert("RGB").save(file, "PNG")
    return file.getvalue()


def made(web: str, account: int) -> dict[str, Any]:
    """The series: written by one person, approved by another, due in a few seconds."""
    marketer, approver = Api(web, "Marketer"), Api(web, "Approver")
    media = marketer.post(
        "media/",
        201,
        files={"file": ("pan.png", picture(), "image/png")},
        data={"alt_text": "Una hogaza recién hecha"},
    )
    parts = [
        {"text": text, "media": [media["id"]] if n == 0 else []} for n, text in enumerate(TEXTS)
    ]
    due = datetime.now(UTC) + timedelta(seconds=8)
    series = marketer.post(
        "threads/",
        201,
        json={
            "title": "Cómo hacemos el pan",
            "topic": "pan",
            "language": "es",
            "accounts": [account],
            "due_at": due.isoformat(),
            "parts": parts,
        },
    )
    marketer.post(f"threads/{series['id']}/submit/", 200)
    approver.post(f"threads/{series['id']}/approve/", 200)
    return series


def thread(appview: str, uri: str) -> list[dict[str, Any]]:
    """The chain under a post as the AppView shows it, first part first."""
    answer = requests.get(
        f"{appview}/xrpc/app.bsky.feed.getPostThread", params={"uri": uri, "depth": 10}, timeout=10
    )
    answer.raise_for_status()
    node, posts = answer.json()["thread"], []
    while node:
        posts.append(node["post"])
        replies = node.get("replies") or []
        assert len(replies) <= 1
        node = replies[0] if replies else None
    return posts


def test_a_series_survives_a_lost_answer_and_a_killed_worker(
    crew: Crew, faulty_bluesky: Any
) -> None:
    pds, control = bluesky_addresses()
    organisation(timezone="Europe/Madrid", language="es")
    office = create_account(pds, control, f"s{secrets.token_hex(6)}.test")
    web = crew.web()
    worker = crew.worker(children=2)
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
    faulty_bluesky.fault("repo.putRecord", "timeout_after_accept", contains="veinte minutos")
    faulty_bluesky.fault("repo.putRecord", "slow", contains="toda la noche", seconds=2.5)
    series = made(web, account["id"])
    crew.ticker()

    def sent() -> list[dict[str, Any]]:
        answer = requests.get(
            f"{pds}/xrpc/com.atproto.repo.listRecords",
            params={"repo": office["did"], "collection": "app.bsky.feed.post"},
            timeout=10,
        )
        answer.raise_for_status()
        return answer.json()["records"]

    wait_for(lambda: len(sent()) == 4, "part 4 arrived", seconds=120)
    worker.kill()
    rows = Publication.objects.filter(post__thread_part__series=series["id"])
    assert rows.filter(status=PublicationStatus.PUBLISHED).count() == 3
    crew.worker(children=2)
    done = rows.filter(status=PublicationStatus.PUBLISHED)
    wait_for(lambda: done.count() == 5, "the whole series", seconds=120)

    requests.post(f"{control}/process", timeout=60).raise_for_status()
    chain = list(rows.order_by("post__thread_part__position"))
    shown = thread(os.environ["BLUESKY_APPVIEW"], chain[0].remote_id)
    assert [post["uri"] for post in shown] == [row.remote_id for row in chain]
    assert [post["record"]["text"] for post in shown] == [
        f"{text} {n}/5" for n, text in enumerate(TEXTS, 1)
    ]
    assert {row["uri"] for row in sent()} == {row.remote_id for row in chain}
    above = [post["record"].get("reply", {}) for post in shown]
    assert above[0] == {}
    for n in range(1, 5):
        assert above[n]["parent"]["uri"] == shown[n - 1]["uri"]
        assert above[n]["root"]["uri"] == shown[0]["uri"]
    (image,) = shown[0]["record"]["embed"]["images"]
    assert image["alt"] == "Una hogaza recién hecha"
    # The answer of part 3 and the worker of part 4 were lost: looked for, not sent again.
    events = [set(row.events.values_list("code", flat=True)) for row in chain]
    assert [("unknown" in codes) for codes in events] == [False, False, True, True, False]
    assert [row.attempts.count() for row in chain] == [1] * 5
    state = administrator.get(f"threads/{series['id']}/")["state"]
    assert state == "published"
