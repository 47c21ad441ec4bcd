"""`python -m crm.standin`: run the stand-in Odoo until SIGTERM."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from crm.standin.app import Standin
from crm.standin.schema import VERSIONS
from crm.standin.serving import Server


def parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser("crm.standin", description=__doc__)
    options.add_argument("--port", type=int, default=8069, help="0 takes a free one")
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--data", type=Path, required=True, help="folder of the storage")
    options.add_argument("--version", type=int, choices=VERSIONS, default=0, help="of Odoo")
    options.add_argument("--database", default="odoo", help="the one database it has")
    options.add_argument("--seed-demo", action="store_true", help="products and salespeople")
    options.add_argument("--products", type=int, default=0, help="so many invented products")
    return options


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    app = Standin(
        options.data,
        version=options.version,
        database=options.database,
        demo=options.seed_demo,
        products=options.products,
    )
    server = Server((options.host, options.port), app)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"Stand-in Odoo on http://{options.host}:{server.server_port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        app.engine.store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
