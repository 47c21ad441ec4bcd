"""JSON-2, for Odoo 19 and later with an API key: docs/odoo-api.md section 3."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from crm.odoo import answers, errors
from crm.odoo.line import Call, Line
from crm.odoo.shapes import TransportName
from socialhub.http import Answer


class Json2:
    """Calls over JSON-2. The key alone says who we are."""

    name: TransportName = "json2"

    def __init__(self, line: Line) -> None:
        self.line = line

    def connect(self) -> int:
        """The user id the key belongs to."""
        said = self.call(Call("res.users", "context_get"), None, None, {}, None)
        uid = said.get("uid") if isinstance(said, Mapping) else None
        if isinstance(uid, bool) or not isinstance(uid, int):
            raise errors.AuthError("Odoo does not say whose key this is", status=200)
        return uid

    def call(
        self,
        call: Call,
        uid: int | None,
        ids: list[int] | None,
        named: dict[str, Any],
        context: Mapping[str, Any] | None,
    ) -> Any:
        body = dict(named)
        if body.get("load") == "":
            # Relations as bare ids: null here, '' over XML-RPC.
            body["load"] = None
        if ids is not None:
            body["ids"] = ids
        if context is not None:
            body["context"] = context
        return self.line.exchange(
            call,
            "POST",
            f"/json/2/{quote(call.model, safe='')}/{quote(call.method, safe='')}",
            lambda answer: self._result(answer, call),
            data=json.dumps(body, allow_nan=False).encode("ascii"),
            headers=self._headers(),
        )

    def _headers(self) -> dict[str, str]:
        target = self.line.target
        if not (target.key.isascii() and target.key.isprintable()):
            raise errors.AuthError("the key holds characters that no key has")
        if not (target.database.isascii() and target.database.isprintable()):
            raise errors.ConfigError("the database name holds characters that no name has")
        headers = {
            "Authorization": f"bearer {target.key}",
            "Content-Type": "application/json",
        }
        if target.database:
            headers["X-Odoo-Database"] = target.database
        return headers

    def _result(self, answer: Answer, call: Call) -> Any:
        if answer.status != 200:
            raise answers.from_json(answer, self.line.redact, changes=call.changes)
        try:
            return answer.json()
        except ValueError:
            error = answers.unreadable(answer, changes=call.changes)
        raise error
