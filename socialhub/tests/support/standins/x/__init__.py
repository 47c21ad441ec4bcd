"""X as a stand-in: API v2 as of August 2026, with prices, windows and the rule about answers."""

from __future__ import annotations

from socialhub.sandbox import serving
from socialhub.tests.support.standin.kit import Reply
from socialhub.tests.support.standin.server import StandIn, in_
from socialhub.tests.support.standins.x import control, login, posts  # noqa: F401  (routes)
from socialhub.tests.support.standins.x.state import STATE, XState, problem, routes


class X(StandIn):
    """Two addresses do two things each: the token's, and the profile's."""

    def operation(self, request: serving.Request) -> str:
        found = super().operation(request)
        if found == "token" and b"grant_type=refresh_token" in request.body:
            return "refresh"
        if found == "me" and "most_recent" in request.query.get("user.fields", ""):
            # Asked between the claim and the fence.
            return "look"
        return found


def limited(state: XState, seconds: int) -> Reply:
    headers = {"x-rate-limit-limit": "100", "x-rate-limit-remaining": "0"}
    headers["x-rate-limit-reset"] = str(in_(seconds, state))
    return Reply(problem(429, "Too Many Requests", "rate-limit-exceeded"), 429, headers)


APP = X(STATE, routes, control=control.routes, limited=limited)
