"""Helpers of the exchange tests: syncing until nothing waits, and comparing both sides."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.utils import timezone

from analytics.models import Conversion
from crm.models import Lead, LeadNote, OdooConnection, OdooSyncRun, SyncKind
from crm.tests.support import ROOT, StandIn, make_lead, make_touch, sync
from socialhub.models import Lease
from socialhub.tests.factories import CampaignFactory, InteractionFactory
from socialhub.tests.support.workers import database_url

# Rows of a run itself; everything else is what was exchanged.
BOOKKEEPING = {"OdooSyncRun", "OdooSyncLog", "OdooCursor", "OdooConnection", "OdooCredential"}
# What differs from one run of the same story to the next.
OWN_TIMES = {
    *("id", "pk", "uuid", "marker", "created_at", "updated_at", "queued_at", "exported_at"),
    *("pulled_at", "odoo_write_date", "opportunity_at", "closed_at", "read_at", "at", "sent_at"),
    *("written_at", "happened_at", "next_try_at", "tries", "claimed_at", "key", "person_key"),
}
LEAD_KINDS = (SyncKind.EXPORT, SyncKind.LEADS, SyncKind.REVENUE)


def comment_lead(**fields: Any) -> Lead:
    """A queued lead made of a comment below a post of a campaign."""
    comment = InteractionFactory(permalink="https://sandbox.example/c/1")
    campaign = CampaignFactory(name="Spring sale", utm_campaign="spring")
    origin = {
        "account": comment.account,
        "publication": comment.publication,
        "post": comment.publication.post,
        "campaign": campaign,
    }
    values = {
        "queued": True,
        "source": "interaction",
        "name": "Question about the blue one",
        "contact_name": "Ana",
        "email": "ana@example.org",
        "message": "How much is the <blue> one & when?",
        "phone": "+34 600 11 22 33",
        "company": "Panadería Sol",
        **origin,
        **fields,
    }
    lead = make_lead(**values)
    make_touch(lead, interaction=comment, variant_key="b", **origin)
    return lead


def sync_leads(connection: OdooConnection) -> list[OdooSyncRun]:
    """The three runs that concern leads."""
    return [sync(connection, kind) for kind in LEAD_KINDS]


def hurry() -> None:
    """What waits for a later moment may go now, and dead workers' holds have run out."""
    past = timezone.now() - timezone.timedelta(hours=1)
    Lead.objects.filter(state="queued").update(next_try_at=None)
    Lead.objects.filter(claim__isnull=False).update(claimed_at=past)
    LeadNote.objects.filter(next_try_at__isnull=False).update(next_try_at=past)
    OdooConnection.objects.update(blocked_until=None, failures=0)
    OdooSyncRun.objects.filter(state="running").update(beat_at=past)
    Lease.objects.update(expires_at=past)


def settle(connection: OdooConnection, rounds: int = 6) -> None:
    """Sync until everything went through; fails when that never happens."""
    for _ in range(rounds):
        hurry()
        runs = sync_leads(connection)
        waiting = Lead.objects.filter(state="queued").exists()
        notes = LeadNote.objects.exclude(state="sent").exists()
        if not waiting and not notes and all(run.state == "done" for run in runs):
            return
    raise AssertionError([(run.kind, run.state, run.error) for run in runs])


def ours(*, comparable: bool = False) -> list[tuple[str, dict[str, Any]]]:
    """Every row a sync writes; `comparable` = without ids and times of this one story."""
    rows = []
    for model in [*apps.get_app_config("crm").get_models(), Conversion]:
        if model.__name__ in BOOKKEEPING:
            continue
        for row in model.objects.order_by("pk").values():
            rows.append((model.__name__, _without(row) if comparable else row))
    return rows


def _without(row: dict[str, Any]) -> dict[str, Any]:
    # Relations within our database have other numbers each time; Odoo's own must be the same.
    return {
        name: value is not None if name.endswith("_id") and name != "odoo_id" else value
        for name, value in row.items()
        if name not in OWN_TIMES
    }


def theirs(odoo: StandIn) -> dict[str, list[dict[str, Any]]]:
    """What Odoo holds, without times and our uuids."""
    models = ("crm.lead", "mail.message", "utm.source", "utm.medium", "utm.campaign")
    models += ("sale.order", "account.move")
    skipped = {"write_date", "create_date", "date", "external_ids", "description", "body"}
    skipped |= {"date_closed", "date_open", "date_last_stage_update", "date_order"}
    return {
        model: [
            {name: value for name, value in row.items() if name not in skipped}
            for row in odoo.records(model)
        ]
        for model in models
    }


def start_worker(code: str, folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """`code` in a process of its own, on the database of the test."""
    import os

    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "socialhub.settings",
        "DATABASE_URL": database_url(),
        "SOCIALHUB_VAR": str(folder),
        "SECRET_KEY": settings.SECRET_KEY,
        "FIELD_ENCRYPTION_KEYS": ",".join(settings.FIELD_ENCRYPTION_KEYS),
        "SOCIALHUB_ALLOWED_PRIVATE_HOSTS": "127.0.0.1,localhost",
    }
    with (folder / "workers.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-c", f"import django\ndjango.setup()\n{code}", *arguments],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
        )
