"""Celery tasks: ids in, one service call, no rules."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from crm.models import SyncKind
from crm.services import following, retention
from crm.services.odoo import parts, runs
from socialhub.models import Interaction

# A first reading of a large catalogue takes minutes; it goes on from where it was cut.
LONG = {"soft_time_limit": 1_500, "time_limit": 1_560}


@shared_task(name="crm.run_sync", **LONG)
def run_sync(run_id: int) -> dict[str, Any]:
    return parts.execute(run_id)


@shared_task(name="crm.sweep_syncs")
def sweep_syncs() -> dict[str, int]:
    return runs.sweep(timezone.now())


@shared_task(name="crm.sync_products", **LONG)
def sync_products() -> dict[str, Any]:
    return parts.run_now(SyncKind.PRODUCTS)


@shared_task(name="crm.sync_services", **LONG)
def sync_services() -> dict[str, Any]:
    return parts.run_now(SyncKind.SERVICES)


@shared_task(name="crm.sync_images", **LONG)
def sync_images() -> dict[str, Any]:
    return parts.run_now(SyncKind.IMAGES)


@shared_task(name="crm.export_leads", **LONG)
def export_leads() -> dict[str, Any]:
    return parts.run_now(SyncKind.EXPORT)


@shared_task(name="crm.pull_leads", **LONG)
def pull_leads() -> dict[str, Any]:
    return parts.run_now(SyncKind.LEADS)


@shared_task(name="crm.sync_revenue", **LONG)
def sync_revenue() -> dict[str, Any]:
    return parts.run_now(SyncKind.REVENUE)


@shared_task(name="crm.scan_odoo", **LONG)
def scan_odoo() -> dict[str, Any]:
    return parts.run_now(SyncKind.SCAN)


@shared_task(name="crm.follow_interaction")
def follow_interaction(interaction_id: int) -> bool:
    found = Interaction.objects.select_related("account", "publication__post__campaign")
    row = found.filter(pk=interaction_id).first()
    return row is not None and following.follow(row)


@shared_task(name="crm.tend_leads")
def tend_leads() -> dict[str, Any]:
    return retention.tend(timezone.now())
