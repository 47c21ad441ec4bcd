"""What the stand-ins for Instagram and Meta's Threads share: logins, containers, pictures.

Publishing in steps: https://developers.facebook.com/docs/instagram-platform/content-publishing
Errors: https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/error-codes
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from socialhub.sandbox import serving
from socialhub.tests.support.standin.kit import JSON, Call, Refusal, Reply, Routes, State
from socialhub.tests.support.standin.oauth import OAuth
from socialhub.tests.support.standin.server import StandIn

V = r"(?:/v\d+\.\d+)?"
ID = r"([A-Za-z0-9_.-]+)"
# Ids of containers are told by their looks, so that asking for one counts as a look.
CONTAINER = r"178\d{16}"
HOUR = 3600.0
SIXTY_DAYS = 60 * 24 * HOUR
LIFE = timedelta(hours=24)
FIELD = re.compile(r"(\w+)(?:\.\w+\(\w+\))*(\{)?")


def error(status: int, code: int, message: str, subcode: int | None = None, **more: Any) -> Refusal:
    """A refusal as Graph words it."""
    said: JSON = {"message": message, "type": "OAuthException", "code": code, **more}
    if subcode is not None:
        said["error_subcode"] = subcode
    return Refusal(status, {"error": {**said, "fbtrace_id": "A1b2C3"}})


def nonexisting(name: str, node: str) -> Refusal:
    return error(
        400, 100, f"(#100) Tried accessing nonexisting field ({name}) on node type ({node})"
    )


def no_object(remote_id: str) -> Refusal:
    return error(
        400,
        100,
        f"Unsupported request. Object with ID '{remote_id}' does not exist, cannot be loaded "
        "due to missing permissions, or does not support this operation.",
        33,
    )


@dataclass
class Container:
    """A post being made."""

    id: str
    account: str
    text: str
    created_at: datetime
    media: list[JSON] = field(default_factory=list)
    parent_id: str = ""
    child: bool = False
    looks: int = 0
    published: bool = False
    # What went wrong while it was being made.
    failure: str = ""


class MetaState(State):
    """Accounts, logins, containers and what became of them."""

    # What differs: the name of the grant types, and who a profile is.
    prefix = "ig"
    digits = "1784"

    def reset(self) -> None:
        super().reset()
        self.oauth = OAuth()
        self.names: dict[str, str] = {}
        self.issued: dict[str, datetime] = {}
        self.long_lived: list[str] = []
        self.containers: dict[str, Container] = {}
        self.published: list[JSON] = []
        self.numbers: dict[str, JSON] = {}
        # status: what every container says; late: pictures are fetched after the container is
        # there; fetch: pictures are fetched at all.
        self.mode = {
            "status": "",
            "late": False,
            "fetch": True,
            "gone_metrics": [],
            "insights": "",
            "usage": 1,
            "quota_used": 0,
            "reply_quota_used": 0,
        }

    # -- accounts -------------------------------------------------------------------
    def id_of(self, name: str) -> str:
        number = int(hashlib.sha256(name.encode()).hexdigest(), 16) % 10**13
        found = f"{self.digits}{number:013d}"
        self.names[found] = name
        return found

    def name_of(self, given: str) -> str:
        """The account's name, from its id or its name."""
        return self.names.get(given, given)

    def caller(self, call: Call, scope: str) -> str:
        """Name of the account whose token it is."""
        token = call.bearer or call.given("access_token")
        grant = self.oauth.holder(self, token)
        if grant is None:
            raise self._dead(token)
        if "*" not in grant.scopes and scope not in grant.scopes:
            raise error(403, 10, f"(#10) Application does not have permission: {scope}")
        self.id_of(grant.account)
        return grant.account

    def _dead(self, token: str) -> Refusal:
        grant = self.oauth.tokens.get(token)
        account = grant.account if grant else token.removeprefix("token-")
        if account in self.oauth.revoked:
            return error(400, 190, "Error validating access token: app removed.", 458)
        if grant is not None:
            return error(400, 190, "Error validating access token: Session has expired.", 463)
        return error(401, 190, "Invalid OAuth access token - Cannot parse access token")

    def owner(self, call: Call, scope: str) -> str:
        """The caller, who must be the account in the path."""
        name = self.caller(call, scope)
        if call.parts[0] != "me" and self.name_of(call.parts[0]) != name:
            raise no_object(call.parts[0])
        return name

    # -- containers -----------------------------------------------------------------
    def container(self, call: Call, account: str, text: str, **more: Any) -> Container:
        made = Container(f"178{self.new_id()}", account, text, self.now(), **more)
        self.containers[made.id] = made
        return made

    def status(self, one: Container, *, looking: bool = False) -> str:
        """Being made until it was looked at twice; ends after a day."""
        if one.published:
            return "PUBLISHED"
        if self.mode["status"]:
            return str(self.mode["status"])
        if one.failure:
            return "ERROR"
        if self.now() - one.created_at >= LIFE:
            return "EXPIRED"
        one.looks += looking
        return "FINISHED" if one.looks >= 2 else "IN_PROGRESS"

    def taken(self, call: Call, account: str) -> Container:
        """The finished container that is to be published."""
        found = self.containers.get(call.given("creation_id"))
        if found is None or found.account != account or found.child or found.published:
            raise error(400, 24, "The requested resource does not exist", 2207006)
        status = self.status(found)
        if status == "EXPIRED":
            raise error(400, -2, "The media you are trying to access has expired", 2207020)
        if status != "FINISHED":
            raise error(400, 9007, "Media ID is not available: not ready", 2207027)
        found.published = True
        return found

    def posts(self, account: str | None) -> list[JSON]:
        name = None if account is None else self.name_of(account)
        return [
            {key: one[key] for key in ("id", "account", "text", "parent_id", "created_at", "media")}
            for one in self.published
            if not one.get("person") and name in (None, one["account"])
        ]

    def find(self, remote_id: str) -> JSON:
        for one in self.published:
            if one["id"] == remote_id:
                return one
        raise no_object(remote_id)

    def add(self, account: str, text: str, **more: Any) -> JSON:
        """Something that is out now."""
        made = {
            "id": self.new_id(),
            "account": account,
            "text": text,
            "parent_id": "",
            "media": [],
            "created_at": self.now().isoformat(),
            **more,
        }
        self.published.append(made)
        return made


# -- reading -------------------------------------------------------------------------


def asked(call: Call, known: set[str], node: str) -> dict[str, str]:
    """The `fields` of a request, with what is asked of those that hold more."""
    found = split_fields(call.given("fields", "id"))
    for name in found:
        if name not in known:
            raise nonexisting(name, node)
    return {"id": "", **found}


def split_fields(text: str) -> dict[str, str]:
    """ "id,replies{id,text}" → {"id": "", "replies": "id,text"}."""
    found, at = {}, 0
    while at < len(text):
        match = FIELD.match(text, at)
        if match is None:
            raise error(400, 2500, f"Syntax error at {text[at:]!r}")
        at, inner = match.end(), ""
        if match[2]:
            end = text.index("}", at)
            inner, at = text[at:end], end + 1
        found[match[1]] = inner
        at += text[at : at + 1] == ","
    return found


def page(call: Call, rows: list[JSON]) -> JSON:
    """One page of a list, with the cursor of the next."""
    start = int(call.given("after", "0") or 0)
    size = min(int(call.given("limit", "25")), 100)
    end = start + size
    said: JSON = {"data": rows[start:end]}
    if rows[start:end]:
        said["paging"] = {"cursors": {"before": str(start), "after": str(end)}}
        if end < len(rows):
            said["paging"]["next"] = f"{call.base}{call.path}?after={end}"
    return said


def insights(call: Call, remote_id: str, known: set[str], values: Mapping[str, Any]) -> JSON:
    """Numbers of one post; a name that does not exist fails the whole call."""
    state: MetaState = call.state
    valid = sorted(known - set(state.mode["gone_metrics"]))
    wanted = call.given("metric").split(",")
    for place, name in enumerate(wanted):
        if name not in valid:
            one_of = ", ".join(valid)
            raise error(400, 100, f"(#100) metric[{place}] must be one of: {one_of}")
    if state.mode["insights"] == "few":
        raise error(400, 10, "(#10) Not enough viewers for the media to show insights")
    if state.mode["insights"] == "empty":
        return {"data": []}
    return {
        "data": [
            {
                "name": name,
                "period": "lifetime",
                "values": [{"value": values[name]}],
                "id": f"{remote_id}/insights/{name}/lifetime",
            }
            for name in wanted
            if values.get(name) is not None
        ]
    }


# -- the process ---------------------------------------------------------------------


def usage(state: State) -> dict[str, str]:
    """How much of the limit is used, in percent: the header of every answer."""
    used = state.mode["usage"]
    return {"X-Business-Use-Case-Usage": _usage(used, 0)}


def _usage(percent: int, minutes: int) -> str:
    entry = {
        "type": "instagram",
        "call_count": percent,
        "total_cputime": 1,
        "total_time": 1,
        "estimated_time_to_regain_access": minutes,
    }
    return json.dumps({"17841400000000001": [entry]})


def limited(state: State, wait: int) -> Reply:
    said = {
        "message": "(#80002) There have been too many calls to this account",
        "type": "OAuthException",
        "code": 80002,
    }
    header = {"X-Business-Use-Case-Usage": _usage(100, ceil(wait / 60))}
    return Reply({"error": said}, 400, header)


class MetaStandIn(StandIn):
    """A commit names only its container: faults are looked for in that one's text too."""

    def faults_text(self, request: serving.Request) -> bytes:
        found = re.search(rb"creation_id\W+(\d+)", request.body)
        one = self.state.containers.get(found[1].decode()) if found else None
        return request.body + b"\n" + (one.text.encode() if one else b"")


def controls(control: Routes) -> None:
    """What both let a test do."""

    @control("POST", "/control/metrics", "")
    def set_metrics(call: Call) -> JSON:
        numbers = {name: value for name, value in call.body.items() if name != "id"}
        call.state.numbers.setdefault(call.given("id"), {}).update(numbers)
        return {}

    @control("POST", "/control/revoke", "")
    def revoke(call: Call) -> JSON:
        call.state.oauth.revoked.add(call.given("account"))
        return {}

    @control("POST", "/control/delete", "")
    def delete(call: Call) -> JSON:
        call.state.published.remove(call.state.find(call.given("id")))
        return {}

    @control("POST", "/control/mine", "")
    def mine(call: Call) -> JSON:
        """A post made in the network's own app."""
        made = call.state.add(call.given("account"), call.given("text"))
        return {"id": made["id"]}

    @control("POST", "/control/consent", "")
    def consent(call: Call) -> JSON:
        """Who grants access next, and which rights they tick."""
        oauth = call.state.oauth
        oauth.account = call.given("account", oauth.account)
        scopes = call.body.get("scopes")
        oauth.granted = None if scopes is None else frozenset(scopes)
        return {}
