"""Pages ask the database as often for three rows of everything as for one."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from experiments.services.recycling import verbs
from experiments.tests.recycling.shown import shown
from experiments.tests.recycling_pages.rows import BOARD, account, logged_in, rule

pytestmark = pytest.mark.django_db

PAGES = [
    BOARD,
    f"{BOARD}preview/",
    "/admin/experiments/recyclingrule/",
    "/admin/experiments/recycledpost/",
    "/admin/calendar/",
]


def fill(rows: int) -> None:
    """So many of everything, on an account of its own each."""
    for n in range(rows):
        on = account()
        rule(on)
        shown(on, 60 + n, 5, 100)
        shown(on, 10, 5, 100)
        verbs.never(shown(on, 90, 5, 100), None)
        verbs.recycle(shown(on, 80, 5, 100), None)


def asked(client, path: str) -> int:
    # What is remembered per process is asked once.
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


@pytest.mark.parametrize("path", PAGES)
def test_as_many_queries_for_three_as_for_one(path):
    client = logged_in("Administrator")
    fill(1)
    first = asked(client, path)
    fill(2)
    assert asked(client, path) == first
