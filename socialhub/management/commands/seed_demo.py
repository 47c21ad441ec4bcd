"""Fill an embedded installation with demo data; a second run changes nothing."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from socialhub.management.commands.demo import refuse_production
from socialhub.seeds import seed


class Command(BaseCommand):
    help = "Fill an embedded installation with demo data; a second run changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_production()
        seed()
