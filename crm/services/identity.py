"""Who somebody is: by e-mail, by phone, by the name on a network; and the lead they already are."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.db import connection
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from analytics import sql
from crm.models import Lead, Outcome
from socialhub.models import Interaction

LONGEST_EMAIL, LONGEST_PHONE, LONGEST_PERSON = 254, 30, 400
# Shorter ones are extensions and typing errors.
FEWEST_DIGITS = 6
# Bluesky: the author of at://did:plc:…/app.bsky.feed.post/… keeps the DID when the handle changes.
OWNER = re.compile(r"^at://(did:[^/]+)/")


def email_key(text: str) -> str:
    """The address in lower case; "" when it is none."""
    key = text.strip().lower()
    name, _at, host = key.rpartition("@")
    return key if name and host and len(key) <= LONGEST_EMAIL else ""


def phone_key(text: str) -> str:
    """The digits, without the 00 that some write for +; "" when there are too few."""
    digits = "".join(str(int(one)) for one in text if one.isdecimal())
    digits = digits.removeprefix("00")
    return digits[:LONGEST_PHONE] if len(digits) >= FEWEST_DIGITS else ""


def person_key(interaction: Interaction) -> str:
    """Network and person ("bluesky:did:plc:…", "mastodon:ana@social.example"); "" = unknown."""
    account = interaction.account
    data = interaction.remote_data if isinstance(interaction.remote_data, dict) else {}
    owner = OWNER.match(interaction.remote_id)
    person = str(data.get("did") or (owner and owner[1]) or "")
    if not person:
        name = str(data.get("acct") or interaction.author_handle).strip().lstrip("@").lower()
        # A name without a server belongs to the account's own one.
        host = urlsplit(account.server_url).netloc.lower()
        person = name if not name or "@" in name or not host else f"{name}@{host}"
    return f"{account.platform}:{person}"[:LONGEST_PERSON] if person else ""


def open_leads() -> QuerySet[Lead]:
    """Leads a new word of the same person belongs to: not decided, erased or gone."""
    return Lead.objects.filter(
        outcome=Outcome.OPEN, erased_at__isnull=True, gone_since__isnull=True
    )


def find(email: str, phone: str, person: str, *, lock: bool = False) -> Lead | None:
    """The open lead with one of these keys; a person on a network is surer than an address, an
    address surer than a phone, and the newest wins. `lock` holds its row until the commit."""
    given = [("person_key", person), ("email_key", email), ("phone_key", phone)]
    wanted = [Q(**{name: key}) for name, key in given if key]
    if not wanted:
        return None
    ranks = [When(same, then=Value(rank)) for rank, same in enumerate(wanted)]
    either = wanted[0]
    for same in wanted[1:]:
        either |= same
    rows = open_leads().filter(either)
    if lock:
        rows = rows.select_for_update()
    rank = Case(*ranks, default=Value(len(ranks)), output_field=IntegerField())
    return rows.order_by(rank, "-created_at", "-pk").first()


def hold(keys: Iterable[str]) -> None:
    """Until the commit nobody else decides about these keys. Call it inside a transaction.

    SQLite has one writer anyway. The same order everywhere, so that nobody waits in a circle.
    """
    if not sql.is_postgres():
        return
    numbers = {hashlib.sha256(f"crm:{key}".encode()).digest()[:8] for key in keys if key}
    with connection.cursor() as cursor:
        for number in sorted(int.from_bytes(one, signed=True) for one in numbers):
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
