"""The adapter on a real PDS and AppView (./run.sh realnet). BLUESKY_PDS, BLUESKY_APPVIEW and
BLUESKY_CONTROL name them; without them these tests fail."""

from __future__ import annotations

import importlib.util
import io
import os
import secrets
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from socialhub import http
from socialhub.platforms.base import (
    GONE,
    Audience,
    Connection,
    Draft,
    LinkCard,
    MediaFile,
    Metrics,
    Payload,
    RemoteRef,
)
from socialhub.platforms.bluesky import BlueskyAdapter, xrpc
from socialhub.platforms.errors import (
    AuthRevoked,
    InvalidContent,
    NotFound,
    OutcomeUnknown,
    Unavailable,
)
from socialhub.tests.support import faulty_proxy
from socialhub.tests.support.faulty_proxy import FaultyProxy

pytestmark = pytest.mark.realnet
adapter = BlueskyAdapter()
ACCOUNTS = Path(__file__).resolve().parents[3] / "contrib" / "bluesky-network" / "accounts.py"


@dataclass(frozen=True)
class Network:
    pds: str
    appview: str
    control: str
    accounts: Any

    def person(self, name: str) -> dict[str, str]:
        """A new account: handle, did, password, app_password."""
        handle = f"{name}{secrets.token_hex(4)}.test"
        return dict(self.accounts.create_account(self.pds, self.control, handle))

    def connection(self, person: dict[str, str], server: str = "") -> Connection:
        server = server or self.pds
        profile = adapter.connect(server, person["handle"], person["app_password"])
        return Connection(
            "bluesky", server, profile.remote_id, profile.handle, profile.secrets, profile.options
        )

    def indexed(self) -> None:
        """Wait until the AppView knows everything."""
        self.accounts.process(self.control)

    def record(self, by: Connection, kind: str, **record: Any) -> dict[str, Any]:
        """What the adapter does not do itself: likes, reposts, deletions."""
        sent = {
            "repo": by.remote_id,
            "collection": kind,
            "record": {"$type": kind, "createdAt": datetime.now(UTC).isoformat(), **record},
        }
        return xrpc.post(
            self.pds, "com.atproto.repo.createRecord", headers=xrpc.access(by), json=sent
        )


@pytest.fixture(scope="module")
def network() -> Network:
    spec = importlib.util.spec_from_file_location("bluesky_accounts", ACCOUNTS)
    assert spec is not None and spec.loader is not None
    accounts = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(accounts)
    names = ("BLUESKY_PDS", "BLUESKY_APPVIEW", "BLUESKY_CONTROL")
    missing = [name for name in names if not os.environ.get(name)]
    if missing:
        pytest.fail(f"not set: {', '.join(missing)}; ./run.sh realnet starts the network")
    return Network(*(os.environ[name] for name in names), accounts)


@pytest.fixture(scope="module")
def office(network: Network) -> Connection:
    return network.connection(network.person("office"))


@pytest.fixture(scope="module")
def reader(network: Network) -> Connection:
    return network.connection(network.person("reader"))


@pytest.fixture
def proxy(network: Network) -> Iterator[FaultyProxy]:
    with faulty_proxy.running(network.pds) as proxy:
        yield proxy


def draft(text: str, **more: Any) -> Draft:
    more.setdefault("created_at", datetime.now(UTC))
    return Draft(text, str(uuid.uuid4()), **more)


def publish(connection: Connection, text: str, **more: Any) -> tuple[Payload, RemoteRef]:
    payload = adapter.prepare(connection, draft(text, **more))
    receipt = adapter.commit(connection, payload)
    return payload, RemoteRef(receipt.remote_id, receipt.data)


def own_posts(connection: Connection) -> list[str]:
    """The truth: every post in the account's repository."""
    listed = xrpc.get(
        connection.server_url,
        "com.atproto.repo.listRecords",
        {"repo": connection.remote_id, "collection": "app.bsky.feed.post", "limit": 100},
    )
    return [row["uri"] for row in listed["records"]]


def seen(network: Network, connection: Connection, uri: str) -> dict[str, Any]:
    """The post as the AppView shows it."""
    network.indexed()
    posts = xrpc.get(
        connection.server_url, "app.bsky.feed.getPosts", {"uris": [uri]}, xrpc.access(connection)
    )["posts"]
    return dict(posts[0])


def picture(width: int, height: int) -> MediaFile:
    exif = Image.Exif()
    exif[0x010F] = "Camera maker"
    out = io.BytesIO()
    Image.effect_noise((width, height), 90).convert("RGB").save(out, "PNG", exif=exif)
    content = out.getvalue()
    return MediaFile("", "image/png", width, height, len(content), "Noise", lambda: content)


def test_a_post_with_link_tag_mention_emoji_and_images(
    network: Network, office: Connection, reader: Connection
) -> None:
    photo = picture(1200, 900)
    assert photo.size > 2_400_000
    text = f"👨‍👩‍👧‍👦 https://example.com/ñ #año @{reader.handle}"

    _, ref = publish(office, text, language="es", media=(photo,) * 4)

    shown = seen(network, office, ref.remote_id)
    features = [facet["features"][0] for facet in shown["record"]["facets"]]
    assert shown["record"]["text"] == text
    assert shown["record"]["langs"] == ["es"]
    assert [feature["$type"].rpartition("#")[2] for feature in features] == [
        "link",
        "tag",
        "mention",
    ]
    assert features[2]["did"] == reader.remote_id
    images = shown["embed"]["images"]
    assert [image["alt"] for image in images] == ["Noise"] * 4
    assert images[0]["aspectRatio"] == {"width": 1200, "height": 900}
    stored = shown["record"]["embed"]["images"][0]["image"]
    blob = http.request(
        "GET",
        xrpc.address(office.server_url, "com.atproto.sync.getBlob"),
        params={"did": office.remote_id, "cid": stored["ref"]["$link"]},
    )
    assert len(blob.content) == stored["size"] <= 2_000_000
    assert b"Camera maker" not in blob.content


def test_a_link_card(network: Network, office: Connection) -> None:
    card = LinkCard("https://example.com/x", "Title", "Words", picture(800, 600))

    _, ref = publish(office, "look", card=card)

    external = seen(network, office, ref.remote_id)["embed"]["external"]
    assert (external["uri"], external["title"], external["description"]) == (
        "https://example.com/x",
        "Title",
        "Words",
    )
    assert external["thumb"].startswith("http")


@pytest.mark.parametrize("text", ["é" * 300, "👨‍👩‍👧‍👦" * 120, "🇩🇪" * 300])
def test_the_longest_texts_are_taken(office: Connection, text: str) -> None:
    assert adapter.count(text).ok

    assert publish(office, text)[1].remote_id in own_posts(office)


@pytest.mark.parametrize("text", ["x" * 301, "👨‍👩‍👧‍👦" * 160])
def test_the_server_refuses_what_we_refuse(office: Connection, text: str) -> None:
    payload = adapter.prepare(office, draft("short"))
    payload.body["record"]["text"] = text
    assert not adapter.count(text).ok

    with pytest.raises(InvalidContent):
        adapter.commit(office, payload)


def test_a_chain_keeps_its_root(network: Network, office: Connection) -> None:
    _, first = publish(office, "1")
    _, second = publish(office, "2", parent=first, root=first)
    _, third = publish(office, "3", parent=second, root=first)

    network.indexed()
    thread = xrpc.get(
        office.server_url,
        "app.bsky.feed.getPostThread",
        {"uri": first.remote_id, "depth": 5},
        xrpc.access(office),
    )["thread"]

    assert thread["replies"][0]["post"]["uri"] == second.remote_id
    assert thread["replies"][0]["replies"][0]["post"]["uri"] == third.remote_id
    assert third.data["root"] == {"uri": first.remote_id, "cid": first.data["cid"]}


def test_an_answer_to_a_deleted_post_is_not_sent(office: Connection) -> None:
    missing = f"at://{office.remote_id}/app.bsky.feed.post/3aaaaaaaaaaaa"

    with pytest.raises(NotFound):
        adapter.prepare(office, draft("answer", parent=RemoteRef(missing)))


def test_sending_again_gives_the_same_post(office: Connection) -> None:
    payload, ref = publish(office, "once")
    before = own_posts(office)

    again = adapter.commit(office, payload)

    assert (again.remote_id, again.data) == (ref.remote_id, ref.data)
    assert own_posts(office) == before
    assert adapter.newest_own_id(office) == before[0]


@pytest.mark.parametrize(
    ("fault", "verdict"),
    [
        ("reset_before", "not_found"),
        ("reset_after_accept", "found"),
        ("502_after_accept", "found"),
        ("500_after_accept", "found"),
        ("408_after_accept", "found"),
        ("unreadable_200", "found"),
        ("timeout_after_accept", "found"),
    ],
)
def test_a_lost_answer_is_settled_by_a_look(
    network: Network,
    office: Connection,
    proxy: FaultyProxy,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
    verdict: str,
) -> None:
    monkeypatch.setattr(http, "DEADLINE_SECONDS", 3.0)
    behind = Connection("bluesky", proxy.base_url, office.remote_id, office.handle, office.secrets)
    payload = adapter.prepare(behind, draft(f"fault {fault}"))
    before = own_posts(office)
    proxy.fault("putRecord", fault)

    with pytest.raises(OutcomeUnknown):
        adapter.commit(behind, payload)
    seen_now = adapter.look(behind, payload, since_id="", since=datetime.now(UTC), taken=())

    out = set(own_posts(office)) - set(before)
    assert seen_now.verdict == verdict
    assert out == ({seen_now.receipt.remote_id} if seen_now.receipt else set())
    adapter.commit(behind, payload)
    assert len(own_posts(office)) == len(before) + 1


def test_counters_and_interactions_of_others(
    network: Network, office: Connection, reader: Connection
) -> None:
    _, ref = publish(office, "measure me")
    network.indexed()
    subject = {"uri": ref.remote_id, "cid": ref.data["cid"]}
    network.record(reader, "app.bsky.feed.like", subject=subject)
    network.record(reader, "app.bsky.feed.repost", subject=subject)
    _, answer = publish(reader, "An answer", parent=ref, root=ref)
    network.indexed()

    page = adapter.interactions(office, "")

    item = next(item for item in page.items if item.remote_id == answer.remote_id)
    assert (item.kind, item.text, item.author_handle) == ("comment", "An answer", reader.handle)
    assert (item.parent_id, item.root_id) == (ref.remote_id, ref.remote_id)
    assert adapter.metrics(office, [ref.remote_id]) == {
        ref.remote_id: Metrics(likes=1, comments=1, shares=1, saves=0, replies=1, quotes=0)
    }
    # We answer the comment; the conversation keeps its root.
    _, thanks = publish(office, "Thanks", parent=RemoteRef(item.remote_id, item.data))
    assert thanks.data["root"] == subject


def test_the_audience_of_the_account(network: Network, reader: Connection) -> None:
    shop = network.connection(network.person("shop"))
    with pytest.raises(Unavailable):
        # The AppView has not heard of it.
        adapter.audience(replace(shop, remote_id="did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"))
    network.record(reader, "app.bsky.graph.follow", subject=shop.remote_id)
    publish(shop, "for our followers")
    network.indexed()

    assert adapter.audience(shop) == Audience(followers=1, following=0, posts=1)


def test_a_late_notice_is_not_lost(
    network: Network, office: Connection, reader: Connection
) -> None:
    _, ref = publish(office, "late answers")
    network.indexed()
    publish(reader, f"@{office.handle} now")
    network.indexed()
    cursor = adapter.interactions(office, "").cursor
    slow_clock = datetime.now(UTC) - timedelta(hours=2)
    _, late = publish(reader, "two hours slow", parent=ref, created_at=slow_clock)
    network.indexed()

    page = adapter.interactions(office, cursor)

    assert late.remote_id in [item.remote_id for item in page.items]


def test_a_deleted_post_is_gone(network: Network, office: Connection) -> None:
    _, ref = publish(office, "delete me")
    rkey = ref.remote_id.rpartition("/")[2]
    gone = {"repo": office.remote_id, "collection": "app.bsky.feed.post", "rkey": rkey}
    xrpc.post(
        office.server_url,
        "com.atproto.repo.deleteRecord",
        headers=xrpc.access(office),
        json=gone,
    )
    network.indexed()

    assert adapter.metrics(office, [ref.remote_id]) == {ref.remote_id: GONE}


def test_the_session_lives_on_by_refreshing(network: Network) -> None:
    office = network.connection(network.person("session"))

    fresh = adapter.refresh(office)

    assert fresh is not None
    assert fresh["refresh"] != office.secrets["refresh"]
    renewed = Connection("bluesky", network.pds, office.remote_id, office.handle, fresh)
    assert all(check.ok for check in adapter.doctor(renewed))


def test_a_closed_session_must_be_connected_again(network: Network) -> None:
    office = network.connection(network.person("closed"))
    http.request(
        "POST",
        xrpc.address(network.pds, "com.atproto.server.deleteSession"),
        headers=xrpc.bearer(office.secrets["refresh"]),
    )

    with pytest.raises(AuthRevoked):
        adapter.refresh(office)


def test_wrong_logins_and_wrong_servers(network: Network) -> None:
    with pytest.raises(AuthRevoked):
        adapter.connect(network.pds, "nobody.test", "wrong")
    for other in (network.appview, network.control):
        with pytest.raises(NotFound):
            adapter.connect(other, "nobody.test", "wrong")


def test_a_connection_behind_the_proxy_stays_there(network: Network, proxy: FaultyProxy) -> None:
    behind = network.connection(network.person("proxied"), proxy.base_url)

    assert xrpc.base(behind) == proxy.base_url
    assert all(check.ok for check in adapter.doctor(behind))
