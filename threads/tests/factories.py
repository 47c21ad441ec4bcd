"""Series, made and approved through the services. Everything has a default."""

from __future__ import annotations

from typing import Any

from socialhub.models import Account, Publication
from socialhub.platforms.base import Receipt
from socialhub.services.publishing import outcomes
from socialhub.tests.factories import AccountFactory, UserFactory
from threads.models import ThreadSeries
from threads.services import series as services
from threads.services.series import PartData, access


def make_series(user: Any = None, *, texts: Any = ("One", "Two", "Three"), **fields: Any):
    """A draft of three parts on one sandbox account."""
    user = user or UserFactory(role="Administrator")
    if "accounts" not in fields:
        fields["accounts"] = [AccountFactory()]
    fields.setdefault("parts", [PartData(text=text) for text in texts])
    return services.create(user, **{"title": "Five facts about chairs", **fields})


def approved(user: Any = None, *, due_at: Any = None, **fields: Any) -> ThreadSeries:
    """Approved by somebody else; scheduled when it has a time."""
    row = make_series(user, **fields)
    return services.approve(row, UserFactory(role="Approver"), due_at)


def scheduled(user: Any = None, **fields: Any) -> ThreadSeries:
    """Due now."""
    return services.schedule(approved(user, **fields), UserFactory(role="Marketer"))


def chain(series: ThreadSeries, account: Account | None = None) -> list[Publication]:
    """The publications of the parts on an account, in order; of the only account by default."""
    chains = access.chains_of(series)
    if account is None:
        [found] = chains.values()
        return found
    return chains[account.pk]


def statuses(series: ThreadSeries, account: Account | None = None) -> list[str]:
    return [row.status for row in chain(series, account)]


def put_out(publication: Publication) -> Publication:
    """The network has it: as the engine records an acceptance."""
    receipt = Receipt(remote_id=f"remote-{publication.pk}")
    outcomes.record_acceptance(publication, None, receipt)
    publication.refresh_from_db()
    return publication
