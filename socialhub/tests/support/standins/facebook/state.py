"""Pages, their posts and photos, and whose token is whose."""

from __future__ import annotations

from typing import Any

from socialhub.tests.support.standin.kit import JSON, Call, Refusal
from socialhub.tests.support.standin.oauth import Grant
from socialhub.tests.support.standins import meta_containers as meta
from socialhub.tests.support.standins.meta_containers import error, no_object

TASKS = ["ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE"]
DEAD = {
    458: "Error validating access token: The user has not authorized application.",
    460: "Error validating access token: The session has been invalidated because the user "
    "changed their password.",
    463: "Error validating access token: Session has expired.",
    492: "Error validating access token: The user must be an administrator, editor, or moderator "
    "of the page in order to impersonate it.",
}


class State(meta.MetaState):
    prefix, digits = "fb", "1000"

    def reset(self) -> None:
        super().reset()
        # What the person who logs in manages: None = one page, of their own name.
        self.pages: list[JSON] | None = None
        self.subcodes: dict[str, int] = {}
        self.photos: dict[str, JSON] = {}
        # blocked: 368; duplicates: an equal text is 506; transient: carried out, then code 2;
        # fans: likes of every page.
        self.mode |= {"blocked": False, "duplicates": False, "transient": False, "fans": 250}

    # -- tokens -------------------------------------------------------------------
    def grant(self, call: Call, token: str = "") -> Grant:
        """Whose token it is; it must come in the header. Raises Refusal."""
        token = token or call.bearer
        if not token:
            raise error(400, 2500, "An active access token must be used to query information.")
        found = self.oauth.holder(self, token)
        if found is None:
            raise self._dead(token)
        return found

    def _dead(self, token: str) -> Refusal:
        grant = self.oauth.tokens.get(token)
        account = grant.account if grant else token.removeprefix("token-")
        if account in self.oauth.revoked:
            code = self.subcodes.get(account, 458)
            return error(400, 190, DEAD.get(code, "Error validating access token."), code)
        if grant is not None:
            return error(400, 190, DEAD[463], 463)
        return error(400, 190, "Invalid OAuth access token - Cannot parse access token")

    def is_person(self, grant: Grant) -> bool:
        return grant.kind in ("short", "long") or grant.account.startswith("user:")

    def page(self, call: Call, *scopes: str) -> str:
        """Name of the page whose token it is. Raises Refusal."""
        grant = self.grant(call)
        if self.is_person(grant):
            raise error(400, 210, "(#210) A page access token is required to request this.")
        missing = [one for one in scopes if "*" not in grant.scopes and one not in grant.scopes]
        if missing:
            raise error(403, 200, f"(#200) Requires {missing[0]} permission to manage the object.")
        self.id_of(grant.account)
        return grant.account

    def own_page(self, call: Call, *scopes: str) -> str:
        """As `page`, and the page in the path must be that one."""
        name = self.page(call, *scopes)
        if self.name_of(call.parts[0]) != name:
            raise no_object(call.parts[0])
        return name

    # -- posts --------------------------------------------------------------------
    def publish(self, account: str, text: str, above: JSON | None = None, **more: Any) -> JSON:
        """A post, or a comment under something."""
        number = self.new_id()
        if above is None:
            made = f"{self.id_of(account)}_{number}"
        else:
            made = f"{self.root_of(above)['id'].split('_')[1]}_{number}"
        parent_id = above["id"] if above else ""
        return self.add(account, text, **{"id": made, "parent_id": parent_id, **more})

    def root_of(self, one: JSON) -> JSON:
        while one["parent_id"]:
            one = self.find(one["parent_id"])
        return one

    def depth(self, one: JSON) -> int:
        """0 for a post, 1 for a comment on it, 2 for an answer to that."""
        return 0 if not one["parent_id"] else 1 + self.depth(self.find(one["parent_id"]))

    def under(self, one: JSON) -> list[JSON]:
        return [each for each in self.published if each["parent_id"] == one["id"]]

    def stream(self, one: JSON) -> list[JSON]:
        """Everything below something, oldest first."""
        return [
            each for each in self.published if each is not one and one["id"] in self._above(each)
        ]

    def _above(self, one: JSON) -> list[str]:
        ids = []
        while one["parent_id"]:
            ids.append(one["parent_id"])
            one = self.find(one["parent_id"])
        return ids
