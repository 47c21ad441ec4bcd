"""Requests to the API as one account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from socialhub.http import Answer
from socialhub.platforms import wire
from socialhub.platforms.base import JSON, App, Connection
from socialhub.platforms.errors import AuthRevoked, Unavailable
from socialhub.platforms.x import refusals

DEFAULT_SERVER = "https://api.x.com"
# Slow down when so much of a window is used.
SLOW_FROM = 0.8
# What the documentation and running servers call things; the specification of the official SDK
# says "post" for "tweet" in the same places. Answers are read in either, requests as configured
# ("field_names"): there some of these fields are expansions.
POST_FIELDS_AS_EXPANSIONS = {"author_id": "author_id", "referenced_tweets": "referenced_posts"}
RENAMED = {"note_tweet": "note_post"}


class Api:
    """One account's requests. Methods return answers with a 2xx status, parsed."""

    def __init__(self, connection: Connection) -> None:
        """Raises AuthRevoked when the account holds no token."""
        self.connection = connection
        self.url = (connection.server_url or DEFAULT_SERVER).rstrip("/")
        self._token = connection.secrets.get("access_token", "")
        if not self._token:
            raise AuthRevoked("the account holds no access token")

    @classmethod
    def with_token(cls, server_url: str, token: str) -> Api:
        """Before there is an account."""
        return cls(Connection("x", server_url, secrets={"access_token": token}, app=App()))

    def get(self, path: str, params: JSON | None = None) -> JSON:
        """A read: the object in the answer. Raises Unavailable for anything that may pass."""
        answer = wire.read("GET", self.url + path, headers=self._headers(), params=params)
        self._mind_the_limit(answer)
        return _object(self._checked(answer))

    def post(self, path: str, **sent: Any) -> JSON:
        """A write that may be repeated without harm (an image, its description)."""
        answer = wire.read("POST", self.url + path, headers=self._headers(), **sent)
        return _object(self._checked(answer))

    def publish(self, body: JSON, guard: Callable[[], None] | None) -> JSON:
        """The write whose outcome can be unknown. Returns the parsed answer."""
        url, headers = f"{self.url}/2/tweets", self._headers()
        answer = wire.send("POST", url, json=body, headers=headers, guard=guard)
        said = wire.body(self._checked(answer, replying="reply" in body), write=True)
        return said if isinstance(said, dict) else {}

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}

    def _checked(self, answer: Answer, *, replying: bool = False) -> Answer:
        if 200 <= answer.status < 300:
            return answer
        raise refusals.refusal(answer, replying=replying)

    def _mind_the_limit(self, answer: Answer) -> None:
        findings = self.connection.findings
        for limit, left, reset in refusals.windows(answer.headers):
            if limit - left >= limit * SLOW_FROM:
                findings.slow_until = max(findings.slow_until or reset, reset)

    @property
    def word(self) -> str:
        """What X calls a post in its fields: "tweet", or "post" where the operator says so."""
        return "post" if self.connection.options.get("field_names") == "post" else "tweet"

    def fields(self, *names: str, expand: tuple[str, ...] = ()) -> JSON:
        """Parameters that ask for these fields of posts, and for objects beside them."""
        if self.word == "tweet":
            found = {"tweet.fields": ",".join(names)}
        else:
            moved = [POST_FIELDS_AS_EXPANSIONS[n] for n in names if n in POST_FIELDS_AS_EXPANSIONS]
            kept = [RENAMED.get(n, n) for n in names if n not in POST_FIELDS_AS_EXPANSIONS]
            found = {"post.fields": ",".join(kept)}
            expand = tuple(dict.fromkeys((*expand, *moved)))
        if expand:
            found["expansions"] = ",".join(expand)
        return found


def _object(answer: Answer) -> JSON:
    said = wire.body(answer)
    if not isinstance(said, dict):
        raise Unavailable("the answer of X is not an object", http_status=answer.status)
    return said
