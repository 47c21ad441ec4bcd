"""Base of the commands that run one periodic job once, for cron, tests and curious people."""

from __future__ import annotations

import json
from abc import abstractmethod
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime


class PeriodicCommand(BaseCommand):
    """Runs `job(now)` and prints what it returns as one JSON object."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--now", help="pretend it is this time (ISO 8601 with offset)")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(json.dumps(self.job(_moment(options["now"])), default=str))

    @abstractmethod
    def job(self, now: datetime) -> dict[str, Any]:
        """The work; what it returns is printed."""


def _moment(given: str | None) -> datetime:
    if given is None:
        return timezone.now()
    try:
        found = parse_datetime(given)
    except ValueError:
        found = None
    if found is None or timezone.is_naive(found):
        raise CommandError("--now must be a time with offset, like 2026-11-30T09:00:00+01:00")
    return found
