"""The sidebar's groups of this app, and what it adds to the pages of the core."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from socialhub import navigation, registries
from socialhub.navigation import Item

LEADS = [
    Item(_("Funnel"), "filter_alt", "admin:crm", "crm.view_leadrevenue"),
    Item(_("Leads"), "person_search", "admin:crm_lead_changelist", "crm.view_lead"),
    Item(_("Board"), "view_kanban", "admin:crm-board", "crm.view_lead"),
    Item(_("Products"), "sell", "admin:crm_product_changelist", "crm.view_product"),
    Item(_("Services"), "handyman", "admin:crm_service_changelist", "crm.view_service"),
    Item(_("Lead forms"), "dynamic_form", "admin:crm_leadform_changelist", "crm.view_leadform"),
]
ODOO = [
    Item(_("Connection"), "hub", "admin:crm_odooconnection_changelist", "crm.view_odooconnection"),
    Item(_("Sync runs"), "sync", "admin:crm_odoosyncrun_changelist", "crm.view_odoosyncrun"),
    Item(_("Sync log"), "receipt_long", "admin:crm_odoosynclog_changelist", "crm.view_odoosynclog"),
    Item(_("Lead settings"), "tune", "admin:crm_crmsettings_changelist", "crm.change_crmsettings"),
]


def register() -> None:
    """Called when the apps are ready."""
    from crm.views import catalogue, inbox

    navigation.add(_("Leads"), LEADS)
    navigation.add("Odoo", ODOO)
    registries.register_panel("interaction", "admin:crm-interaction-panel")
    registries.register_panel("publication", "admin:crm-publication-panel")
    registries.register_panel("post", "admin:crm-post-panel")
    registries.register_panel("composer", "admin:crm-insert")
    registries.register_post_saved(catalogue.note_inserted)
    registries.register_list_action(
        "socialhub.interaction",
        registries.ListAction(
            "make_leads", _("Make leads of these"), "capture_lead", inbox.make_many
        ),
    )
