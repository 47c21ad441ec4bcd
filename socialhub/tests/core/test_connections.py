"""A connection that the server ended is found before it is used, without asking each time."""

from __future__ import annotations

import select

import psycopg
import pytest
from django.conf import settings
from django.db import close_old_connections, connection

from socialhub.models import Organisation
from socialhub.postgres import base

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server"),
]


@pytest.fixture
def other():
    """Another connection to the same server."""
    given = connection.settings_dict
    target = {name.lower(): given[name] for name in ("HOST", "PORT", "USER", "PASSWORD")}
    with psycopg.connect(dbname=given["NAME"], autocommit=True, **target) as opened:
        yield opened


def read() -> int:
    """What the first query of a request is; the number of the server process that answered."""
    close_old_connections()
    Organisation.get()
    return connection.connection.info.backend_pid


def asked_last(other, pid) -> str:
    query = "SELECT query FROM pg_stat_activity WHERE pid = %s"
    return other.execute(query, [pid]).fetchone()[0]


def test_the_first_request_after_a_restart_is_answered(other):
    before = read()
    assert read() == before

    # As a server does to each connection when it stops. True once the process is gone.
    assert other.execute("SELECT pg_terminate_backend(%s, 10000)", [before]).fetchone()[0]

    assert read() != before


def test_a_connection_in_use_is_not_asked_and_an_idle_one_is(other, monkeypatch):
    pid = read()
    close_old_connections()
    connection.close_if_health_check_failed()
    assert asked_last(other, pid) != "SELECT 1"

    monkeypatch.setattr(base, "TRUSTED_SECONDS", 0)
    close_old_connections()
    connection.close_if_health_check_failed()

    assert asked_last(other, pid) == "SELECT 1"
    assert read() == pid


def test_a_server_that_says_something_unasked_is_asked(other):
    pid = read()
    connection.connection.execute("LISTEN news")
    other.execute("NOTIFY news")
    # Until it has arrived; it stays unread.
    assert select.select([connection.connection.fileno()], [], [], 10)[0]

    close_old_connections()
    connection.close_if_health_check_failed()

    assert (asked_last(other, pid), read()) == ("SELECT 1", pid)
    # Nobody else is to hear the news.
    connection.close()


def test_health_checks_are_on():
    assert settings.DATABASES["default"]["CONN_HEALTH_CHECKS"] is True
