"""One measurement on a new database: `python -m bench.crm.child JSON FD`.

The answer is written as JSON to the file descriptor FD.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import urllib.request
from datetime import datetime, timedelta
from typing import Any

BOT = {"database": "odoo", "login": "socialhub@example.com"}
KEY = "standin-key"
# Leads that wait at once and still go one by one.
FEW = 50


def main() -> None:
    what = json.loads(sys.argv[1])
    os.environ["DJANGO_SETTINGS_MODULE"] = "socialhub.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    found = {"catalogue": catalogue, "leads": leads, "memory": memory}[what.pop("what")](**what)
    with os.fdopen(int(sys.argv[2]), "w") as answer:
        json.dump(found, answer)


# -- measurements --------------------------------------------------------------------


def catalogue(url: str) -> dict[str, Any]:
    """Requests of a first reading and of readings that find nothing new."""
    connect(url)
    found: dict[str, Any] = {"first": asked(url, "products")}
    asked(url, "services")
    for when in ("at once", "an hour later", "two hours later"):
        if when != "at once":
            an_hour_passes()
        found[when] = {kind: asked(url, kind) for kind in ("products", "services")}
    return found


def memory(url: str) -> dict[str, Any]:
    """The most memory this process ever had, in 10⁶ bytes, after one first reading."""
    from crm.models import Product

    connect(url)
    asked(url, "products")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"peak": peak * 1024 / 1e6, "read": Product.objects.count()}


def leads(url: str, count: int, way: str) -> dict[str, Any]:
    """Calls for leads that were queued a few at a time, or all at once."""
    connect(url)
    step = FEW if way == "one by one" else count
    calls = 0
    for start in range(0, count, step):
        queue(range(start, start + step))
        calls += asked(url, "export")
    return {"calls": calls, "wrong": wrong(url)}


def wrong(url: str) -> int:
    """Leads that are not in Odoo exactly once under their own name there."""
    from crm.models import Lead

    there = call(f"{url}/control/records/crm.lead")
    names = sorted(name for row in there for name in row["external_ids"])
    ours = sorted(f"socialhub.{lead.external_name}" for lead in Lead.objects.all())
    extra = len(there) - len(set(names))
    return len(set(ours) ^ set(names)) + extra


# -- helpers -------------------------------------------------------------------------


def connect(url: str) -> None:
    """A connection as a finished test leaves it: tested, with what the client learned."""
    from crm.models import ConnectionState, OdooConnection, OdooCredential
    from crm.odoo import Target, open_client

    client = open_client(Target(url, BOT["database"], BOT["login"], KEY))
    client.connect()
    row = OdooConnection.objects.create(
        url=url,
        version=client.version.text,
        transport=client.transport,
        client_state=client.state(),
        state=ConnectionState.READY,
        **BOT,
    )
    OdooCredential.objects.create(connection=row, key=KEY)


def asked(url: str, kind: str) -> int:
    """Requests in the server's own log of one run, which has to end well."""
    from crm.services.odoo import parts

    call(f"{url}/control/log", "DELETE")
    found = parts.run_now(kind)
    if found["state"] != "done":
        raise RuntimeError(f"the run of {kind} ended as {found}")
    return len(call(f"{url}/control/log?after=0"))


def an_hour_passes() -> None:
    """As if the readings so far had begun an hour earlier by our clock."""
    from crm.models import OdooCursor

    for cursor in OdooCursor.objects.filter(details__has_key="pending_at"):
        began = datetime.fromisoformat(cursor.details["pending_at"]) - timedelta(hours=1)
        cursor.details["pending_at"] = began.isoformat()
        cursor.save(update_fields=["details"])


def queue(numbers: range) -> None:
    from django.utils import timezone

    from crm.models import Lead, LeadState

    now = timezone.now()
    Lead.objects.bulk_create(
        Lead(
            name=f"Inquiry {number}",
            contact_name=f"Person {number}",
            email=f"person{number}@example.org",
            email_key=f"person{number}@example.org",
            message="How much is it, and when can you deliver?",
            source="api",
            state=LeadState.QUEUED,
            queued_at=now,
            created_at=now,
        )
        for number in numbers
    )


def call(url: str, method: str = "GET") -> Any:
    with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=120) as answer:
        return json.loads(answer.read())


if __name__ == "__main__":
    main()
