"""Connecting an Odoo: enter it, test it, use it, put it aside."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crm.models import ConnectionState, Lead, OdooConnection, OdooCredential
from crm.odoo import clean_url
from crm.services import checklist, leads, notices
from crm.services.odoo import opening
from socialhub import policies
from socialhub.models import JobRun
from socialhub.services import jobs
from socialhub.services.errors import Conflict, Invalid

# Of another server, database or user nothing that was found out holds.
IDENTITY = ("url", "database", "login", "key")
OPTIONS = ("name", "lead_type", "team_id", "salesperson_id", "prices_include_tax")
LIMITS = {"name": 80, "url": 300, "database": 100, "login": 200, "key": 1000}
# The sentences of clean_url, which knows no Django.
SENTENCES = (
    gettext_noop("Enter the address of your Odoo."),
    gettext_noop("This is no valid address."),
    gettext_noop("The address must begin with https:// or http://."),
    gettext_noop("Leave user name and password out of the address."),
)


@transaction.atomic
def create(user: Any, *, url: str, database: str, login: str, key: str, **options: Any) -> Any:
    """A new connection, not tested; in use when no other one is. Raises Forbidden, Invalid."""
    policies.require(user, "connect_odoo")
    given = _checked({"url": url, "database": database, "login": login, "key": key, **options})
    secret = given.pop("key")
    for is_active in (True, False):
        if is_active and OdooConnection.objects.filter(is_active=True).exists():
            continue
        try:
            with transaction.atomic():
                row = OdooConnection.objects.create(is_active=is_active, **given)
        except IntegrityError:
            # Another one was taken into use at the same moment.
            continue
        OdooCredential.objects.create(connection=row, key=secret)
        return row
    raise AssertionError("a connection out of use can always be made")


@transaction.atomic
def change(connection: OdooConnection, user: Any, **fields: Any) -> OdooConnection:
    """Change a connection; what it connects to makes it untested. An empty key keeps the old one.

    Raises Forbidden, Invalid; Conflict for another database when this one holds our leads.
    """
    policies.require(user, "connect_odoo")
    if not str(fields.get("key") or "").strip():
        fields.pop("key", None)
    given = _checked(fields)
    row = OdooConnection.objects.select_for_update().get(pk=connection.pk)
    secret = given.pop("key", None)
    moved = [name for name in IDENTITY if name in given and given[name] != getattr(row, name)]
    if "database" in moved:
        _require_nothing_there(row)
    for name, value in given.items():
        setattr(row, name, value)
    if moved or secret is not None:
        _forget(row)
    row.save()
    if secret is not None:
        OdooCredential.objects.update_or_create(connection=row, defaults={"key": secret})
    return row


def _forget(row: OdooConnection) -> None:
    row.state, row.paused_reason = ConnectionState.UNTESTED, ""
    row.client_state, row.checks, row.tested_at = {}, [], None
    row.key_expires_at, row.failures, row.blocked_until = None, 0, None


def _require_nothing_there(row: OdooConnection) -> None:
    sent = Lead.objects.filter(connection=row, odoo_id__isnull=False).exists()
    if sent or row.products.exists() or row.services.exists():
        message = _(
            "Leads or products of this connection belong to its database. "
            "Make another connection for the other database."
        )
        raise Conflict("has_records", message, {"database": [message]})


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(fields) - {*IDENTITY, *OPTIONS})
    if unknown:
        raise _wrong(unknown[0], _("This field cannot be written."))
    found = {
        name: value.strip() if isinstance(value, str) else value for name, value in fields.items()
    }
    for name in (*IDENTITY, "name"):
        if name not in found:
            continue
        if not found[name]:
            raise _wrong(name, _("Enter this."))
        if len(found[name]) > LIMITS[name]:
            raise _wrong(name, _("At most %(limit)s characters.") % {"limit": LIMITS[name]})
    if "url" in found:
        try:
            found["url"] = clean_url(found["url"])
        except ValueError as exc:
            raise _wrong("url", _(str(exc))) from None
    return found


def _wrong(field: str, message: str) -> Invalid:
    return Invalid("invalid", message, {field: [message]})


# -- testing -----------------------------------------------------------------------------


@transaction.atomic
def test(connection: OdooConnection, user: Any) -> JobRun:
    """Go through the checklist. The job's result: {"version", "transport", "checks"}.

    The row's `checks` show the steps while they run.
    """
    policies.require(user, "connect_odoo")
    return jobs.start("odoo_test", user, {"connection": connection.pk})


@jobs.job("odoo_test", seconds=300)
def _test(job: JobRun) -> dict[str, Any]:
    row = OdooConnection.objects.get(pk=job.arguments["connection"])
    credential = OdooCredential.objects.filter(connection=row).first()
    if credential is None:
        raise Conflict("no_key", _("No key is stored. Enter one."))
    result = checklist.run(row, opening.target_of(row))
    _conclude(row, credential, result)
    client = result.probe.client
    return {
        "version": client.version.text if client else "",
        "transport": client.transport if client else "",
        "checks": result.checks,
    }


@transaction.atomic
def _conclude(row: OdooConnection, credential: OdooCredential, result: checklist.Result) -> None:
    """Store what was found, unless the connection was changed in the meantime."""
    same = OdooConnection.objects.select_for_update().filter(
        pk=row.pk,
        url=row.url,
        database=row.database,
        login=row.login,
        credential__changed_at=credential.changed_at,
    )
    now = OdooConnection.objects.filter(pk__in=list(same.values_list("pk", flat=True)))
    if not result.ok:
        found = {"tested_at": timezone.now()}
        stays = result.passing and (row.state in leads.TAKES_LEADS)
        now.update(**found if stays else {**found, "state": ConnectionState.INCOMPLETE})
        return
    client = result.probe.client
    if client is None:
        raise AssertionError("every step was done without a client")
    changed = now.update(
        state=ConnectionState.READY,
        version=client.version.text,
        transport=client.transport,
        client_state=client.state(),
        key_expires_at=result.probe.key_expires_at,
        tested_at=timezone.now(),
        paused_reason="",
        failures=0,
        blocked_until=None,
    )
    if changed:
        notices.connection_works(row)
        transaction.on_commit(leads.hurry, robust=True)


# -- in use or not -------------------------------------------------------------------------


@transaction.atomic
def activate(connection: OdooConnection, user: Any) -> OdooConnection:
    """Take it into use. Raises Conflict while another one is."""
    policies.require(user, "connect_odoo")
    message = _("Another connection is in use. Put that one aside first.")
    if OdooConnection.objects.filter(is_active=True).exclude(pk=connection.pk).exists():
        raise Conflict("another_in_use", message)
    try:
        with transaction.atomic():
            OdooConnection.objects.filter(pk=connection.pk).update(is_active=True)
    except IntegrityError:
        raise Conflict("another_in_use", message) from None
    connection.refresh_from_db()
    return connection


@transaction.atomic
def set_aside(connection: OdooConnection, user: Any) -> OdooConnection:
    """Use it no longer: nothing is exchanged, what came from it stays."""
    policies.require(user, "connect_odoo")
    OdooConnection.objects.filter(pk=connection.pk).update(is_active=False)
    connection.refresh_from_db()
    return connection


@transaction.atomic
def resume(connection: OdooConnection, user: Any) -> OdooConnection:
    """Go on with a paused connection as it is; whoever changed the key tests it instead.

    Raises Conflict when it is not paused.
    """
    policies.require(user, "connect_odoo")
    resumed = OdooConnection.objects.filter(pk=connection.pk, state=ConnectionState.PAUSED).exclude(
        version=""
    )
    if not resumed.update(
        state=ConnectionState.READY, paused_reason="", failures=0, blocked_until=None
    ):
        raise Conflict("not_paused", _("This connection is not paused. Test it."))
    connection.refresh_from_db()
    notices.connection_works(connection)
    transaction.on_commit(leads.hurry, robust=True)
    return connection
