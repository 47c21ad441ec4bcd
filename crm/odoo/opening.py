"""From an address to a client: which version, which transport."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from crm.odoo import answers, errors
from crm.odoo.client import Client
from crm.odoo.json2 import Json2
from crm.odoo.line import SECONDS, Call, Line, Observe, Send, Transport
from crm.odoo.shapes import FieldInfo, Target, TransportName, Version
from crm.odoo.urls import clean_url
from crm.odoo.xmlrpc import XmlRpc
from socialhub import http

OLDEST = 16
FIRST_WITH_JSON2 = 19


def open_client(
    target: Target,
    *,
    send: Send = http.request,
    sleep: Callable[[float], None] = time.sleep,
    observe: Observe | None = None,
    transport: TransportName | None = None,
    version: str | None = None,
    uid: int | None = None,
    fields: Mapping[str, Mapping[str, Any]] | None = None,
    state: Mapping[str, Any] | None = None,
    timeout: float = SECONDS,
) -> Client:
    """A client for `target`. Does not log in: `Client.connect` does, or the first call.

    Asks the server for its version unless version and transport are given. `state` is what
    `Client.state` returned before (version, transport, uid, fields); single arguments win over
    it. With it no request is sent here, and none for the user id or for fields it holds.
    `timeout` is the limit of each request in seconds.
    Raises ConfigError when there is no Odoo, Unsupported before version 16.
    """
    known = dict(state or {})
    transport = transport or known.get("transport")
    version = version or known.get("version")
    uid = uid if uid is not None else known.get("uid")
    try:
        target = replace(target, url=clean_url(target.url))
    except ValueError as exc:
        raise errors.ConfigError(str(exc), safe_text=str(exc)) from None
    line = Line(target, send, observe, timeout)
    if version and transport:
        found = Version(version, _major(version))
    else:
        found, transport = _probe(line, transport)
    if found.major < OLDEST:
        raise errors.Unsupported(f"Odoo {found.text} is older than {OLDEST}")
    if transport == "json2" and found.major < FIRST_WITH_JSON2:
        raise errors.Unsupported(f"Odoo {found.text} has no JSON-2")
    chosen: Transport = Json2(line) if transport == "json2" else XmlRpc(line)
    parsed = _parse_fields(fields if fields is not None else known.get("fields") or {})
    return Client(line, chosen, found, sleep=sleep, uid=uid, fields=parsed)


def _parse_fields(stored: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, FieldInfo]]:
    return {
        model: {
            name: info if isinstance(info, FieldInfo) else FieldInfo.parse(info)
            for name, info in infos.items()
        }
        for model, infos in stored.items()
    }


def _probe(line: Line, wanted: TransportName | None) -> tuple[Version, TransportName]:
    """Version and transport: JSON-2 from 19 on when there is a key, else XML-RPC."""
    if wanted != "xmlrpc" and line.target.key:
        found = line.exchange(Call("", "version"), "GET", "/web/version", _web_version)
        if found is not None and found.major >= FIRST_WITH_JSON2:
            return found, "json2"
    try:
        said = XmlRpc(line).version()
    except errors.Unavailable as exc:
        if exc.status == 200:
            raise errors.ConfigError("this server does not answer as Odoo does") from None
        raise
    return _version(said.get("server_serie") or said.get("server_version")), wanted or "xmlrpc"


def _web_version(answer: http.Answer) -> Version | None:
    """The version a 19 or later tells; None where this page does not exist."""
    if answer.status == 429 or answer.status >= 500 or answers.redirect_target(answer):
        raise answers.from_status(answer, changes=False)
    try:
        said = answer.json() if answer.status == 200 else None
    except ValueError:
        return None
    return _version(said.get("version")) if isinstance(said, Mapping) else None


def _version(said: Any) -> Version:
    text = str(said or "")
    return Version(text, _major(text))


def _major(text: str) -> int:
    """19 of "19.0", 17 of "saas~17.4" and of "17.0+e"."""
    match = re.search(r"\d+", text)
    if match is None:
        raise errors.ConfigError("this server does not answer as Odoo does")
    return int(match[0])
