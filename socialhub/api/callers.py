"""Who holds a token, with all that every request asks about them, in one query.

Nothing of it is remembered: a token revoked, a person switched off, a role or a grant taken away
is refused on the next request, in whichever process.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import Model

from socialhub import prepared
from socialhub.models import ApiToken, Organisation

TOKEN = ("digest", "token_key", "user_id", "name", "can_write")
USER = (
    *("id", "username", "first_name", "last_name", "email"),
    *("is_active", "is_staff", "is_superuser"),
)
YES_NO = ("is_", "can_")
# Columns besides.
ASKED = 6
OWN = len(TOKEN) + len(USER) + ASKED
# A name of a permission holds none.
BETWEEN = "\n"


@dataclass(slots=True)
class Along:
    """A SELECT of one row that a view wants read in the same query; `row` is set by `holder`.

    It runs before anybody knows who asks: to be used only after the permissions were checked,
    and only for somebody who may see all that it read.
    """

    query: str
    params: Sequence[Any]
    # None before, and when nobody holds the token.
    row: tuple[Any, ...] | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """A token that is valid, and its holder, who may have been switched off."""

    token: ApiToken
    user: Any
    # "" = none chosen.
    language: str
    zone: ZoneInfo
    # Not noted as used since the moment asked about.
    is_unnoted: bool


def holder(
    digest: str, now: datetime, noted_since: datetime, along: Along | None = None
) -> Caller | None:
    """The caller with this token, None when there is no such token or it has expired."""
    moments = [connection.ops.adapt_datetimefield_value(one) for one in (noted_since, now)]
    more = along.params if along else ()
    query = _query(connection.vendor, along.query if along else "")
    rows = prepared.fetch(query, [moments[0], *more, digest, moments[1]])
    if not rows:
        return None
    if along:
        along.row = rows[0][OWN:]
    return _caller(rows[0][:OWN])


def _caller(row: tuple[Any, ...]) -> Caller:
    token, person = row[: len(TOKEN)], row[len(TOKEN) : -ASKED]
    language, zone, grants, own, by_role, is_unnoted = row[-ASKED:]
    user = _loaded(get_user_model(), USER, person)
    # What `granted_account_ids` and Django's `has_perm` keep on a person once they have read it.
    user._granted_account_ids = [int(pk) for pk in grants.split(BETWEEN)] if grants else []
    if user.is_active and not user.is_superuser:
        user._perm_cache = {name for part in (own, by_role) if part for name in part.split(BETWEEN)}
    found = _loaded(ApiToken, TOKEN, token)
    found.user = user
    return Caller(
        token=found,
        user=user,
        language=language or "",
        zone=ZoneInfo(zone) if zone else Organisation.get().zone,
        is_unnoted=bool(is_unnoted),
    )


def _loaded(model: type[Model], names: tuple[str, ...], values: tuple[Any, ...]) -> Any:
    """A row with these fields; any other is read when it is used."""
    given = dict(zip(names, values, strict=True))
    # SQLite keeps yes and no as numbers.
    given |= {name: bool(value) for name, value in given.items() if name.startswith(YES_NO)}
    own = _in_order(model, names)
    return model.from_db(connection.alias, own, [given[name] for name in own])


@lru_cache
def _in_order(model: type[Model], names: tuple[str, ...]) -> list[str]:
    """As Django takes them: in the order of the model."""
    return [field.attname for field in model._meta.concrete_fields if field.attname in names]


@lru_cache
def _query(vendor: str, along: str) -> str:
    join = "string_agg" if vendor == "postgresql" else "group_concat"
    joined = f"{join}(c.app_label || '.' || p.codename, '{BETWEEN}')"
    named = (
        "JOIN auth_permission p ON p.id = x.permission_id"
        " JOIN django_content_type c ON c.id = p.content_type_id"
    )
    columns = [f"t.{name}" for name in TOKEN] + [f"u.{name}" for name in USER]
    return (
        f"SELECT {', '.join(columns)},"
        " (SELECT language FROM socialhub_preferences WHERE user_id = u.id),"
        " (SELECT timezone FROM socialhub_organisation WHERE id = 1),"
        f" (SELECT {join}(CAST(account_id AS text), '{BETWEEN}')"
        " FROM socialhub_accountgrant WHERE user_id = u.id),"
        f" (SELECT {joined} FROM auth_user_user_permissions x {named} WHERE x.user_id = u.id),"
        f" (SELECT {joined} FROM auth_user_groups g"
        f" JOIN auth_group_permissions x ON x.group_id = g.group_id {named}"
        " WHERE g.user_id = u.id),"
        " t.last_used_at IS NULL OR t.last_used_at <= %s"
        f"{', a.*' if along else ''}"
        " FROM socialhub_apitoken t JOIN auth_user u ON u.id = t.user_id"
        f"{f' LEFT JOIN ({along}) a ON 1 = 1' if along else ''}"
        " WHERE t.digest = %s AND (t.expiry IS NULL OR t.expiry >= %s)"
    )
