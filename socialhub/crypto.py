"""Encryption at rest for credentials: MultiFernet over FIELD_ENCRYPTION_KEYS."""

from __future__ import annotations

import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models


class CannotDecrypt(Exception):
    """None of the configured keys opens a stored secret."""


def fernet() -> MultiFernet:
    """The first key encrypts, every key decrypts."""
    try:
        return MultiFernet([Fernet(key) for key in settings.FIELD_ENCRYPTION_KEYS])
    except ValueError:
        raise ImproperlyConfigured(
            "FIELD_ENCRYPTION_KEYS must hold Fernet keys; make one with ./run.sh secrets."
        ) from None


def encrypt(value: Any) -> str:
    """JSON value → text for the database."""
    return fernet().encrypt(json.dumps(value).encode()).decode()


def decrypt(stored: str) -> Any:
    """Text from the database → JSON value. Raises CannotDecrypt."""
    try:
        return json.loads(fernet().decrypt(stored.encode()))
    except InvalidToken:
        raise CannotDecrypt("No key in FIELD_ENCRYPTION_KEYS opens this secret.") from None


class EncryptedJSONField(models.TextField):
    """A JSON value that is only ever stored encrypted. Empty values are stored encrypted too."""

    # What the type checker takes for the attribute's type.
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return None if value is None else decrypt(value)

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else encrypt(value)

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> str:
        # dumpdata must not print secrets.
        return ""
