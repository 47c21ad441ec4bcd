"""The networks of the fault matrix: how to connect, break and read the truth of each."""

from __future__ import annotations

import importlib.util
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import requests

from socialhub.models import Account
from socialhub.platforms.registry import get_adapter
from socialhub.tests.factories import AccountFactory

# Which request is the commit, and which one comes between claim and fence.
OPERATIONS = {"commit": "publish", "before": "look"}
METHODS = {"commit": "repo.putRecord", "before": "identity.resolveHandle"}


class Network(Protocol):
    """What a cell of the matrix needs of a network."""

    name: str

    def account(self) -> Account: ...
    def fault(self, where: str, fault: str, **more: Any) -> None: ...
    def asked(self, where: str) -> int: ...
    def truth(self, account: Account) -> list[dict[str, Any]]: ...


def connected(platform: str, server_url: str, handle: str, secret: str) -> Account:
    """An account as connecting leaves it."""
    profile = get_adapter(platform).connect(server_url, handle, secret)
    return AccountFactory(
        platform=platform,
        server_url=server_url,
        handle=profile.handle,
        remote_id=profile.remote_id,
        options=dict(profile.options),
        secrets=dict(profile.secrets),
    )


def create_account(pds: str, control: str, handle: str) -> dict[str, str]:
    """A new account of the loopback network (contrib/bluesky-network/accounts.py)."""
    path = Path(__file__).resolve().parents[3] / "contrib/bluesky-network/accounts.py"
    spec = importlib.util.spec_from_file_location("bluesky_accounts", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.create_account(pds, control, handle)


@dataclass
class SandboxNetwork:
    """The pretend network; it never recognises a repeated request."""

    server: Any
    name: str = "sandbox"

    def account(self) -> Account:
        handle = f"shop-{secrets.token_hex(4)}"
        return connected("sandbox", self.server.base_url, handle, "a secret")

    def fault(self, where: str, fault: str, **more: Any) -> None:
        self.server.fault(OPERATIONS[where], fault, **more)

    def asked(self, where: str) -> int:
        """Requests that have arrived."""
        return int(self.server.requests(OPERATIONS[where])["count"])

    def truth(self, account: Account) -> list[dict[str, Any]]:
        return self.server.posts(account.handle)


@dataclass
class MastodonNetwork:
    """The stand-in, with or without Idempotency-Key."""

    server: Any
    name: str = "mastodon"

    def account(self) -> Account:
        handle = f"office{secrets.token_hex(4)}"
        return connected("mastodon", self.server.base_url, "", self.server.token(handle))

    def fault(self, where: str, fault: str, **more: Any) -> None:
        self.server.fault(OPERATIONS[where], fault, **more)

    def asked(self, where: str) -> int:
        """Requests that have arrived."""
        return int(self.server.requests(OPERATIONS[where]))

    def truth(self, account: Account) -> list[dict[str, Any]]:
        return self.server.posts(account.handle.split("@")[0])


# What a person types besides the token, where it takes more.
HANDLES = {"telegram": "@{name}"}


@dataclass
class StandInNetwork:
    """A network whose stand-in is built from the kit; tests/support/standins/<name>."""

    server: Any
    name: str

    def account(self) -> Account:
        handle = f"office{secrets.token_hex(4)}"
        typed = HANDLES.get(self.name, "").format(name=handle)
        return connected(self.name, self.server.base_url, typed, self.server.token(handle))

    def fault(self, where: str, fault: str, **more: Any) -> None:
        self.server.fault(OPERATIONS[where], fault, **more)

    def asked(self, where: str) -> int:
        """Requests that have arrived."""
        return int(self.server.requests(OPERATIONS[where]))

    def truth(self, account: Account) -> list[dict[str, Any]]:
        return self.server.posts(account.remote_id)


@dataclass
class BlueskyNetwork:
    """A real PDS behind a proxy that loses answers; the truth is read past the proxy."""

    proxy: Any
    pds: str
    control: str
    name: str = "bluesky"

    def account(self) -> Account:
        made = create_account(self.pds, self.control, f"m{secrets.token_hex(6)}.test")
        return connected("bluesky", self.proxy.base_url, made["handle"], made["app_password"])

    def fault(self, where: str, fault: str, **more: Any) -> None:
        self.proxy.fault(METHODS[where], fault, **more)

    def asked(self, where: str) -> int:
        """Requests that have arrived."""
        return int(self.proxy.count(METHODS[where]))

    def truth(self, account: Account) -> list[dict[str, Any]]:
        answer = requests.get(
            f"{self.pds}/xrpc/com.atproto.repo.listRecords",
            params={"repo": account.remote_id, "collection": "app.bsky.feed.post"},
            timeout=10,
        )
        answer.raise_for_status()
        # Newest first.
        return [
            {
                "id": r["uri"],
                "text": r["value"]["text"],
                "parent_id": r["value"].get("reply", {}).get("parent", {}).get("uri"),
            }
            for r in answer.json()["records"]
        ]


def bluesky_addresses() -> tuple[str, str]:
    """PDS and control address. Fails, never skips: the caller asked for the real network."""
    try:
        return os.environ["BLUESKY_PDS"], os.environ["BLUESKY_CONTROL"]
    except KeyError as missing:
        raise AssertionError(f"{missing} is not set; run ./run.sh realnet") from None
