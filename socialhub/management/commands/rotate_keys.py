"""`rotate_keys`: encrypt every stored secret with the first of FIELD_ENCRYPTION_KEYS.

Put a new key in front, restart, run this, then the old key can go. Safe while the
installation runs, and to run again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import models
from django.db.models import TextField
from django.db.models.functions import Cast

from socialhub.crypto import CannotDecrypt, EncryptedJSONField, decrypt


class Command(BaseCommand):
    help = "Encrypt every stored secret with the first key of FIELD_ENCRYPTION_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        unreadable = []
        for model, field in secret_fields():
            done, bad = rotate(model, field)
            self.stdout.write(f"{model._meta.label}.{field}: {done}")
            unreadable += [f"{model._meta.label} {pk}" for pk in bad]
        if unreadable:
            raise CommandError(
                f"No key opens {len(unreadable)} secrets; keep the old keys: "
                + ", ".join(unreadable[:20])
            )


def secret_fields() -> Iterator[tuple[type[models.Model], str]]:
    """Every encrypted field of every model."""
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, EncryptedJSONField):
                yield model, field.name


def rotate(model: type[models.Model], field: str) -> tuple[int, list[Any]]:
    """(how many secrets were encrypted anew, ids of those no key opens)."""
    # Cast reads the text as it is stored, past the field's own decryption.
    rows = model._default_manager.annotate(stored=Cast(field, TextField()))
    done, bad = 0, []
    for pk, stored in rows.filter(stored__isnull=False).values_list("pk", "stored").iterator():
        try:
            value = decrypt(stored)
        except CannotDecrypt:
            bad.append(pk)
            continue
        # Only if it is still the text that was read: a refresh in the meantime wins.
        done += rows.filter(pk=pk, stored=stored).update(**{field: value})
    return done, bad
