"""Fixtures of the API tests: clients that sign in with real tokens."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from socialhub.api.throttling import AnonThrottle, LoginThrottle, UserThrottle
from socialhub.models import ApiToken
from socialhub.tests.factories import UserFactory


@pytest.fixture(autouse=True)
def _nobody_asked_before():
    """Throttles count by user id, and ids start anew in every test."""
    UserThrottle.cache.clear()
    LoginThrottle.cache.clear()
    AnonThrottle.cache.clear()


def client_of(user, *, can_write=True, **options):
    """A client that sends a token of `user`."""
    _row, token = ApiToken.objects.create(user, can_write=can_write)
    client = APIClient(**options)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    client.user = user
    return client


@pytest.fixture
def as_role(db):
    """as_role("Marketer") gives a client of a new user in that role."""
    return lambda role, **options: client_of(UserFactory(role=role), **options)


@pytest.fixture
def admin(as_role):
    return as_role("Administrator")


@pytest.fixture
def marketer(as_role):
    return as_role("Marketer")


@pytest.fixture
def approver(as_role):
    return as_role("Approver")


@pytest.fixture
def analyst(as_role):
    return as_role("Analyst")
