"""`ai_check`: does the AI endpoint of the settings work with this key and model?"""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand

from socialhub.services.writing import checking


class Command(BaseCommand):
    help = "Test the AI endpoint: address, key, model, form of answers, streaming. Costs tokens."

    def handle(self, *args: Any, **options: Any) -> None:
        found = checking.check()
        self.stdout.write(json.dumps(found, indent=2, ensure_ascii=False))
        if not found["ok"]:
            sys.exit(1)
