"""Demo series and templates, made through the product's own services.

For the series that is out, the clock of this process and of the sandbox network is set back, and
the publishing engine sends it. Nothing is written past the services.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from socialhub.models import Account, Publication
from socialhub.seeds import clock, network
from socialhub.services import publishing
from socialhub.services.writing import room
from socialhub.writing import DeterministicWriter, Source, SourceKind
from threads.models import ImageTemplate, ThreadSeries
from threads.seeding import pictures, texts
from threads.seeding.texts import DemoSeries
from threads.services import series as service
from threads.services.series import PartData

# From the approval to the first part.
_MARGIN = timedelta(minutes=1)


def seed(users: Mapping[str, User]) -> None:
    """Make what is missing, wholly or not at all. Calls the sandbox network."""
    found = Account.objects.filter(is_demo=True, platform="sandbox")
    accounts = {account.handle: account for account in found}
    if accounts and not ThreadSeries.objects.filter(is_demo=True).exists():
        with network.running() as server, transaction.atomic():
            for one in texts.SERIES:
                _series(one, users, accounts, server)
    if accounts and not ImageTemplate.objects.filter(is_demo=True).exists():
        with transaction.atomic():
            pictures.seed(users["marketer"])


def _series(
    one: DemoSeries, users: Mapping[str, User], accounts: Mapping[str, Account], server: str
) -> None:
    if one.stage != "out":
        _write(one, users, accounts)
        return
    with clock.at(timezone.now() + one.at, server) as travel:
        made = _write(one, users, accounts)
        while (publication := _waiting(made)) is not None:
            assert publication.not_before is not None  # scheduled, a constraint of Publication
            travel.go(publication.not_before)
            if (said := publishing.publish(publication.pk)) != "published":
                raise RuntimeError(f"a part of the demo's series did not go out: {said}")


def _write(
    one: DemoSeries, users: Mapping[str, User], accounts: Mapping[str, Account]
) -> ThreadSeries:
    chosen = [accounts[handle] for handle in one.accounts]
    made = service.create(
        users["marketer"],
        title=one.title,
        topic=one.topic,
        language="es",
        accounts=chosen,
        parts=[PartData(text) for text in one.parts or _split(chosen)],
        closing=one.closing,
        made_by=one.made_by,
        is_demo=True,
    )
    if one.stage == "draft":
        return made
    due = timezone.now() if one.stage == "out" else timezone.now() + one.at
    made = service.edit(made, users["marketer"], due_at=due + _MARGIN)
    made = service.submit(made, users["marketer"])
    if one.stage == "in_review":
        return made
    return service.approve(made, users["approver"])


def _split(accounts: list[Account]) -> tuple[str, ...]:
    limits = room(accounts)
    source = Source(SourceKind.TEXT, text=texts.LONG_TEXT, language="es")
    written = DeterministicWriter().series(
        source, language="es", parts=None, fits=limits.fits, fits_last=limits.fits_last
    )
    return written.parts


def _waiting(made: ThreadSeries) -> Publication | None:
    rows = Publication.objects.filter(post__thread_part__series=made, status="scheduled")
    return (
        rows.filter(not_before__isnull=False, parent=None).order_by("not_before").first()
        or rows.filter(parent__status="published").order_by("not_before", "pk").first()
    )
