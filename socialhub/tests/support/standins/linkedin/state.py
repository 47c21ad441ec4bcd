"""What the stand-in knows, and the checks every call goes through."""

from __future__ import annotations

import re
import zlib
from typing import Any

from socialhub.tests.support.standin.kit import JSON, Call, Refusal, State
from socialhub.tests.support.standin.oauth import Grant, OAuth

ORGANIZATION = "urn:li:organization:"
VERSION = re.compile(r"20\d{2}(0[1-9]|1[0-2])")


def page_of(name: str) -> str:
    """The URN of the page NAME."""
    return f"{ORGANIZATION}{1_000_000 + zlib.crc32(name.encode()) % 9_000_000}"


class LinkedIn(State):
    """Pages by URN, posts, comments and images by theirs."""

    def reset(self) -> None:
        super().reset()
        self.oauth = OAuth()
        self.pages: dict[str, str] = {}
        # Member → the names of the pages they administer, and with which role.
        self.roles: dict[str, dict[str, str]] = {}
        self.written: dict[str, JSON] = {}
        self.comments: dict[str, JSON] = {}
        self.images: dict[str, JSON] = {}
        self.likes: dict[str, int] = {}
        self.statistics: dict[str, JSON] = {}
        self.mode = {
            # Versions that are not served any more.
            "versions_off": ["202507"],
            # Apps that are not approved get no refresh token.
            "refresh_tokens": True,
            "access_seconds": 60 * 86_400,
            # A bulk answer without statistics, as right after posting.
            "no_statistics": False,
            # /socialActions?ids= is refused.
            "no_batch": False,
            # Names travel with comments.
            "names": False,
            # Pages a newly consenting member administers; [] = the page of the account's name.
            "pages": [],
            "link_shortener": False,
        }

    def page(self, name: str) -> str:
        """URN of a page; it exists from its first use."""
        found = page_of(name)
        self.pages.setdefault(found, name)
        return found

    def roles_of(self, member: str) -> dict[str, str]:
        """Name of each page → role of the member."""
        names = self.mode["pages"] or [member]
        return self.roles.setdefault(member, dict.fromkeys(names, "ADMINISTRATOR"))

    def urn(self, kind: str) -> str:
        return f"urn:li:{kind}:7{self.new_id()}"

    def millis(self) -> int:
        return int(self.now().timestamp() * 1000)

    def posts(self, account: str | None) -> list[JSON]:
        """Posts, and comments of pages; an account is a page's URN or name."""
        wanted = None if account is None else {account, page_of(account)}
        made = [*self.written.values(), *self.comments.values()]
        ours = [one for one in made if one["author"] in self.pages]
        found = [one for one in ours if wanted is None or one["author"] in wanted]
        return [self._truth(one) for one in sorted(found, key=lambda one: one["createdAt"])]

    def _truth(self, one: JSON) -> JSON:
        return {
            "id": one["id"],
            "account": one["author"],
            "text": one["shown"],
            "parent_id": one["parent"],
            "created_at": one["createdAt"],
            "media": one["media"],
            "content": one.get("content") or {},
        }


def refuse(status: int, code: str, message: str, service: int = 0) -> Refusal:
    body: JSON = {"status": status, "code": code, "message": message}
    if service:
        body["serviceErrorCode"] = service
    return Refusal(status, body)


def checked(call: Call, *scopes: str) -> Grant:
    """Version, protocol and token, in this order; the token needs one of the scopes."""
    state: LinkedIn = call.state
    version = call.headers.get("linkedin-version", "")
    if not version:
        raise refuse(400, "VERSION_MISSING", "A version must be present. Please specify a version.")
    if not VERSION.fullmatch(version) or version in state.mode["versions_off"]:
        raise refuse(426, "NONEXISTENT_VERSION", f"Requested version {version} is not active", 0)
    if call.headers.get("x-restli-protocol-version") != "2.0.0":
        raise refuse(400, "ILLEGAL_ARGUMENT", "X-Restli-Protocol-Version 2.0.0 is needed")
    grant = state.oauth.holder(state, call.bearer)
    if grant is None:
        known = state.oauth.tokens.get(call.bearer)
        gone = known is not None and known.account not in state.oauth.revoked
        if gone:
            raise refuse(
                401, "EXPIRED_ACCESS_TOKEN", "The token used in the request has expired", 65602
            )
        raise refuse(
            401, "REVOKED_ACCESS_TOKEN", "The token used in the request has been revoked", 65601
        )
    if scopes and "*" not in grant.scopes and not grant.scopes & set(scopes):
        raise refuse(
            403,
            "ACCESS_DENIED",
            f"Not enough permissions to access: {call.method} {call.path}",
            100,
        )
    return grant


def acting(call: Call, grant: Grant, author: Any) -> str:
    """The page somebody acts as. Refuses without a role there that may publish."""
    state: LinkedIn = call.state
    for name, role in state.roles_of(grant.account).items():
        if page_of(name) == author and role in {"ADMINISTRATOR", "CONTENT_ADMIN"}:
            return state.page(name)
    raise refuse(403, "ACCESS_DENIED", f"Viewer may not act as {author}", 100)


def only(body: JSON, *names: str) -> None:
    """Unknown fields are refused."""
    unknown = sorted(set(body) - set(names))
    if unknown:
        raise refuse(
            422, "UNPROCESSABLE_ENTITY", f"unrecognized field found but not allowed: {unknown}"
        )


def ids(call: Call, name: str = "ids") -> list[str]:
    """The members of List(…) in the query. Anything else is refused as Rest.li does."""
    value = str(call.query.get(name, ""))
    if not (value.startswith("List(") and value.endswith(")")):
        raise refuse(400, "ILLEGAL_ARGUMENT", f"Invalid query parameters passed to request: {name}")
    # Commas inside the brackets of a comment's URN do not separate.
    return re.findall(r"(?:[^,()]|\([^()]*\))+", value[5:-1])
