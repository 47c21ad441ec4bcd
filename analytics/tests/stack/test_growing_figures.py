"""The whole way: a living network, real beat and worker, the dashboard over HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest
import requests
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from analytics.models import DataVersion
from analytics.services import rebuilding, tracking
from socialhub import schedules
from socialhub.models import PublicationStatus
from socialhub.tests.factories import AccountFactory, PublicationFactory, UserFactory, organisation
from socialhub.tests.support.sandbox import running
from socialhub.tests.support.workers import wait_for

pytestmark = [pytest.mark.thorough, pytest.mark.stack, pytest.mark.django_db(transaction=True)]

# The latest snapshot of each publication, added up by hand.
BY_HAND = """
    SELECT COUNT(*), SUM(m.impressions), SUM(m.likes), SUM(m.comments), SUM(m.shares),
           SUM(m.likes + m.comments + m.shares)
    FROM analytics_postmetrics m
    WHERE m.collected_at = (
        SELECT MAX(n.collected_at) FROM analytics_postmetrics n
        WHERE n.publication_id = m.publication_id
    )
"""
NAMES = (
    "total_publications",
    "total_impressions",
    "total_likes",
    "total_comments",
    "total_shares",
    "total_engagements",
)


@pytest.fixture
def living_network(tmp_path):
    with running(tmp_path / "network", "--speed", "60") as server:
        yield server


def version() -> int:
    return DataVersion.objects.values_list("version", flat=True).get(pk=1)


def both(address: str, token: str):
    """(dashboard, by hand) of the same moment; None when the data moved between the two."""
    before = version()
    answer = requests.get(
        f"{address}/api/analytics/dashboard/",
        {"days": 7},
        headers={"Authorization": f"Bearer {token}"},
        timeout=20,
    )
    answer.raise_for_status()
    with connection.cursor() as cursor:
        cursor.execute(BY_HAND)
        row = cursor.fetchone()
    if version() != before or answer.json()["data_version"] != before:
        return None
    # SQLite and PostgreSQL name the types of sums differently.
    by_hand = [None if value is None else int(value) for value in row]
    return [answer.json()[name] for name in NAMES], by_hand


def test_the_dashboard_grows_with_the_network_and_equals_a_sum_by_hand(
    crew, living_network, capsys
):
    organisation(timezone="Europe/Madrid")
    rebuilding.rebuild(timezone.now())
    account = AccountFactory(server_url=living_network.base_url)
    living_network.act("GET", "/api/session", account.handle)
    for number in range(3):
        at = timezone.now() - timedelta(minutes=number)
        post = {"handle": account.handle, "text": f"Post {number}", "created_at": at.isoformat()}
        PublicationFactory(
            account=account,
            status=PublicationStatus.PUBLISHED,
            remote_id=living_network.seed(post)[0]["id"],
            published_at=at,
        )
    tracking.sweep()
    call_command("create_token", UserFactory(role="Analyst").username)
    token = capsys.readouterr().out.split()[-1]
    schedules.upsert()
    address = crew.web()
    crew.worker("publish,sync")
    crew.beat()
    seen: list[list[int]] = []

    def grown() -> bool:
        found = both(address, token)
        if found and found[1][0] == 3 and (not seen or found[1] > seen[-1]):
            dashboard, by_hand = found
            assert dashboard == by_hand
            seen.append(by_hand)
        return len(seen) == 3

    wait_for(grown, "the figures to grow three times", 170)

    impressions = [row[1] for row in seen]
    assert impressions == sorted(set(impressions))
