"""Strict reading of settings from the environment.

`NAME_FILE` may point to a file that holds the value (Docker and systemd secrets). A value that
cannot be read is an error at start, never a silent default.
"""

from __future__ import annotations

import json
import os
import secrets
from decimal import Decimal, InvalidOperation
from pathlib import Path

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}
# Values from examples; no installation that others can reach may run with them.
DEMO_MARKS = ("demo", "change-me", "changeme", "insecure", "example")


def text(name: str, default: str = "") -> str:
    """The value of NAME, or the content of the file NAME_FILE names."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        if name in os.environ:
            raise ImproperlyConfigured(f"Set {name} or {name}_FILE, not both.")
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as exc:
            raise ImproperlyConfigured(f"{name}_FILE cannot be read: {exc.strerror}") from None
    return os.environ.get(name, default)


def flag(name: str, default: bool = False) -> bool:
    """A yes/no value."""
    value = text(name, "1" if default else "0").strip().lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")


def number(name: str, default: float) -> float:
    """A number, at least 0."""
    value = text(name, str(default))
    try:
        result = float(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a number, not {value!r}.") from None
    if result < 0:
        raise ImproperlyConfigured(f"{name} must not be negative.")
    return result


def amount(name: str) -> Decimal | None:
    """An amount of money, at least 0; None when it is not set."""
    value = text(name).strip()
    if not value:
        return None
    try:
        result = Decimal(value)
    except InvalidOperation:
        raise ImproperlyConfigured(f"{name} must be a number like 0.15, not {value!r}.") from None
    if not result.is_finite() or result < 0:
        raise ImproperlyConfigured(f"{name} must be a number, at least 0.")
    return result


def words(name: str, default: str = "") -> list[str]:
    """A comma list without blanks."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def production_secret(name: str) -> str:
    """A secret that is set, long, and none of the published examples."""
    value = text(name)
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. See docs/installing.md.")
    if len(value) < 32 or any(mark in value.lower() for mark in DEMO_MARKS):
        raise ImproperlyConfigured(
            f"{name} is too short or an example value. Make one with ./run.sh secrets."
        )
    return value


def embedded_secrets(folder: Path) -> dict[str, str]:
    """Secrets of an embedded installation, made once and kept readable by its owner only."""
    path = folder / "secrets.json"
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        pass
    folder.mkdir(parents=True, exist_ok=True)
    made = {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    }
    # Written aside and linked, so that two processes starting together agree on one file.
    aside = folder / f"secrets.{os.getpid()}.tmp"
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(made, file)
    try:
        os.link(aside, path)
    except FileExistsError:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    finally:
        aside.unlink()
    return made
