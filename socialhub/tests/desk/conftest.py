"""People of each role, logged in, and a count of queries."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from socialhub.tests.factories import UserFactory, organisation


@pytest.fixture
def person(db):
    """person("Marketer") → (user, client); person("") → a superuser."""
    organisation(name="Shop", timezone="Europe/Madrid", setup_done=True)

    def make(role: str = ""):
        user = UserFactory(role=role, is_superuser=not role)
        client = Client()
        client.force_login(user)
        return user, client

    return make


@pytest.fixture
def queries():
    """queries(client, url) → how many queries the page takes, once everything is warm."""

    def count(client, url):
        assert client.get(url).status_code == 200
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    return count
