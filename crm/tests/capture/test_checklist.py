"""The checklist against the stand-in Odoo and against servers that are none."""

from __future__ import annotations

import ssl
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils import timezone

from crm.models import OdooConnection, OdooCredential
from crm.services import checklist, connections
from crm.services.odoo import opening
from crm.tests.conftest import VERSIONS
from crm.tests.support import BOT, BOT_KEY, DATABASE
from socialhub.models import JobState, Notice
from socialhub.services import jobs
from socialhub.tests.factories import UserFactory

pytestmark = pytest.mark.django_db
STEPS = list(checklist.STEPS)


def made(url: str, **fields) -> OdooConnection:
    key = fields.pop("key", BOT_KEY)
    row = OdooConnection.objects.create(url=url, **{"database": DATABASE, "login": BOT, **fields})
    OdooCredential.objects.create(connection=row, key=key)
    return row


def examined(row: OdooConnection) -> dict:
    """The job done here and now; its result."""
    job = connections.test(row, UserFactory(role="Administrator"))
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.DONE, job.errors
    row.refresh_from_db()
    assert job.result["checks"] == row.checks
    return job.result


def states(row: OdooConnection) -> dict[str, str]:
    return {check["code"]: check["state"] for check in row.checks}


def failed_at(code: str) -> dict[str, str]:
    """Everything before it is ok, everything after it not tried."""
    at = STEPS.index(code)
    return {
        step: "ok" if number < at else "failed" if number == at else "not_tried"
        for number, step in enumerate(STEPS)
    }


def check(row: OdooConnection, code: str) -> dict:
    return next(one for one in row.checks if one["code"] == code)


# -- everything is well -------------------------------------------------------------


@pytest.mark.parametrize("odoo", VERSIONS[:4], indirect=True)
def test_a_good_connection_becomes_ready(odoo):
    odoo.settings(languages=["en_US", "es_ES"])
    row = made(odoo.url)

    result = examined(row)

    assert states(row) == dict.fromkeys(STEPS, "ok")
    assert all(one["ok"] and one["message"] for one in row.checks)
    assert (row.state, row.transport) == ("ready", "json2" if odoo.version == "19" else "xmlrpc")
    assert result["version"] == row.version and row.version.startswith(odoo.version)
    assert row.tested_at is not None
    # The next client asks for nothing that is known already.
    client = opening.client_for(row)
    client.search_read("crm.lead", [], ["name"])
    assert client.requests == 1


def test_a_test_that_works_ends_a_pause_and_its_failures(odoo):
    from crm.services.odoo import breaker

    row = made(odoo.url, failures=7, blocked_until=timezone.now() + timedelta(hours=1))
    breaker.pause(row, "The key ended.")
    assert Notice.objects.filter(resolved_at=None).count() == 1

    examined(row)

    assert (row.state, row.paused_reason, row.failures, row.blocked_until) == (
        "ready",
        "",
        0,
        None,
    )
    assert Notice.objects.filter(resolved_at=None).count() == 0


# -- something stands in the way ----------------------------------------------------


@pytest.mark.parametrize("odoo", ["16", "18", "19"], indirect=True)
@pytest.mark.parametrize(
    ("settings", "fields", "code", "says"),
    [
        ({}, {"database": "nodb"}, "database", "nodb"),
        ({}, {"key": "wrong"}, "credentials", "does not accept"),
        ({"apps": {"crm": False}}, {}, "apps", "CRM"),
        ({"rights": {"crm.lead": {"create": False}}}, {}, "rights", "create leads"),
        ({"rights": {"product.template": {"read": False}}}, {}, "rights", "read products"),
    ],
    ids=["database", "key", "crm", "create", "products"],
)
def test_a_step_that_fails_says_why_and_ends_the_test(odoo, settings, fields, code, says):
    if settings:
        odoo.settings(**settings)
    row = made(odoo.url, **fields)

    examined(row)

    assert states(row) == failed_at(code)
    assert says in check(row, code)["message"]
    assert check(row, code)["remedy"]
    assert row.state == "incomplete"


@pytest.mark.parametrize("odoo", ["17", "19"], indirect=True)
def test_a_wrong_key_is_tried_once(odoo):
    row = made(odoo.url, key="wrong")
    odoo.clear_log()

    examined(row)

    tried = [entry for entry in odoo.log() if entry["method"] not in ("version", None, "")]
    assert len(tried) == 1, tried


@pytest.mark.parametrize(
    ("settings", "code", "says"),
    [
        ({"apps": {"sale": False}}, "rights", "estimate"),
        ({"rights": {"sale.order": {"read": False}}}, "rights", "estimate"),
        ({"rights": {"crm.lead": {"write": False}}}, "rights", "change leads"),
        ({"bot_email": False}, "rights", "e-mail"),
        ({"languages": ["fr_FR"]}, "languages", "not installed"),
    ],
    ids=["no sale app", "no orders", "no write", "no e-mail", "language"],
)
@pytest.mark.parametrize("odoo", ["18", "19"], indirect=True)
def test_a_warning_does_not_stand_in_the_way(odoo, settings, code, says):
    odoo.settings(**settings)
    row = made(odoo.url)

    examined(row)

    assert check(row, code)["state"] == "warning"
    assert check(row, code)["ok"]
    assert says in check(row, code)["message"]
    assert row.state == "ready"


@pytest.mark.parametrize(
    ("left", "state", "says"),
    [
        (timedelta(days=13, hours=5), "warning", "in 13 days"),
        (timedelta(days=80), "ok", "ends on"),
        (None, "ok", "has no end"),
    ],
)
@pytest.mark.parametrize("odoo", ["18", "19"], indirect=True)
def test_the_end_of_the_key_is_told_in_time(odoo, left, state, says):
    ends = None if left is None else (datetime.now(UTC) + left).replace(microsecond=0)
    odoo.settings(key_expires=ends.isoformat() if ends else None)
    row = made(odoo.url)

    examined(row)

    assert (check(row, "key_end")["state"], row.state) == (state, "ready")
    assert says in check(row, "key_end")["message"]
    assert row.key_expires_at == ends


@pytest.mark.parametrize("odoo", ["18", "19"], indirect=True)
def test_a_key_that_has_ended_is_refused(odoo):
    odoo.settings(key_expires=(datetime.now(UTC) - timedelta(days=1)).isoformat())
    row = made(odoo.url)

    examined(row)

    assert states(row) == failed_at("credentials")


# -- no Odoo at all -----------------------------------------------------------------


@contextmanager
def answering(status: int, body: str = "", **headers: str):
    """A web server that answers everything like this."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        do_POST = do_GET

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()


def address(server: ThreadingHTTPServer, scheme: str = "http") -> str:
    return f"{scheme}://127.0.0.1:{server.server_port}"


def self_signed(folder) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "odoo.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / "server.pem"
    path.write_bytes(pem + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def test_a_certificate_that_is_not_trusted(tmp_path):
    with answering(200) as server:
        server.socket = self_signed(tmp_path).wrap_socket(server.socket, server_side=True)
        row = made(address(server, "https"))

        examined(row)

    assert states(row) == failed_at("reachable")
    assert "certificate" in check(row, "reachable")["message"]


@pytest.mark.parametrize(
    ("answer", "code", "says"),
    [
        ({"status": 200, "body": "<html>Welcome</html>"}, "is_odoo", "not as Odoo"),
        ({"status": 404, "body": "<html>Nothing</html>"}, "is_odoo", "not as Odoo"),
        ({"status": 301, "Location": "/elsewhere"}, "reachable", "another page"),
        ({"status": 503}, "reachable", "cannot be reached"),
        ({"status": 429, "Retry-After": "9"}, "reachable", "fewer requests"),
        (
            {"status": 200, "body": '{"version": "15.0", "version_info": [15, 0]}'},
            "is_odoo",
            "not as Odoo",
        ),
    ],
    ids=["a website", "404", "redirect inside", "503", "429", "other JSON"],
)
def test_a_server_that_is_no_odoo(answer, code, says):
    with answering(answer.pop("status"), answer.pop("body", ""), **answer) as server:
        row = made(address(server))

        examined(row)

    assert states(row) == failed_at(code)
    assert says in check(row, code)["message"]
    assert row.state == "incomplete"


def test_a_redirect_offers_its_target():
    with answering(308, Location="https://shop.odoo.example/web") as server:
        row = made(address(server))

        examined(row)

    assert states(row) == failed_at("reachable")
    assert check(row, "reachable")["url"] == "https://shop.odoo.example"
    assert "https://shop.odoo.example" in check(row, "reachable")["message"]


def test_a_port_where_nobody_listens():
    with answering(200) as server:
        url = address(server)
    row = made(url)

    examined(row)

    assert states(row) == failed_at("reachable")
    assert "cannot be reached" in check(row, "reachable")["message"]


def test_a_name_that_does_not_exist():
    row = made("https://odoo.invalid")

    examined(row)

    assert states(row) == failed_at("reachable")
    assert "no server of this name" in check(row, "reachable")["message"]


def test_a_private_address_names_the_setting(odoo, settings):
    settings.SOCIALHUB_ALLOWED_PRIVATE_HOSTS = []
    row = made(odoo.url)
    odoo.clear_log()

    examined(row)

    assert states(row) == failed_at("reachable")
    assert "SOCIALHUB_ALLOWED_PRIVATE_HOSTS" in check(row, "reachable")["remedy"]
    assert odoo.log() == []


# -- in between ---------------------------------------------------------------------


def test_an_outage_does_not_stop_a_connection_that_worked(odoo):
    row = made(odoo.url)
    examined(row)
    odoo.kill()

    examined(row)

    assert states(row) == failed_at("reachable")
    assert row.state == "ready"
    odoo.start()


def test_what_was_changed_meanwhile_is_not_called_ready(odoo):
    """The key is replaced while the old one is being tested."""
    row = made(odoo.url)
    target, credential = opening.target_of(row), OdooCredential.objects.get(connection=row)
    result = checklist.run(row, target)
    assert result.ok
    connections.change(row, UserFactory(role="Administrator"), key="another")

    connections._conclude(row, credential, result)

    row.refresh_from_db()
    assert row.state == "untested"


def test_steps_can_be_watched_while_they_run(odoo):
    """A slow step shows those before it as done and itself as running."""
    row = made(odoo.url)
    seen: list[list[str]] = []
    store = checklist._store

    def watching(connection, checks):
        store(connection, checks)
        stored = OdooConnection.objects.get(pk=row.pk).checks
        seen.append([one["state"] for one in stored])

    checklist._store = watching
    try:
        examined(row)
    finally:
        checklist._store = store

    assert seen[0] == ["running", *["waiting"] * 7]
    assert seen[5] == ["ok", "ok", "ok", *["waiting"] * 5]
    assert len(seen) == 2 * len(STEPS)
