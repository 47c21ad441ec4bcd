"""Publications that are really out on the sandbox network."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core.cache import caches
from django.utils import timezone

from analytics.services import tracking
from socialhub.models import Account, Publication, PublicationStatus
from socialhub.tests.factories import AccountFactory, PublicationFactory


@pytest.fixture(autouse=True)
def _no_kept_answers():
    """Every test counts data versions from the start."""
    caches["local"].clear()


class Desk:
    """One sandbox account and its publications."""

    def __init__(self, server) -> None:
        self.server = server

    def account(self) -> Account:
        account = AccountFactory(server_url=self.server.base_url)
        self.server.act("GET", "/api/session", account.handle)
        return account

    def publication(
        self, account: Account | None = None, *, age: timedelta = timedelta(0), **fields
    ) -> Publication:
        """Published `age` ago, on the network and in our tables; not yet tracked."""
        account = account or self.account()
        at: datetime = timezone.now() - age
        post = {"handle": account.handle, "text": "Hello", "created_at": at.isoformat()}
        if parent := fields.get("parent"):
            post["parent_id"] = parent.remote_id
        return PublicationFactory(
            account=account,
            status=PublicationStatus.PUBLISHED,
            remote_id=self.server.seed(post)[0]["id"],
            published_at=at,
            **fields,
        )

    def tracked(self, *args, **kwargs) -> Publication:
        """A publication with its row of numbers, due."""
        publication = self.publication(*args, **kwargs)
        tracking.ensure_stats([publication.pk])
        return publication


@pytest.fixture
def desk(sandbox) -> Desk:
    return Desk(sandbox)
