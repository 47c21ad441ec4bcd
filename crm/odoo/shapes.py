"""The plain things that go in and out of the client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

# One record as Odoo has it, values as Python has them (see `values`).
Record = dict[str, Any]
Domain = Sequence[Any]
Context = Mapping[str, Any]
TransportName = Literal["xmlrpc", "json2"]


@dataclass(frozen=True, slots=True)
class Target:
    """Where an Odoo is and who we are there. `url` is scheme://host[:port]."""

    url: str
    database: str
    login: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Version:
    """`text` as the server has it ("17.0", "saas~17.4"), `major` for comparing."""

    text: str
    major: int


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """What `fields_get` says about one field."""

    type: str
    string: str = ""
    required: bool = False
    readonly: bool = False
    # Pairs of stored value and label; empty for other types.
    selection: tuple[tuple[str, str], ...] = ()
    # The other model of a relation, "" for other types.
    relation: str = ""

    @classmethod
    def parse(cls, said: Mapping[str, Any]) -> FieldInfo:
        """From an answer of `fields_get` or from `as_dict`."""
        selection = said.get("selection") or ()
        return cls(
            type=str(said.get("type") or "char"),
            string=str(said.get("string") or ""),
            required=bool(said.get("required")),
            readonly=bool(said.get("readonly")),
            selection=tuple((str(value), str(label)) for value, label in selection),
            relation=str(said.get("relation") or ""),
        )

    def as_dict(self) -> dict[str, Any]:
        """JSON-able, for storing on a connection."""
        return {name: value for name, value in asdict(self).items() if value}


@dataclass(frozen=True, slots=True)
class Reference:
    """Where an external id of ours points; `id` is None when Odoo does not know it."""

    model: str = ""
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Upserted:
    """`created` is True when a load of this call made the record, as far as can be told."""

    id: int
    created: bool


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One HTTP request, for logs: no secret, no body.

    `status` is None when no answer came; `outcome` is "ok" or the code of an error.
    """

    model: str
    method: str
    status: int | None
    seconds: float
    outcome: str
