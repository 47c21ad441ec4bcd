"""Field types are remembered between runs; Odoo's may have been changed since."""

from __future__ import annotations

from crm.odoo import open_client
from crm.services.odoo.session import Session


def refreshed(session: Session, model: str) -> bool:
    """Ask Odoo for the fields of a model again; are there others than we thought?"""
    client = session.client
    before = set(client.fields(model))
    state = client.state()
    state["fields"].pop(model)
    session.client = open_client(client.target, observe=session.observe, state=state)
    return set(session.client.fields(model)) != before
