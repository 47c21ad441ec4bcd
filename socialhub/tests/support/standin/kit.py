"""Requests, answers, routes and the state every stand-in has."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

JSON = dict[str, Any]


class Refusal(Exception):
    """An answer that is not 2xx, with the network's own body."""

    def __init__(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        super().__init__(str(body))
        self.status, self.body, self.headers = status, body, headers or {}


@dataclass
class Reply:
    """An answer with a status or headers of its own. `body`: bytes as they are, else JSON."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


@dataclass
class Call:
    """One request, parsed. `query` and `body` hold lists under names ending in "[]" (without it).

    `body` is the JSON object or the form; `files` name → (mime, bytes); `raw` the bytes.
    """

    state: Any
    method: str
    path: str
    base: str
    query: JSON
    body: JSON
    headers: dict[str, str]
    raw: bytes = b""
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    parts: tuple[str, ...] = ()

    @property
    def bearer(self) -> str:
        """The token of the Authorization header, "" without one."""
        return self.headers.get("authorization", "").removeprefix("Bearer ").strip()

    def given(self, name: str, default: str = "") -> str:
        """A parameter from the body or the query, as text."""
        value = self.body.get(name, self.query.get(name, default))
        return default if value is None else str(value)


@dataclass(frozen=True)
class Route:
    method: str
    pattern: re.Pattern[str]
    operation: str
    run: Callable[[Call], Any]


class Routes:
    """The addresses of one network. The first that fits answers."""

    def __init__(self) -> None:
        self.all: list[Route] = []

    def __call__(self, method: str, pattern: str, operation: str) -> Callable[[Any], Any]:
        """Register a function for a path; groups become `Call.parts`. `operation` is the name
        faults and counts go by."""

        def register(run: Callable[[Call], Any]) -> Callable[[Call], Any]:
            self.all.append(Route(method, re.compile(pattern), operation, run))
            return run

        return register

    @property
    def operations(self) -> frozenset[str]:
        return frozenset(route.operation for route in self.all)

    def find(self, method: str, path: str) -> tuple[Route, tuple[str, ...]] | None:
        for route in self.all:
            found = route.pattern.fullmatch(path)
            if found and route.method == method:
                return route, tuple(part or "" for part in found.groups())
        return None


class State:
    """What a stand-in knows. Subclass it; callers hold `lock`; `reset` empties everything."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        self.ids = itertools.count(1)
        # Seconds by which this server's clock is ahead.
        self.clock_offset = 0.0
        # What happened around logins and rights, oldest first; read with GET /control/log.
        self.log: list[JSON] = []
        # Switches a test flips with POST /control/mode.
        self.mode: JSON = {}

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.clock_offset)

    def new_id(self) -> str:
        """Digits that grow, as long as a network's."""
        return str(10**15 + next(self.ids))

    def note(self, kind: str, **facts: Any) -> None:
        """Remember something a test wants to see."""
        self.log.append({"kind": kind, **facts})

    def posts(self, account: str | None) -> list[JSON]:
        """The truth, oldest first: {"id", "account", "text", "parent_id", "created_at", "media"}
        of every post and comment of ours there is; of one account when it is named."""
        raise NotImplementedError
