"""Fixtures of the AI tests."""

from __future__ import annotations

from decimal import Decimal

import pytest

from socialhub.tests.ai.stub import MODEL, running
from socialhub.writing.ai import habits

KEY = "sk-nobody-may-read-this-4711"


@pytest.fixture
def stub():
    """An endpoint nobody knows anything about yet."""
    habits._known.clear()
    with running() as stub:
        yield stub


@pytest.fixture
def configured(settings, stub):
    """The stub is the organisation's AI."""
    settings.AI_BASE_URL, settings.AI_API_KEY, settings.AI_MODEL = stub.base_url, KEY, MODEL
    settings.AI_PRICE_INPUT, settings.AI_PRICE_OUTPUT = Decimal("2.50"), Decimal(10)
    settings.AI_SECONDS = 20
    return stub
