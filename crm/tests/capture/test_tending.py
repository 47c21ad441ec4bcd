"""What comes round every few minutes: booking anew, clearing away, touches without an origin."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from analytics.models import Conversion
from crm.models import CrmSettings, Direction, OdooConnection, OdooSyncLog, OdooSyncRun
from crm.services import retention, touches
from crm.tests.support import make_lead
from socialhub.tests.factories import PublicationFactory

pytestmark = pytest.mark.django_db


def touched(lead, at, publication=None):
    origin = {}
    if publication is not None:
        origin = {
            "publication": publication,
            "post": publication.post,
            "account": publication.account,
        }
    return touches.add(lead, "interaction" if origin else "admin", at, **origin)


def test_another_attribution_books_the_conversions_anew():
    now, lead = timezone.now(), make_lead()
    first, last = PublicationFactory(), PublicationFactory()
    touched(lead, now - timedelta(days=2), first)
    touched(lead, now - timedelta(days=1), last)
    before = Conversion.objects.get(kind="lead").publication
    CrmSettings.get()
    CrmSettings.objects.update(attribution="first")

    rebooked, again = retention.tend(now)["rebooked"], retention.tend(now)["rebooked"]

    assert (before, Conversion.objects.get(kind="lead").publication) == (last, first)
    assert (rebooked, again) == (1, 0)


def test_an_entry_by_hand_takes_nothing_from_a_post():
    now, lead, publication = timezone.now(), make_lead(), PublicationFactory()
    of_post = touched(lead, now - timedelta(days=2), publication)

    touched(lead, now)
    touched(lead, now - timedelta(days=5))

    lead.refresh_from_db()
    assert (lead.first_touch, lead.last_touch) == (of_post, of_post)


def test_a_comment_takes_the_place_of_an_entry_by_hand():
    now, lead, publication = timezone.now(), make_lead(), PublicationFactory()
    touched(lead, now - timedelta(days=2))

    of_post = touched(lead, now - timedelta(days=3), publication)

    lead.refresh_from_db()
    assert (lead.first_touch, lead.last_touch) == (of_post, of_post)


def test_old_log_lines_and_runs_are_cleared_away():
    now = timezone.now()
    connection = OdooConnection.objects.create(url="https://odoo.example", database="a", login="b")
    ages = (timedelta(days=400), timedelta(days=100), timedelta(0))
    for age in ages:
        ended = {"state": "done", "finished_at": now - age}
        run = OdooSyncRun.objects.create(connection=connection, kind="products", **ended)
        line = OdooSyncLog.objects.create(
            run=run, connection=connection, direction=Direction.IN, outcome="ok"
        )
        OdooSyncRun.objects.filter(pk=run.pk).update(asked_at=now - age)
        OdooSyncLog.objects.filter(pk=line.pk).update(at=now - age)

    pruned = retention.tend(now)["pruned"]

    assert pruned == 3
    assert (OdooSyncRun.objects.count(), OdooSyncLog.objects.count()) == (2, 1)
