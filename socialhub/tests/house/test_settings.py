"""Settings by environment: strict, and no demo secrets where others can reach them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from socialhub import env

GOOD = {
    "DATABASE_URL": "postgres://socialhub:secret@db.invalid/socialhub",
    "REDIS_URL": "redis://redis.invalid/0",
    "SECRET_KEY": "p" * 50,
    "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    "ALLOWED_HOSTS": "hub.example.org",
    "PUBLIC_URL": "https://hub.example.org",
}
PRINT = "from django.conf import settings; print(settings.DATABASES['default']['ENGINE'])"


def run(arguments, environment, tmp_path):
    """A Python process with nothing of ours in its environment but `environment`."""
    base = {"PATH": os.environ["PATH"], "SOCIALHUB_VAR": str(tmp_path / "var")}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        env={**base, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def load(environment, tmp_path):
    code = f"import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'socialhub.settings'; {PRINT}"
    return run(["-c", code], environment, tmp_path)


def test_production_starts_with_proper_secrets(tmp_path):
    result = load(GOOD, tmp_path)

    assert (result.returncode, result.stdout.strip()) == (0, "socialhub.postgres")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is too short or an example value"),
        ({"SECRET_KEY": "django-insecure-" + "p" * 50}, "SECRET_KEY is too short or an example"),
        ({"FIELD_ENCRYPTION_KEYS": ""}, "FIELD_ENCRYPTION_KEYS is not set"),
        ({"FIELD_ENCRYPTION_KEYS": "demo" * 12}, "FIELD_ENCRYPTION_KEYS is too short or an ex"),
        ({"REDIS_URL": ""}, "REDIS_URL is not set"),
        ({"DEBUG": "1"}, "DEBUG shows secrets to visitors"),
        ({"DEBUG": "maybe"}, "DEBUG must be 1 or 0"),
        ({"PORT": "eighty"}, "PORT must be a number"),
        ({"PUBLISH_REAP_AFTER": "5"}, "PUBLISH_REAP_AFTER must be longer"),
    ],
)
def test_production_refuses_to_start(changes, sentence, tmp_path):
    result = load({**GOOD, **changes}, tmp_path)

    assert result.returncode != 0
    assert sentence in result.stderr


def test_an_embedded_installation_makes_its_secrets_once(tmp_path):
    code = (
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'socialhub.settings';"
        "from django.conf import settings; print(settings.SECRET_KEY)"
    )

    first, second = (run(["-c", code], {}, tmp_path).stdout for _ in range(2))

    assert first == second
    assert len(first.strip()) > 40
    assert (tmp_path / "var" / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_a_secret_may_come_from_a_file(tmp_path, monkeypatch):
    (tmp_path / "key").write_text("from-a-file\n")
    monkeypatch.setenv("HUB_TEST_FILE", str(tmp_path / "key"))

    assert env.text("HUB_TEST") == "from-a-file"


def test_a_secret_from_two_places_is_refused(tmp_path, monkeypatch):
    (tmp_path / "key").write_text("one")
    monkeypatch.setenv("HUB_TEST_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("HUB_TEST", "two")

    with pytest.raises(ImproperlyConfigured, match="not both"):
        env.text("HUB_TEST")


def test_a_secret_file_that_cannot_be_read_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("HUB_TEST_FILE", str(tmp_path / "missing"))

    with pytest.raises(ImproperlyConfigured, match="HUB_TEST_FILE cannot be read"):
        env.text("HUB_TEST")


@pytest.mark.parametrize(
    "environment", [GOOD, {"DATABASE_URL": GOOD["DATABASE_URL"]}], ids=["complete", "only a url"]
)
def test_demo_refuses_a_postgresql_database(environment, tmp_path):
    result = run(["manage.py", "demo"], environment, tmp_path)

    assert result.returncode == 2
    assert "Traceback" not in result.stderr


def test_demo_data_refuses_a_postgresql_database(tmp_path):
    result = run(["manage.py", "seed_demo"], GOOD, tmp_path)

    assert result.returncode == 2
    assert "refuses a PostgreSQL database" in result.stderr


@pytest.mark.parametrize("name", ["PORT", "SANDBOX_PORT", "ODOO_PORT"])
def test_demo_names_a_port_that_is_in_use(name, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        result = run(["manage.py", "demo"], {name: str(port)}, tmp_path)

    assert result.returncode == 2
    assert f"Port {port} is in use" in result.stderr
    assert f"{name}={port + 10}" in result.stderr
    assert not (tmp_path / "var" / "socialhub.sqlite3").exists()


def test_secrets_prints_values_that_production_takes(tmp_path):
    made = run(["manage.py", "secrets"], {}, tmp_path)

    fresh = dict(line.split("=", 1) for line in made.stdout.splitlines())
    assert load({**GOOD, **fresh}, tmp_path).returncode == 0
