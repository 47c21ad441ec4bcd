"""What this X knows: accounts, posts, images, what was charged, and how many requests came."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import wraps
from typing import Any

from socialhub.tests.support.standin.kit import JSON, Call, Refusal, Reply, Routes, State
from socialhub.tests.support.standin.oauth import Grant, OAuth

PROBLEMS = "https://api.x.com/2/problems"
FIRST_MS = 1_288_834_974_657
WINDOW = timedelta(minutes=15)
# Requests per user and window.
LIMITS = {"publish": 100, "metrics": 5_000, "look": 900, "interactions": 300, "me": 75}
PRICES = {
    "post": Decimal("0.015"),
    "post_with_link": Decimal("0.200"),
    "reply": Decimal("0.010"),
    "media_metadata": Decimal("0.005"),
    "post_read": Decimal("0.005"),
    "user_read": Decimal("0.010"),
}

routes = Routes()


class XState(State):
    def reset(self) -> None:
        super().reset()
        self.oauth = OAuth(needs_pkce=True)
        self.written: list[JSON] = []
        self.media: dict[str, JSON] = {}
        self.names: dict[str, str] = {}
        self.last_id = 0
        self.charged: Counter[str] = Counter()
        self.read_today: set[tuple[str, str, str]] = set()
        self.asked: Counter[tuple[str, str, datetime]] = Counter()
        self.mode: JSON = {
            # As for self-serve apps since 23 February 2026.
            "replies_restricted": True,
            "duplicates_refused": True,
            "private_metrics": True,
            "public_client": False,
            "suspended": False,
            "capped": False,
            "text_limit": 280,
            # USD left; None = no end.
            "credit": None,
            # {"metrics": 3}: another limit than X's.
            "limits": {},
            # What profiles call posts: "tweet" or "post".
            "words": "tweet",
        }

    def new_id(self) -> str:
        """Time and a number, as X makes ids."""
        ms = int(self.now().timestamp() * 1000) - FIRST_MS
        self.last_id = max(self.last_id + 1, ms << 22)
        return str(self.last_id)

    def id_of(self, name: str) -> str:
        """The id of the account of that name; it exists from now on."""
        found = str(10**9 + zlib.crc32(name.encode()))
        self.names[found] = name
        return found

    def posts(self, account: str | None) -> list[JSON]:
        wanted = self.names.get(account or "", account)
        return [
            {
                "id": post["id"],
                "account": self.id_of(post["name"]),
                "text": post["text"],
                "parent_id": post["parent_id"],
                "created_at": post["created_at"].isoformat(),
                "media": post["media"],
            }
            for post in self.written
            if wanted in (None, post["name"])
        ]

    def post(self, post_id: str) -> JSON | None:
        return next((post for post in self.written if post["id"] == post_id), None)

    def write(self, name: str, text: str, parent_id: str = "", **more: Any) -> JSON:
        """A post that is out from now on, of ours or of somebody."""
        self.id_of(name)
        post: JSON = {
            "id": self.new_id(),
            "name": name,
            "text": text,
            "parent_id": parent_id,
            "created_at": self.now(),
            "media": [],
            "quoted": "",
            "counters": {},
            **more,
        }
        self.written.append(post)
        return post

    # -- money ------------------------------------------------------------------
    def charge(self, kind: str, *things: str) -> None:
        """Once per thing and UTC day for reading, every time for writing (no things)."""
        day = self.now().date().isoformat()
        new = {(kind, one, day) for one in things} - self.read_today
        self.read_today |= new
        self.charged[kind] += len(new) if things else 1

    def spent(self) -> Decimal:
        return sum((PRICES[kind] * n for kind, n in self.charged.items()), Decimal(0))


STATE = XState()


def problem(status: int, detail: str, kind: str = "", title: str = "", **more: Any) -> JSON:
    return {
        "title": title or detail,
        "detail": detail,
        "type": f"{PROBLEMS}/{kind}" if kind else "about:blank",
        "status": status,
        **more,
    }


def invalid(name: str, message: str, value: str = "") -> Refusal:
    """400 as X says it of a parameter or field."""
    body = problem(
        400,
        "One or more parameters to your request was invalid.",
        "invalid-request",
        "Invalid Request",
        errors=[{"parameters": {name: [value]}, "message": message}],
    )
    return Refusal(400, body)


def guarded(operation: str, *scopes: str) -> Callable[[Any], Any]:
    """Around a route: whose token, which rights, how many requests, credit left."""

    def around(run: Callable[[Call, Grant], Any]) -> Callable[[Call], Reply]:
        @wraps(run)
        def checked(call: Call) -> Reply:
            state: XState = call.state
            grant = state.oauth.holder(state, call.bearer)
            if grant is None:
                raise Refusal(401, problem(401, "Unauthorized"))
            if not {*scopes} <= grant.scopes and "*" not in grant.scopes:
                detail = "Your client app is not configured with the appropriate oauth2 scopes."
                raise Refusal(403, problem(403, detail, title="Forbidden"))
            headers = _count(state, operation, grant.account)
            _credit(state)
            made = run(call, grant)
            reply = made if isinstance(made, Reply) else Reply(made)
            return Reply(reply.body, reply.status, {**headers, **reply.headers})

        return checked

    return around


def _count(state: XState, operation: str, account: str) -> dict[str, str]:
    seconds = WINDOW.total_seconds()
    start = datetime.fromtimestamp(state.now().timestamp() // seconds * seconds, state.now().tzinfo)
    limit = int(state.mode["limits"].get(operation, LIMITS.get(operation, 500)))
    key = (operation, account, start)
    state.asked[key] += 1
    headers = {
        "x-rate-limit-limit": str(limit),
        "x-rate-limit-remaining": str(max(0, limit - state.asked[key])),
        "x-rate-limit-reset": str(int((start + WINDOW).timestamp())),
    }
    if state.asked[key] > limit:
        body = problem(429, "Too Many Requests", "rate-limit-exceeded")
        raise Refusal(429, body, headers)
    return headers


def _credit(state: XState) -> None:
    if state.mode["capped"]:
        detail = "Usage cap exceeded: Monthly product cap"
        more = {"period": "Monthly", "scope": "Product"}
        body = problem(429, detail, "usage-capped", "UsageCapExceeded", **more)
        raise Refusal(429, body)
    credit = state.mode["credit"]
    if credit is not None and state.spent() >= Decimal(str(credit)):
        detail = "Your enrolled account does not have any credits to fulfill this request."
        raise Refusal(402, problem(402, detail, "credits", "CreditsDepleted"))
