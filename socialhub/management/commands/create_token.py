"""`create_token USER`: a token for a program. It is printed once and stored only as a hash."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from socialhub.models import ApiToken


class Command(BaseCommand):
    help = "Make an API token for a user and print it once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--write", action="store_true", help="it may change things")
        parser.add_argument("--days", type=int, help="it ends after so many days")
        parser.add_argument("--name", default="", help="what it is for")

    def handle(self, *args: Any, **options: Any) -> None:
        user = get_user_model().objects.filter(username=options["username"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user {options['username']!r}.")
        days = options["days"]
        if days is not None and days < 1:
            raise CommandError("--days must be at least 1.")
        _row, token = ApiToken.objects.create(
            user,
            expiry=timedelta(days=days) if days else None,
            name=options["name"][:80],
            can_write=options["write"],
        )
        self.stdout.write(token)
