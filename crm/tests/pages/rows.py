"""Callers and rows for the tests of the pages."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.test import Client
from django.utils import timezone

from crm.models import (
    ConnectionState,
    Lead,
    LeadOrder,
    LeadRevenue,
    OdooConnection,
    OdooStage,
)
from crm.tests.support import make_lead, make_touch
from socialhub.models import AccountGrant
from socialhub.tests.factories import InteractionFactory, UserFactory


def logged_in(role: str = "Marketer", *grants: Any) -> Client:
    user = UserFactory(role=role)
    for account in grants:
        AccountGrant.objects.create(user=user, account=account)
    client = Client()
    client.force_login(user)
    client.user = user
    return client


def words(page: str) -> str:
    """What a person reads."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def said(response: Any) -> list[str]:
    """The messages of the page that was redirected to."""
    return [str(message) for message in response.context["messages"]]


def offline(**fields: Any) -> OdooConnection:
    """A connection that was ready; nothing listens there."""
    values = {
        "url": "http://127.0.0.1:9",
        "database": "odoo",
        "login": "bot@example.org",
        "version": "18.0",
        "transport": "xmlrpc",
        "state": ConnectionState.READY,
        "tested_at": timezone.now(),
    }
    return OdooConnection.objects.create(**{**values, **fields})


def commented(text: str = "How much is it?", **fields: Any) -> Lead:
    """A lead of a comment under a publication of its own, with its touch."""
    comment = InteractionFactory(text=text)
    publication = comment.publication
    told = {"source": "interaction", "account": publication.account, "post": publication.post}
    lead = make_lead(publication=publication, **{**told, **fields})
    make_touch(
        lead,
        comment.created_at,
        interaction=comment,
        publication=publication,
        post=publication.post,
        account=publication.account,
        campaign=lead.campaign,
    )
    return lead


def won(connection: OdooConnection, amount: str, odoo_id: int, **fields: Any) -> Lead:
    """A lead of a comment, won in Odoo with one order."""
    stage, _made = OdooStage.objects.get_or_create(
        connection=connection, odoo_id=4, defaults={"name": "Won", "sequence": 70, "is_won": True}
    )
    now = timezone.now()
    lead = commented(
        connection=connection,
        odoo_id=odoo_id,
        state="linked",
        stage=stage,
        stage_name="Won",
        outcome="won",
        closed_at=now,
        opportunity_at=now - timedelta(hours=1),
        exported_at=now - timedelta(hours=1),
        **fields,
    )
    value = Decimal(amount)
    LeadRevenue.objects.create(
        lead=lead, won=value, quoted=0, invoiced=0, currency="EUR", read_at=now
    )
    LeadOrder.objects.create(
        lead=lead,
        model="sale.order",
        odoo_id=odoo_id,
        kind="order",
        number=f"S{odoo_id:05}",
        amount=value,
        currency="EUR",
        happened_at=now,
    )
    return lead
