"""Can this Odoo be used? Step by step, each with its own sentence and remedy.

The row shows the steps while they run, so that a page can follow. After a step that fails the
later ones are not tried: each of them would only fail for the same reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.models import OdooConnection
from crm.odoo import Client, Target, errors, open_client
from crm.services import refusals
from socialhub import http
from socialhub.models import Organisation

WARN_BEFORE = timedelta(days=14)
# A person is waiting; an Odoo that was idle still gets its time.
SECONDS = 40.0
APPS = {"crm.lead": gettext_lazy("CRM"), "product.template": gettext_lazy("Products")}
# What the key is asked to be named.
KEY_NAME = "socialhub"
WAITING, RUNNING, OK, WARNING, FAILED, NOT_TRIED = (
    *("waiting", "running", "ok", "warning"),
    *("failed", "not_tried"),
)
# With these a connection that worked before is left as it is.
PASSING = (errors.Unavailable, errors.UnknownOutcome, errors.Throttled, errors.Conflict)


@dataclass(frozen=True, slots=True)
class Found:
    """What a step says. `url` is an address offered instead of the one entered."""

    message: str
    remedy: str = ""
    state: str = OK
    url: str = ""


class Stop(Exception):
    """The step failed; the later ones need what it was about."""

    def __init__(self, found: Found, *, passing: bool = False) -> None:
        super().__init__(found.message)
        self.found = found
        self.passing = passing


@dataclass(slots=True)
class Probe:
    """What earlier steps found out for later ones."""

    target: Target
    client: Client | None = None
    too_old: errors.Unsupported | None = None
    key_expires_at: datetime | None = None
    user: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """`probe` holds the client; `passing` = it failed for a reason that may be gone soon."""

    checks: list[dict[str, Any]]
    probe: Probe
    ok: bool
    passing: bool = False


def run(connection: OdooConnection, target: Target) -> Result:
    """Go through the steps and store each on the row. Raises nothing of Odoo's."""
    probe = Probe(target)
    checks = [_line(code, Found("", state=WAITING)) for code in STEPS]
    stopped: Stop | None = None
    for number, (code, step) in enumerate(STEPS.items()):
        if stopped is not None:
            found = Found(_("Not tried: an earlier step did not work."), state=NOT_TRIED)
        else:
            checks[number] = _line(code, Found("", state=RUNNING))
            _store(connection, checks)
            try:
                found = step(probe)
            except Stop as exc:
                found, stopped = exc.found, exc
            except errors.OdooError as exc:
                stopped = refused(exc)
                found = stopped.found
        checks[number] = _line(code, found)
        _store(connection, checks)
    return Result(checks, probe, stopped is None, bool(stopped and stopped.passing))


def _line(code: str, found: Found) -> dict[str, Any]:
    return {
        "code": code,
        "ok": found.state in (OK, WARNING),
        "state": found.state,
        "message": found.message,
        "remedy": found.remedy,
        "url": found.url,
    }


def _store(connection: OdooConnection, checks: list[dict[str, Any]]) -> None:
    OdooConnection.objects.filter(pk=connection.pk).update(checks=checks)


def refused(exc: errors.OdooError) -> Stop:
    """A failing step in words."""
    message, remedy, url = refusals.sentence(exc)
    return Stop(Found(message, remedy, FAILED, url), passing=isinstance(exc, PASSING))


# -- the steps ---------------------------------------------------------------------------


def _reachable(probe: Probe) -> Found:
    """Opens the client, which asks for the version; what is no Odoo is the next step's."""
    try:
        http.check_address(probe.target.url)
    except http.AddressRefused:
        raise Stop(Found(*refusals.private(), state=FAILED)) from None
    except http.RequestNotSent:
        raise Stop(Found(*refusals.no_such_host(), state=FAILED)) from None
    try:
        probe.client = open_client(probe.target, timeout=SECONDS)
    except errors.Unsupported as exc:
        probe.too_old = exc
    except errors.ConfigError as exc:
        # What the door said is only in the context: the client's errors quote no library.
        if isinstance(exc.__context__, http.CertificateRefused):
            raise Stop(Found(*refusals.certificate(), state=FAILED)) from None
        if exc.redirect_to or 300 <= (exc.status or 0) < 400:
            raise
    return Found(_("The server answers."))


def _is_odoo(probe: Probe) -> Found:
    client = probe.client
    if probe.too_old is not None:
        raise refused(probe.too_old)
    if client is None:
        raise Stop(Found(*refusals.no_odoo(), state=FAILED))
    names = {"xmlrpc": "XML-RPC", "json2": "JSON-2"}
    transport = names[client.transport]
    said = _("This is Odoo %(version)s; SocialHub talks to it over %(transport)s.")
    return Found(said % {"version": client.version.text, "transport": transport})


def _client(probe: Probe) -> Client:
    if probe.client is None:
        raise AssertionError("later steps run only with a client")
    return probe.client


def _database(probe: Probe) -> Found:
    """One request tells database and key; an unknown database is this step's failure."""
    try:
        _client(probe).connect()
    except errors.AuthError:
        # Odoo looked into the database before it refused; the next step says so.
        _client(probe).uid = None
    except errors.ConfigError:
        name = probe.target.database
        message = _("This Odoo has no database “%(name)s”.") % {"name": name}
        remedy = _("Enter its exact name; Odoo shows it under Settings, or your provider tells it.")
        raise Stop(Found(message, remedy, FAILED)) from None
    return Found(_("The database is there."))


def _credentials(probe: Probe) -> Found:
    if _client(probe).uid is None:
        # Not asked again: a second wrong try helps nobody.
        raise refused(errors.AuthError())
    try:
        rows = _client(probe).search_read(
            "res.users", [("id", "=", _client(probe).uid)], ["login", "email", "lang"], limit=1
        )
    except (errors.AccessRefused, errors.Invalid):
        rows = []
    probe.user = dict(rows[0]) if rows else {}
    login = str(probe.user.get("login") or probe.target.login)
    if login != probe.target.login:
        message = _("The key belongs to the user %(found)s, not to %(login)s.")
        return Found(
            message % {"found": login, "login": probe.target.login},
            _("SocialHub works as the owner of the key. Enter that user, or another key."),
            WARNING,
        )
    return Found(_("Odoo accepts the user %(login)s and the key.") % {"login": login})


def _apps(probe: Probe) -> Found:
    missing = []
    for model, name in APPS.items():
        try:
            _client(probe).fields(model)
        except errors.Unsupported:
            missing.append(str(name))
        except errors.AccessRefused:
            # It is there; what may be done with it is the next step.
            continue
    if missing:
        message = _("Not installed in this Odoo: %(names)s.") % {"names": ", ".join(missing)}
        raise Stop(Found(message, _("Install it in Odoo under Apps, then test again."), FAILED))
    return Found(_("CRM and products are installed."))


def _rights(probe: Probe) -> Found:
    needed = {
        _("read leads"): ("crm.lead", "read"),
        _("create leads"): ("crm.lead", "create"),
        _("read products"): ("product.template", "read"),
    }
    missing = [what for what, asked in needed.items() if not may(_client(probe), *asked)]
    if missing:
        message = _("The Odoo user may not: %(what)s.") % {"what": ", ".join(missing)}
        remedy = _(
            "In Odoo give this user the role “Sales / User: All Documents”, then test again."
        )
        raise Stop(Found(message, remedy, FAILED))
    lacking = _lacking(probe)
    if lacking:
        return Found(
            " ".join(message for message, _remedy in lacking),
            " ".join(remedy for _message, remedy in lacking),
            WARNING,
        )
    return Found(_("The user may read and create leads and read products and orders."))


def _lacking(probe: Probe) -> list[tuple[str, str]]:
    """What works without, and what is less then."""
    found = []
    if not may(_client(probe), "crm.lead", "write"):
        found.append(
            (
                _("The user may not change leads."),
                _("Corrections made here do not reach Odoo without that right."),
            )
        )
    try:
        orders = may(_client(probe), "sale.order", "read")
    except errors.Unsupported:
        orders = False
    if not orders:
        found.append(
            (
                _("Orders cannot be read, so revenue is an estimate."),
                _("Install Odoo's Sales app, or let the user read orders."),
            )
        )
    if not probe.user.get("email"):
        found.append(
            (
                _("The user has no e-mail address, so notes cannot be posted."),
                _("Enter one for this user in Odoo."),
            )
        )
    return found


def may(client: Client, model: str, operation: str) -> bool:
    """Does Odoo allow this on the model at all? Raises Unsupported for an unknown model."""
    try:
        return client.may(model, operation)
    except errors.AccessRefused:
        return False


def _languages(probe: Probe) -> Found:
    own = str(probe.user.get("lang") or "")
    try:
        rows = _client(probe).search_read("res.lang", [("active", "=", True)], ["code"])
    except (errors.AccessRefused, errors.Invalid):
        return Found(_("Odoo does not tell its languages; texts come as Odoo has them."))
    codes = sorted(str(row["code"]) for row in rows)
    wanted = Organisation.get().language
    if not any(code.split("_")[0] == wanted.split("-")[0] for code in codes):
        message = _("“%(language)s” is not installed in Odoo (there is: %(codes)s).")
        return Found(
            message % {"language": wanted, "codes": ", ".join(codes)},
            _("Install the language in Odoo, or names of products come in another one."),
            WARNING,
        )
    if own and not own.startswith("en"):
        return Found(
            _("The Odoo user reads %(language)s.") % {"language": own},
            _("Set this user's language to English: SocialHub understands its errors best."),
            WARNING,
        )
    return Found(_("Languages: %(codes)s.") % {"codes": ", ".join(codes)})


def _key_end(probe: Probe) -> Found:
    try:
        ends = key_end(_client(probe))
    except (errors.AccessRefused, errors.Unsupported, errors.Invalid, errors.NotFound):
        ends = UNKNOWN
    if ends == UNKNOWN:
        return Found(
            _("Odoo does not tell when the key ends."),
            _("Name the key SocialHub in Odoo to be warned in time; most end after 90 days."),
        )
    if ends is None or isinstance(ends, str):
        return Found(_("The key has no end."))
    probe.key_expires_at = ends
    day = date_format(timezone.localtime(ends), "DATE_FORMAT")
    left = ends - timezone.now()
    if left < WARN_BEFORE:
        days = max(left.days, 0)
        message = ngettext(
            "The key ends on %(day)s, in %(days)s day.",
            "The key ends on %(day)s, in %(days)s days.",
            days,
        )
        remedy = _("Make a new key named SocialHub in Odoo and enter it here before that day.")
        return Found(message % {"day": day, "days": days}, remedy, WARNING)
    return Found(_("The key ends on %(day)s.") % {"day": day})


UNKNOWN = "unknown"


def key_end(client: Client) -> datetime | str | None:
    """When our key ends: None = never, UNKNOWN when it cannot be told which key is ours."""
    if client.version.major < 18:
        return None
    rows = client.search_read(
        "res.users.apikeys", [("user_id", "=", client.uid)], ["name", "expiration_date"]
    )
    named = [row for row in rows if str(row["name"] or "").strip().lower() == KEY_NAME]
    ours = named or (rows if len(rows) == 1 else [])
    if not ours:
        return UNKNOWN
    ends: list[datetime | None] = [row["expiration_date"] for row in ours]
    # The newest of several: the older ones were replaced by it.
    return None if None in ends else max(one for one in ends if one is not None)


STEPS: dict[str, Callable[[Probe], Found]] = {
    "reachable": _reachable,
    "is_odoo": _is_odoo,
    "database": _database,
    "credentials": _credentials,
    "apps": _apps,
    "rights": _rights,
    "languages": _languages,
    "key_end": _key_end,
}
