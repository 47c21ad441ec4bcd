"""What each role may do here. Filled into groups after every migrate."""

from __future__ import annotations

_OFFERS = ["view_product", "view_service"]
_FIGURES = ["view_leadrevenue"]
_LEADS = [
    *[f"{verb}_lead" for verb in ("view", "add", "change", "capture", "export")],
    "view_leadconflict",
    "change_leadconflict",
]
_CATALOGUE = [
    *[f"{verb}_{name}" for name in ("product", "service") for verb in ("add", "change")],
    "view_priceflag",
    "change_priceflag",
]
_FORMS = [f"{verb}_leadform" for verb in ("view", "add", "change", "delete")]
_SYNC = ["view_odooconnection", "view_odoosyncrun", "view_odoosynclog", "sync_odoo"]
_CONNECTING = [
    "connect_odoo",
    "add_odooconnection",
    "change_odooconnection",
    "erase_lead",
    "view_crmsettings",
    "change_crmsettings",
]
_MARKETING = [*_OFFERS, *_FIGURES, *_LEADS, *_CATALOGUE, *_FORMS, *_SYNC]

PERMISSIONS: dict[str, dict[str, list[str]]] = {
    "Administrator": {"crm": [*_MARKETING, *_CONNECTING]},
    "Marketer": {"crm": _MARKETING},
    # Leads are people's data: only those who work with them see them.
    "Approver": {"crm": [*_OFFERS, *_FIGURES]},
    "Analyst": {"crm": [*_OFFERS, *_FIGURES]},
}
VERBS = {
    "view_leads": "crm.view_lead",
    "change_lead": "crm.change_lead",
    "capture_lead": "crm.capture_lead",
    "export_lead": "crm.export_lead",
    "erase_lead": "crm.erase_lead",
    "view_attribution": "crm.view_leadrevenue",
    "view_catalogue": "crm.view_product",
    "change_catalogue": "crm.change_product",
    "manage_lead_forms": "crm.change_leadform",
    "view_sync": "crm.view_odoosyncrun",
    "sync_odoo": "crm.sync_odoo",
    "connect_odoo": "crm.connect_odoo",
    "change_lead_settings": "crm.change_crmsettings",
}
