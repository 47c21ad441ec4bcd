"""Our requests and the stand-in's answers, as the official SDK (PyPI xdk) knows them.

Its models take unknown fields silently; here each one is an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel
from xdk import Client
from xdk.media.models import CreateMetadataRequest, UploadRequest, UploadResponse
from xdk.posts.models import CreateRequest, CreateResponse, GetByIdsResponse
from xdk.users.models import GetMentionsResponse, GetMeResponse, GetPostsResponse

from socialhub import http
from socialhub.platforms import wire
from socialhub.platforms.base import GONE, Connection, RemoteRef
from socialhub.tests.platforms.x.conftest import ADAPTER, draft, fresh, picture, publish
from socialhub.tests.support.standin.client import Server

# Where each path's request and answer are described.
MODELS: dict[tuple[str, str], tuple[type[BaseModel] | None, type[BaseModel] | None]] = {
    ("POST", "/2/tweets"): (CreateRequest, CreateResponse),
    ("POST", "/2/media/upload"): (UploadRequest, UploadResponse),
    ("POST", "/2/media/metadata"): (CreateMetadataRequest, None),
    ("GET", "/2/tweets"): (None, GetByIdsResponse),
    ("GET", "/2/users/me"): (None, GetMeResponse),
    ("GET", "/2/users/ID/tweets"): (None, GetPostsResponse),
    ("GET", "/2/users/ID/mentions"): (None, GetMentionsResponse),
}


def unknown(model: Any, path: str = "") -> Iterator[str]:
    """Names of fields that the SDK has no place for, wherever they are."""
    if isinstance(model, BaseModel):
        yield from (f"{path}.{name}" for name in model.model_extra or ())
        for name in type(model).model_fields:
            yield from unknown(getattr(model, name), f"{path}.{name}")
    elif isinstance(model, list):
        for one in model:
            yield from unknown(one, f"{path}[]")


def check(model: type[BaseModel], value: Any) -> None:
    assert list(unknown(model.model_validate(value))) == []


@pytest.fixture
def exchanges(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Every exchange with X, each checked as it happens."""
    seen: list[tuple[str, str]] = []
    request = http.request

    def checked(method: str, url: str, **sent: Any) -> http.Answer:
        answer = request(method, url, **sent)
        parts = url.partition("://")[2].split("/")[1:]
        path = "/" + "/".join("ID" if part.isdigit() and len(part) > 1 else part for part in parts)
        asked, answered = MODELS[(method, path)]
        if asked is UploadRequest:
            check(UploadRequest, {**sent["data"], "media": "raw bytes"})
        elif asked:
            check(asked, sent["json"])
        if answered:
            assert answer.status < 300, answer.text
            check(answered, answer.json())
        seen.append((method, path))
        return answer

    monkeypatch.setattr(wire.http, "request", checked)
    return seen


def test_every_request_and_answer_has_the_shape_the_sdk_knows(
    here: Connection, server: Server, exchanges: list[tuple[str, str]]
) -> None:
    server.mode(words="post")
    there = fresh(here, field_names="post")
    post_id = publish(there, "See https://example.com & more", media=(picture(),))
    asking = server.post("comments", text="@office how much?", author="ana", parent=post_id)
    mention = ADAPTER.interactions(there, "").items[0]
    answer = RemoteRef(mention.remote_id, mention.data)
    payload = ADAPTER.prepare(there, draft("Ten euros", parent=answer))
    since_id = server.posts()[-1]["id"]
    assert ADAPTER.newest_own_id(there) == post_id
    ADAPTER.commit(there, payload)
    look = ADAPTER.look(
        there, payload, since_id=since_id, since=draft("").created_at, taken=frozenset()
    )
    found = ADAPTER.metrics(there, [post_id, asking["id"], "1"])
    ADAPTER.audience(there)

    assert set(exchanges) == set(MODELS)
    assert look.verdict == "found"
    assert found["1"] == GONE
    assert {post_id, asking["id"]} <= set(found)


def test_the_official_client_understands_the_stand_in(here: Connection, server: Server) -> None:
    server.mode(words="post")
    client = Client(base_url=server.base_url, access_token=server.token("office"))

    created = client.posts.create(CreateRequest(text="By the SDK"))
    me = client.users.get_me(user_fields=["public_metrics"])
    read = client.posts.get_by_ids(
        [created.data.id], post_fields=["public_metrics", "non_public_metrics", "created_at"]
    )

    assert me.data.id == here.remote_id
    assert read.data[0].text == "By the SDK"
    assert read.data[0].public_metrics.like_count == 0
    assert list(unknown(read)) == list(unknown(me)) == list(unknown(created)) == []
    assert [post["text"] for post in server.posts("office")] == ["By the SDK"]
