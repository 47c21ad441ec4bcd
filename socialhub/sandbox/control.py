"""What an experimenter can do to the network: read the truth, arm faults, play the audience."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from socialhub.sandbox import effects
from socialhub.sandbox.faults import Fault, Faults, Watch
from socialhub.sandbox.network import OPERATIONS, Network, clean_handle, iso, post_url
from socialhub.sandbox.serving import Refused, Reply, Request
from socialhub.sandbox.store import Post

COUNTERS = ("likes", "comments", "shares", "impressions", "clicks")
AUDIENCE = ("followers", "following", "posts")
NAMES = frozenset(OPERATIONS.values())


class Control:
    """Requests under /control/. They need no token and never meet a fault."""

    def __init__(self, network: Network, faults: Faults, watch: Watch) -> None:
        self.network, self.store = network, network.store
        self.faults, self.watch = faults, watch
        self.latency = 0.0

    def answer(self, request: Request) -> Reply:
        """Carry out a request. Raises Refused."""
        parts = request.path.strip("/").split("/")[1:]
        if len(parts) == 3 and parts[0] == "posts" and request.method == "POST":
            return self._on_post(request, parts[1], parts[2])
        if (request.method, parts[:1], parts[2:]) == ("POST", ["accounts"], ["audience"]):
            return Reply(self._set_audience(parts[1], request.json()))
        routes: dict[tuple[str, str], Callable[[Request], Any]] = {
            ("GET", "posts"): self._posts,
            ("POST", "posts"): self._seed,
            ("GET", "history"): self._history,
            ("GET", "faults"): lambda _: self.faults.listed(),
            ("POST", "faults"): self._arm,
            ("DELETE", "faults"): self._disarm,
            ("GET", "clock"): lambda _: self._time(),
            ("POST", "clock"): self._move,
            ("GET", "effects"): lambda _: effects.listed(self.store.effects),
            ("POST", "effects"): self._plant,
            ("DELETE", "effects"): self._uproot,
            ("POST", "latency"): self._slow_down,
            ("POST", "mode"): self._mode,
            ("POST", "revoke"): self._revoke,
            ("POST", "reset"): self._reset,
            ("GET", "requests"): lambda r: self.watch.report(r.query.get("operation") or "*"),
        }
        action = routes.get((request.method, "/".join(parts)))
        if action is None:
            raise Refused(404, "no_such_path", "There is nothing at this path.")
        try:
            return Reply(action(request))
        except (ValueError, TypeError) as exc:
            raise Refused(422, "invalid", str(exc)) from None

    # -- the truth --------------------------------------------------------------
    def _posts(self, request: Request) -> list[dict[str, Any]]:
        """Posts of the accounts, oldest first; the audience's comments are not among them."""
        account = request.query.get("account", "")
        if account:
            known = self.store.account(account.removeprefix("@").lower())
            if known is None:
                return []
            account = known["handle"]
        posts = self.store.posts(account)[::-1]
        counters = self.network.audience.counters(posts)
        return [
            self.network.shown(request, post) | {"metrics": _complete(counters[post["id"]])}
            for post in posts
        ]

    def _history(self, request: Request) -> list[dict[str, Any]]:
        """`?at=ISO,ISO,…`: the truth as it was at each of these past moments."""
        asked = request.query.get("at", "").split(",")
        moments = [_past(one, self.store.clock()) for one in asked]
        return [
            {
                "at": iso(at),
                "posts": {post_id: _complete(one) for post_id, one in then.posts.items()},
                "accounts": {
                    handle: {name: one.get(name) for name in AUDIENCE}
                    for handle, one in then.accounts.items()
                },
            }
            for at, then in zip(moments, self.network.audience.history(moments), strict=True)
        ]

    # -- faults -----------------------------------------------------------------
    def _arm(self, request: Request) -> list[dict[str, Any]]:
        self.faults.arm(Fault.parse(request.json(), NAMES))
        return self.faults.listed()

    def _disarm(self, request: Request) -> list[dict[str, Any]]:
        self.faults.clear()
        return []

    def _slow_down(self, request: Request) -> dict[str, Any]:
        self.latency = max(0.0, float(request.json().get("seconds", 0)))
        return {"seconds": self.latency}

    # -- the clock and planted effects --------------------------------------------
    def _time(self) -> dict[str, Any]:
        return {"offset_seconds": self.store.clock.offset, "now": iso(self.store.clock())}

    def _move(self, request: Request) -> dict[str, Any]:
        """`{"offset_seconds": -86400}`: the network lives a day ago; 0 is now again. Posts,
        comments and counters follow; what was written later is not there until then."""
        self.store.clock.move(float(request.json().get("offset_seconds", 0)))
        return self._time()

    def _plant(self, request: Request) -> list[dict[str, Any]]:
        """`[{"contains": "words in the text", "likes": 1.5, …}]`, added to what is planted;
        factors of impressions and of the shares of viewers who like, share, comment and click.
        They survive a restart."""
        self.store.plant(effects.parse(request.parsed()))
        return effects.listed(self.store.effects)

    def _uproot(self, request: Request) -> list[dict[str, Any]]:
        self.store.plant({}, anew=True)
        return []

    def _mode(self, request: Request) -> dict[str, Any]:
        self.network.idempotent = bool(request.json().get("idempotent", False))
        return {"idempotent": self.network.idempotent}

    def _revoke(self, request: Request) -> dict[str, Any]:
        """Its token fails from now on, until somebody logs in again."""
        handle = clean_handle(request.json().get("handle"))
        if not self.store.revoke(handle):
            raise Refused(404, "no_account", "There is no such account.")
        return {"handle": handle, "revoked": True}

    def _reset(self, request: Request) -> dict[str, Any]:
        """An empty network without faults, latency, modes, counts and effects, as of now."""
        self.store.reset()
        self.faults.clear()
        self.watch.clear()
        self.latency = 0.0
        self.network.idempotent = False
        return {"reset": True}

    # -- playing the audience ---------------------------------------------------
    def _on_post(self, request: Request, post_id: str, what: str) -> Reply:
        post = self.store.post(post_id)
        if post is None:
            raise Refused(404, "no_post", "There is no such post.")
        if what == "metrics":
            return Reply(self._set_counters(post, request.json()))
        if what == "comments":
            return Reply(self._comment(request, post), 201)
        raise Refused(404, "no_such_path", "There is nothing at this path.")

    def _set_counters(self, post: Post, given: dict[str, Any]) -> dict[str, Any]:
        """Numbers ≥ 0, or null for "the network does not report it"; others stay."""
        _require_numbers(given, COUNTERS)
        self.store.set_counters(post["id"], given)
        after = self.store.post(post["id"]) or post
        return _complete(self.network.audience.counters([after])[post["id"]])

    def _set_audience(self, handle: str, given: dict[str, Any]) -> dict[str, int | None]:
        """Numbers of an account, like those of a post; others go on growing."""
        account = self.store.account(clean_handle(handle))
        if account is None:
            raise Refused(404, "no_account", "There is no such account.")
        _require_numbers(given, AUDIENCE)
        self.store.fix(account["handle"], given)
        counted = self.network.audience.profile(account)
        return {name: counted.get(name) for name in AUDIENCE}

    def _comment(self, request: Request, post: Post) -> dict[str, Any]:
        given = request.json()
        text = str(given.get("text") or "").strip()
        if not text:
            raise Refused(422, "empty", "A comment needs a text.")
        name = str(given.get("author") or "somebody").strip().removeprefix("@")
        comment = self.store.add(
            author=name.lower().replace(" ", "."),
            author_name=name,
            account=None,
            text=text,
            parent=post["id"],
            root=post["root"] or post["id"],
        )
        return self.network.shown(request, comment)

    def _seed(self, request: Request) -> list[dict[str, Any]]:
        """`{"posts": [{"handle", "text", "created_at", "parent_id", "media", "card", "language",
        "key"}]}`: posts of the past, so that a demonstration has a history. `media` are ids of
        uploaded images. No limits are checked."""
        made = []
        for given in request.json().get("posts", []):
            handle = clean_handle(given.get("handle"))
            account = self.store.login(handle, f"sandbox-{handle}") or {}
            parent = self.store.post(given.get("parent_id") or "")
            post = self.store.add(
                author=handle,
                author_name=account["name"],
                account=handle,
                text=str(given.get("text") or ""),
                created=datetime.fromisoformat(given["created_at"]).timestamp(),
                parent=parent["id"] if parent else None,
                root=(parent["root"] or parent["id"]) if parent else None,
                media=list(given.get("media") or []),
                card=dict(given.get("card") or {}),
                language=str(given.get("language") or ""),
                key=str(given.get("key") or ""),
            )
            made.append(
                {
                    "id": post["id"],
                    "url": post_url(request, post["id"]),
                    "created_at": iso(post["created"]),
                }
            )
        return made


def _past(given: str, now: float) -> float:
    """Seconds since 1970. Raises ValueError for no time, one without zone, or a future one."""
    moment = datetime.fromisoformat(given)
    if moment.tzinfo is None or moment.timestamp() > now:
        raise ValueError("at is a past moment with its zone, such as 2026-03-01T12:00:00+00:00")
    return moment.timestamp()


def _require_numbers(given: dict[str, Any], names: tuple[str, ...]) -> None:
    for name, value in given.items():
        whole = isinstance(value, int) and not isinstance(value, bool) and value >= 0
        if name not in names or not (whole or value is None):
            raise Refused(422, "invalid", f"whole numbers for {', '.join(names)}")


def _complete(counters: dict[str, int]) -> dict[str, int | None]:
    """Every counter, null where the network does not report it."""
    return {name: counters.get(name) for name in COUNTERS}
