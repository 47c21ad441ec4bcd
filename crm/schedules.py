"""Periodic jobs of this app; the form is that of socialhub/schedules.py."""

from __future__ import annotations

from typing import Any

SCHEDULES: dict[str, dict[str, Any]] = {
    "export_leads": {"task": "crm.export_leads", "every": 300, "expires": 300},
    "pull_leads": {"task": "crm.pull_leads", "every": 300, "expires": 300},
    "sync_products": {"task": "crm.sync_products", "every": 3600, "expires": 3600},
    "sync_services": {"task": "crm.sync_services", "every": 3600, "expires": 3600},
    "sync_images": {"task": "crm.sync_images", "every": 3600, "expires": 3600},
    "sync_revenue": {"task": "crm.sync_revenue", "every": 3600, "expires": 3600},
    "scan_odoo": {"task": "crm.scan_odoo", "crontab": ("10", "2", "*"), "expires": 3600},
    "sweep_syncs": {"task": "crm.sweep_syncs", "every": 30, "expires": 30},
    # Sweeps of what nobody told us of, retention, and keys that end soon.
    "tend_leads": {"task": "crm.tend_leads", "every": 300, "expires": 300},
}
