"""People of each role, logged in."""

from __future__ import annotations

import pytest
from django.test import Client

from socialhub.tests.factories import UserFactory


@pytest.fixture
def person(db):
    """person("Marketer") → (user, client); person("") → a superuser."""

    def make(role: str = ""):
        user = UserFactory(role=role, is_superuser=not role)
        client = Client()
        client.force_login(user)
        return user, client

    return make
