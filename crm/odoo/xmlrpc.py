"""XML-RPC, for Odoo 16 to 18: docs/odoo-api.md section 3.

Never xmlrpc.client.ServerProxy: it has no time limit, and it sends a request again by itself
when the connection drops.
"""

from __future__ import annotations

import xmlrpc.client
from collections.abc import Mapping, Sequence
from typing import Any
from xml.parsers.expat import ExpatError

from defusedxml import DefusedXmlException
from defusedxml.xmlrpc import DefusedExpatParser

from crm.odoo import answers, errors
from crm.odoo.line import Call, Line
from crm.odoo.shapes import TransportName
from socialhub.http import Answer

COMMON = "/xmlrpc/2/common"
OBJECT = "/xmlrpc/2/object"
# What Odoo wants by position, in this order after the ids. Names are those of JSON-2.
POSITIONAL: dict[str, tuple[str, ...]] = {
    "check_access_rights": ("operation",),
    "check_object_reference": ("module", "xml_id"),
    "create": ("vals_list",),
    "load": ("fields", "data"),
    "search": ("domain",),
    "search_count": ("domain",),
    "search_read": ("domain",),
    "write": ("vals",),
}


class XmlRpc:
    """Calls over XML-RPC. Login and key travel with every call."""

    name: TransportName = "xmlrpc"

    def __init__(self, line: Line) -> None:
        self.line = line

    def version(self) -> Mapping[str, Any]:
        said = self._rpc(COMMON, "version", (), Call("", "version"))
        if not isinstance(said, Mapping):
            raise errors.ConfigError("this server does not answer as Odoo does", status=200)
        return said

    def connect(self) -> int:
        """The user id. Wrong password and unknown user are the same answer: False."""
        target = self.line.target
        params: list[Any] = [target.database, target.login, target.key, {}]
        uid = self._rpc(COMMON, "authenticate", params, Call("", "authenticate"))
        if isinstance(uid, bool) or not isinstance(uid, int):
            raise errors.AuthError("login or key not accepted", status=200)
        return uid

    def call(
        self,
        call: Call,
        uid: int | None,
        ids: list[int] | None,
        named: dict[str, Any],
        context: Mapping[str, Any] | None,
    ) -> Any:
        args: list[Any] = [] if ids is None else [ids]
        keywords = dict(named)
        for name in POSITIONAL.get(call.method, ()):
            if name not in keywords:
                break
            args.append(keywords.pop(name))
        if context is not None:
            keywords["context"] = context
        target = self.line.target
        params = (target.database, uid, target.key, call.model, call.method, args, keywords)
        return self._rpc(OBJECT, "execute_kw", params, call)

    def _rpc(self, path: str, method: str, params: Sequence[Any], call: Call) -> Any:
        try:
            body = xmlrpc.client.dumps(tuple(params), method, encoding="utf-8").encode("utf-8")
        except (OverflowError, TypeError, ValueError):
            # Arguments of calls are clean already, what a person typed may not be.
            raise errors.ConfigError("login, key or database name cannot be sent") from None
        return self.line.exchange(
            call,
            "POST",
            path,
            lambda answer: self._result(answer, call),
            data=body,
            headers={"Content-Type": "text/xml"},
        )

    def _result(self, answer: Answer, call: Call) -> Any:
        if answer.status != 200:
            raise answers.from_status(answer, changes=call.changes)
        try:
            return _parse(answer.content)
        except xmlrpc.client.Fault as fault:
            text = self.line.redact(fault.faultString)
            if answers.is_none_result(fault.faultCode, text, changes=call.changes):
                return None
            error = answers.from_fault(fault.faultCode, text, changes=call.changes)
        except (ExpatError, DefusedXmlException, xmlrpc.client.Error, LookupError, ValueError):
            error = answers.unreadable(answer, changes=call.changes)
        # Outside of the handlers: a chained fault would carry its traceback into the log.
        raise error


def _parse(content: bytes) -> Any:
    """The one value of an answer. Raises Fault, or the errors of parsers."""
    target = xmlrpc.client.Unmarshaller(use_builtin_types=True)
    parser = DefusedExpatParser(target, forbid_dtd=True)
    parser.feed(content)
    parser.close()
    (value,) = target.close()
    return value
