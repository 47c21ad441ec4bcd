"""Callers and rows for the tests of the recycling pages."""

from __future__ import annotations

import html
import re
from datetime import time
from typing import Any

from django.test import Client

from experiments.models import RecyclingRule
from socialhub.models import Account, AccountGrant, PostingSlot
from socialhub.tests.factories import AccountFactory, UserFactory

BOARD = "/admin/recycling/"


def logged_in(role: str = "Marketer", *grants: Account) -> Client:
    user = UserFactory(role=role)
    for account in grants:
        AccountGrant.objects.create(user=user, account=account)
    client = Client()
    client.force_login(user)
    client.user = user
    return client


def words(page: Any) -> str:
    """What a person reads."""
    text = re.sub(r"<(script|style).*?</\1>", " ", page.content.decode(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def account(**fields: Any) -> Account:
    """With a posting slot on every day at ten."""
    row = AccountFactory(**fields)
    for weekday in range(7):
        PostingSlot.objects.create(account=row, weekday=weekday, time=time(10))
    return row


def rule(*accounts: Account, **fields: Any) -> RecyclingRule:
    values = {"name": f"Rule {RecyclingRule.objects.count()}", "needs_approval": False, **fields}
    row = RecyclingRule.objects.create(**values)
    row.accounts.set(accounts)
    return row
