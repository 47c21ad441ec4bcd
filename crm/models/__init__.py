"""Leads, products and services, and what is exchanged with Odoo about them."""

from crm.models.capture import Attribution, CrmSettings, LeadForm
from crm.models.catalogue import CatalogueItem, PriceFlag, Product, Service
from crm.models.connections import (
    ConnectionState,
    LeadType,
    OdooConnection,
    OdooCredential,
    OdooCursor,
    OdooReference,
    OdooStage,
)
from crm.models.leads import Lead, LeadSource, LeadState, Outcome
from crm.models.revenue import LeadOrder, LeadRevenue, OrderKind
from crm.models.syncing import (
    Direction,
    LogOutcome,
    OdooSyncLog,
    OdooSyncRun,
    RunState,
    SyncKind,
)
from crm.models.touches import LeadConflict, LeadNote, LeadTouch, NoteState, TouchKind

__all__ = [
    "Attribution",
    "CatalogueItem",
    "ConnectionState",
    "CrmSettings",
    "Direction",
    "Lead",
    "LeadConflict",
    "LeadForm",
    "LeadNote",
    "LeadOrder",
    "LeadRevenue",
    "LeadSource",
    "LeadState",
    "LeadTouch",
    "LeadType",
    "LogOutcome",
    "NoteState",
    "OdooConnection",
    "OdooCredential",
    "OdooCursor",
    "OdooReference",
    "OdooStage",
    "OdooSyncLog",
    "OdooSyncRun",
    "OrderKind",
    "Outcome",
    "PriceFlag",
    "Product",
    "RunState",
    "Service",
    "SyncKind",
    "TouchKind",
]
