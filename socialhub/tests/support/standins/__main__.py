"""python -m socialhub.tests.support.standins NETWORK [--port P]"""

from __future__ import annotations

import argparse
from importlib import import_module

from socialhub.tests.support.standin.server import serve


def main() -> None:
    parser = argparse.ArgumentParser(description="A stand-in for a network.")
    parser.add_argument("network")
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    options = parser.parse_args()
    module = import_module(f"socialhub.tests.support.standins.{options.network}")
    server = serve(module.APP, options.port)
    print(f"listening on {server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
