"""create_token and rotate_keys."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from knox.crypto import hash_token

from socialhub.crypto import CannotDecrypt
from socialhub.models import ApiToken, Credential, NotificationChannel, WebhookEndpoint
from socialhub.tests.factories import AccountFactory, UserFactory

pytestmark = pytest.mark.django_db


def run(*args, **options):
    out = StringIO()
    call_command(*args, stdout=out, **options)
    return out.getvalue().strip()


def test_a_token_is_printed_once_and_stored_as_a_hash():
    user = UserFactory(username="ana")

    token = run("create_token", "ana", "--write", "--days", "30", "--name", "CI")

    row = ApiToken.objects.get()
    assert (row.user, row.can_write, row.name) == (user, True, "CI")
    assert row.digest == hash_token(token)
    assert abs(row.expiry - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)
    assert token not in str(row.__dict__)


def test_a_token_reads_only_and_does_not_end_by_default():
    UserFactory(username="ana")
    run("create_token", "ana")

    row = ApiToken.objects.get()
    assert (row.can_write, row.expiry) == (False, None)


@pytest.mark.parametrize("args", [("nobody",), ("gone",), ("ana", "--days", "0")])
def test_no_token_for_people_who_are_not_there(args):
    UserFactory(username="ana")
    UserFactory(username="gone", is_active=False)

    with pytest.raises(CommandError):
        run("create_token", *args)
    assert not ApiToken.objects.exists()


def stored():
    with connection.cursor() as cursor:
        cursor.execute("SELECT secrets FROM socialhub_credential")
        return cursor.fetchone()[0]


def test_every_secret_is_encrypted_with_the_new_key(settings):
    account = AccountFactory(secrets={"token": "t"})
    NotificationChannel.objects.create(user=UserFactory(), name="n", url="json://x")
    WebhookEndpoint.objects.create(url="https://a.example/", secret="whsec_YQ==")
    old, new = settings.FIELD_ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    version = Credential.objects.get().version

    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    said = run("rotate_keys")
    settings.FIELD_ENCRYPTION_KEYS = [new]

    assert Credential.objects.get(account=account).secrets == {"token": "t"}
    assert Credential.objects.get().version == version
    assert NotificationChannel.objects.get().url == "json://x"
    assert WebhookEndpoint.objects.get().secret == "whsec_YQ=="
    assert "Credential.secrets: 1" in said


def test_a_secret_no_key_opens_is_named_and_left_alone(settings):
    account = AccountFactory()
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    AccountFactory()
    before = stored()

    with pytest.raises(CommandError, match=r"No key opens 1 secrets.*Credential"):
        run("rotate_keys")

    assert stored() == before
    with pytest.raises(CannotDecrypt):
        Credential.objects.get(account=account)
