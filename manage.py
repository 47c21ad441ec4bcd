#!/usr/bin/env python
"""Django's command line."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "socialhub.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as exc:
        # A setting that is missing or wrong: one sentence helps more than a trace.
        sys.exit(_refusal(str(exc)))


def _refusal(reason: str) -> int:
    print(f"manage.py: {reason}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    main()
