"""Rings, settles and reaps through the broker every so many seconds, as beat does."""

from __future__ import annotations

import sys
import time

import django


def main() -> None:
    django.setup()
    from socialhub import tasks

    every = float(sys.argv[1])
    while True:
        for task in (tasks.publish_due, tasks.settle, tasks.reap):
            task.apply_async(expires=every * 4)
        time.sleep(every)


if __name__ == "__main__":
    main()
