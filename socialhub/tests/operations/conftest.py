"""Fixtures of the operations tests."""

from __future__ import annotations

import pytest

from socialhub.tests.operations.receiver import http_receiver, smtp_server


@pytest.fixture
def receiver():
    """An HTTP server on loopback."""
    with http_receiver() as received:
        yield received


@pytest.fixture
def mailbox(settings):
    """An SMTP server on loopback, and Django set up to use it."""
    with smtp_server() as (box, port):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        yield box
