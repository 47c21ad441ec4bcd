"""One interface over both transports."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from crm.odoo import answers, errors, exactly_once, values
from crm.odoo.line import Call, Line, Transport
from crm.odoo.shapes import (
    Context,
    Domain,
    FieldInfo,
    Record,
    Reference,
    Target,
    TransportName,
    Upserted,
    Version,
)

# Our own namespace of external ids.
MODULE = "socialhub"
ATTRIBUTES = ["type", "string", "required", "readonly", "selection", "relation"]
ALSO_ARCHIVED: Context = {"active_test": False}
# A transaction shows its start as write_date and may take this long to become visible.
OVERLAP = timedelta(minutes=15)


class Client:
    """Talks to one Odoo as one user. Raises only the classes of `errors`."""

    def __init__(
        self,
        line: Line,
        transport: Transport,
        version: Version,
        *,
        sleep: Callable[[float], None],
        uid: int | None = None,
        fields: Mapping[str, Mapping[str, FieldInfo]] | None = None,
    ) -> None:
        self.version = version
        self.uid = uid
        self.sleep = sleep
        self._line = line
        self._transport = transport
        self._fields = dict(fields or {})

    @property
    def target(self) -> Target:
        return self._line.target

    @property
    def transport(self) -> TransportName:
        return self._transport.name

    @property
    def requests(self) -> int:
        """HTTP requests sent so far, those of `open_client` included."""
        return self._line.requests

    def state(self) -> dict[str, Any]:
        """What `open_client(state=…)` needs to start without asking again: JSON-able, no secret."""
        return {
            "version": self.version.text,
            "transport": self.transport,
            "uid": self.uid,
            "fields": {
                model: {name: info.as_dict() for name, info in fields.items()}
                for model, fields in self._fields.items()
            },
        }

    # -- calls ------------------------------------------------------------------------

    def connect(self) -> int:
        """Log in; the user id. Raises AuthError, ConfigError for an unknown database."""
        self.uid = self._transport.connect()
        return self.uid

    def call(
        self,
        model: str,
        method: str,
        ids: int | Sequence[int] | None = None,
        *,
        context: Context | None = None,
        **named: Any,
    ) -> Any:
        """Any method, arguments by the names of JSON-2; the answer as Odoo gives it.

        `create` takes `vals_list` and always returns a list.
        """
        if method == "create" and isinstance(named.get("vals_list"), Mapping):
            named["vals_list"] = [named["vals_list"]]
        try:
            sent = {name: values.outgoing(value) for name, value in named.items()}
            sent_context = None if context is None else values.outgoing(context)
        except ValueError as exc:
            raise errors.Invalid(str(exc)) from None
        if self.uid is None and self.transport == "xmlrpc":
            self.connect()
        listed = [ids] if isinstance(ids, int) else None if ids is None else list(ids)
        return self._transport.call(Call(model, method), self.uid, listed, sent, sent_context)

    def fields(self, model: str) -> Mapping[str, FieldInfo]:
        """The fields of a model, asked once per client."""
        if model not in self._fields:
            said = _expect(self.call(model, "fields_get", attributes=ATTRIBUTES), dict)
            self._fields[model] = {name: FieldInfo.parse(info) for name, info in said.items()}
        return self._fields[model]

    def forget(self, model: str) -> None:
        """Ask for the fields of a model anew the next time: one may have been renamed."""
        self._fields.pop(model, None)

    def may(self, model: str, operation: str) -> bool:
        """Has our user this right ("read", "create", "write", "unlink") on the model at all?"""
        try:
            return bool(
                self.call(model, "check_access_rights", operation=operation, raise_exception=False)
            )
        except errors.Unsupported:
            # What newer versions have in its place.
            return bool(self.call(model, "has_access", [], operation=operation))

    # -- reading ----------------------------------------------------------------------

    def search_read(
        self,
        model: str,
        domain: Domain,
        fields: Sequence[str],
        *,
        limit: int = 500,
        order: str = "id",
        context: Context | None = None,
        bare: bool = False,
    ) -> list[Record]:
        """Records with values as Python has them; `bare` reads relations as ids, not names."""
        known = self.fields(model)
        if not set(fields) <= known.keys() | {"id"}:
            # Remembered from before somebody added a field.
            del self._fields[model]
            known = self.fields(model)
        more: dict[str, Any] = {"load": ""} if bare else {}
        found = self.call(
            model,
            "search_read",
            domain=domain,
            fields=fields,
            limit=limit,
            order=order,
            context=context,
            **more,
        )
        try:
            return [values.incoming(record, known) for record in _expect(found, list)]
        except ValueError as exc:
            raise errors.ServerBug(f"{model}: {exc}", status=200) from None

    def search_count(self, model: str, domain: Domain, *, context: Context | None = None) -> int:
        found = self.call(model, "search_count", domain=domain, context=context)
        return int(_expect(found, int))

    def search_ids(
        self,
        model: str,
        domain: Domain,
        *,
        limit: int | None = None,
        order: str = "id",
        context: Context | None = None,
    ) -> list[int]:
        more: dict[str, Any] = {} if limit is None else {"limit": limit}
        found = self.call(model, "search", domain=domain, order=order, context=context, **more)
        return [int(item) for item in _expect(found, list)]

    def pages(
        self,
        model: str,
        fields: Sequence[str],
        *,
        domain: Domain = (),
        after_id: int = 0,
        page: int = 500,
        context: Context | None = None,
        bare: bool = False,
    ) -> Iterator[list[Record]]:
        """All records in pages by ascending id, one page in memory; no empty page."""
        last = after_id
        while True:
            found = self.search_read(
                model,
                [("id", ">", last), *domain],
                fields,
                limit=page,
                context=context,
                bare=bare,
            )
            if found:
                yield found
            if len(found) < page:
                return
            last = found[-1]["id"]

    def pull(
        self,
        model: str,
        fields: Sequence[str],
        since: datetime | None,
        *,
        overlap: timedelta = OVERLAP,
        domain: Domain = (),
        after_id: int = 0,
        page: int = 500,
        bare: bool = False,
    ) -> Iterator[list[Record]]:
        """Pages of what was written since `since` and shortly before, archived ones too.

        Records carry `write_date`: the next `since` is the greatest of a completed run. Only
        `>=` means the same on every version (docs/odoo-api.md section 4).
        """
        changed = [] if since is None else [("write_date", ">=", since - overlap)]
        return self.pages(
            model,
            list(dict.fromkeys([*fields, "write_date"])),
            domain=[*changed, *domain],
            after_id=after_id,
            page=page,
            context=ALSO_ARCHIVED,
            bare=bare,
        )

    def reference(self, name: str) -> Reference:
        """Where our external id `name` points. Raises NotVisible when that cannot be seen."""
        try:
            found = self.call(
                "ir.model.data",
                "check_object_reference",
                module=MODULE,
                xml_id=name,
                context=ALSO_ARCHIVED,
            )
        except errors.NotFound:
            return Reference()
        model, record_id = _expect(found, list)
        if not record_id:
            raise errors.NotVisible(f"{MODULE}.{name} exists as {model}, not visible", status=200)
        return Reference(str(model), int(record_id))

    # -- writing ----------------------------------------------------------------------

    def load(
        self,
        model: str,
        fields: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        context: Context | None = None,
    ) -> list[int]:
        """Create or overwrite rows by external id, all or none; their ids.

        Text for html fields is escaped unless it is a `values.Html`. A repeated load overwrites
        what people changed in Odoo: check first, or use `upsert_once`.
        """
        known = self.fields(model)
        data = [
            [values.for_field(name, cell, known) for name, cell in zip(fields, row, strict=True)]
            for row in rows
        ]
        if not all(row[list(fields).index("id")] for row in data):
            raise errors.Invalid("a row without external id would be created every time")
        said = self.call(model, "load", fields=fields, data=data, context=context)
        found = _expect(said, dict, changes=True)
        if not found.get("ids"):
            raise answers.from_messages(found.get("messages") or ())
        return [int(item) for item in found["ids"]]

    def upsert_once(
        self,
        model: str,
        name: str,
        values: Mapping[str, str],
        *,
        context: Context | None = None,
    ) -> Upserted:
        """Make the record with our external id `name` unless it is there. See `exactly_once`."""
        return exactly_once.upsert(self, model, name, values, context)

    def write_if_unchanged(
        self, model: str, id: int, expected: datetime, values: Mapping[str, Any]
    ) -> datetime:
        """Write fields unless the record moved; its new write_date. See `exactly_once`."""
        return exactly_once.write(self, model, id, expected, values)

    def post_note(self, model: str, id: int, text: str) -> int | None:
        """An internal note on a record; the message's id where Odoo tells it.

        A note has no external id: after UnknownOutcome look before posting again.
        """
        said = self.call(model, "message_post", [id], body=text)
        first = said[0] if isinstance(said, list) and said else said
        return first if isinstance(first, int) and not isinstance(first, bool) else None


def _expect(said: Any, kind: type, *, changes: bool = False) -> Any:
    """`said`, if it has the shape Odoo promises."""
    if isinstance(said, kind) and not (kind is int and isinstance(said, bool)):
        return said
    error = errors.UnknownOutcome if changes else errors.ServerBug
    raise error(f"Odoo answered with a {type(said).__name__}", status=200)
