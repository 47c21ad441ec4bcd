"""python -m socialhub.tests.support.mastodon_standin --port P [--ignore-idempotency-key]"""

from __future__ import annotations

import argparse

from socialhub.tests.support.mastodon_standin.server import serve


def main() -> None:
    parser = argparse.ArgumentParser(description="A stand-in for a Mastodon server.")
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--ignore-idempotency-key", action="store_true")
    options = parser.parse_args()
    server = serve(options.port, idempotency=not options.ignore_idempotency_key)
    print(f"listening on {server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
