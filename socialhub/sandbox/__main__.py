"""`python -m socialhub.sandbox`: run the pretend network until SIGTERM."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from socialhub.sandbox.app import Sandbox
from socialhub.sandbox.serving import Server


def parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser("socialhub.sandbox", description=__doc__)
    options.add_argument("--port", type=int, default=8090, help="0 takes a free one")
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--data", type=Path, required=True, help="folder of the storage")
    options.add_argument("--speed", type=float, default=1.0, help="60: a minute is like an hour")
    options.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    options.add_argument("--seed", type=int, default=0, help="another audience")
    options.add_argument("--no-audience", action="store_true", help="counters stay as set")
    return options


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    app = Sandbox(
        options.data,
        speed=None if options.no_audience else options.speed,
        seed=options.seed,
    )
    app.control.latency = options.latency
    server = Server((options.host, options.port), app)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    host, port = server.server_address[:2]
    print(f"Sandbox network on http://{host}:{port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        app.store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
