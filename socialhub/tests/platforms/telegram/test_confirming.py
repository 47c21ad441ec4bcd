"""What nobody can look at is asked of a person, and the series goes on from their answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from socialhub import http
from socialhub.models import Publication, PublicationStatus
from socialhub.services import publishing
from socialhub.services.publishing import settling
from socialhub.tests.stack.cells import Cell, series
from socialhub.tests.stack.networks import StandInNetwork
from socialhub.tests.support.standin.client import Server

pytestmark = pytest.mark.django_db


@pytest.fixture
def cell(telegram: Server, monkeypatch: pytest.MonkeyPatch) -> Cell:
    """A series whose first part is out, and nobody knows."""
    monkeypatch.setattr(http, "DEADLINE_SECONDS", 2.0)
    made = series(StandInNetwork(telegram, "telegram"), "lost", 1, None)
    telegram.fault("publish", "500_after_accept")
    assert publishing.publish(made.rows[0].pk) == "unknown"
    later = timezone.now() + timedelta(hours=1)
    assert settling.settle(made.rows[0].pk, later) == "ask"
    return made


def confirm(cell: Cell, link: str) -> Publication:
    row = cell.fresh()[0]
    publishing.resolve(row, None, live=True, permalink=link)
    return cell.fresh()[0]


def test_with_the_link_the_next_part_answers_the_right_message(
    telegram: Server, cell: Cell
) -> None:
    [out] = cell.copies(cell.rows[0])

    first = confirm(cell, out["permalink"])

    assert (first.status, first.remote_id) == (PublicationStatus.PUBLISHED, out["id"])
    assert publishing.publish(cell.rows[1].pk) == "published"
    [second] = cell.copies(cell.rows[1])
    assert second["parent_id"] == out["id"]
    assert len(telegram.posts()) == 2


@pytest.mark.parametrize("link", ["", "https://t.me/other/1"])
def test_without_it_the_series_stops_and_says_why(cell: Cell, link: str) -> None:
    first = confirm(cell, link)

    assert first.remote_id == f"confirmed-by-person-{first.pk}"
    assert publishing.publish(cell.rows[1].pk) == "failed"
    second: Any = cell.fresh()[1]
    assert (second.error_code, "number" in second.error_detail) == ("not_found", True)


def test_the_link_of_another_publication_is_not_taken_twice(cell: Cell) -> None:
    [out] = cell.copies(cell.rows[0])
    Publication.objects.filter(pk=cell.rows[4].pk).update(
        status=PublicationStatus.PUBLISHED, remote_id=out["id"], published_at=timezone.now()
    )

    assert confirm(cell, out["permalink"]).remote_id.startswith("confirmed-by-person")
