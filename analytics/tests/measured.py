"""Publications with numbers, and clients that ask about them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from rest_framework.test import APIClient

from analytics.services import recording, tracking
from socialhub.models import Account, AccountGrant, Publication
from socialhub.tests.factories import PublicationFactory, UserFactory

ROOT = "/api/analytics/"
HOUR = timedelta(hours=1)


def measured(account: Account, at: datetime, **fields: Any) -> Publication:
    """Published at `at`; its counters, if any, were read an hour later.

    `counters` is a dict; other fields are those of the publication (`post`, `post__campaign`).
    """
    counters = fields.pop("counters", {})
    publication = PublicationFactory(account=account, published=True, published_at=at, **fields)
    tracking.ensure_stats([publication.pk])
    if counters:
        recording.record(None, publication, counters, at + HOUR)
    return publication


def client(role: str = "Analyst", *accounts: Account) -> APIClient:
    """Of a new user in that role, limited to `accounts` if there are any."""
    user = UserFactory(role=role)
    for account in accounts:
        AccountGrant.objects.create(user=user, account=account)
    made = APIClient()
    made.force_authenticate(user)
    return made


def ask(address: str, caller: APIClient | None = None, **params: Any) -> dict[str, Any]:
    """The JSON of a good answer; `from` is spelt `from_`."""
    given = {name.rstrip("_"): value for name, value in params.items()}
    answer = (caller or client()).get(f"{ROOT}{address}/", given)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found
