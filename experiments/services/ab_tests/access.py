"""Who may touch a test, and taking its row for a change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from experiments.models import ABTest
from socialhub.models import Account
from socialhub.models.accounts import granted_account_ids
from socialhub.services.errors import Conflict, Forbidden


def require_accounts(user: Any, test: ABTest) -> None:
    """Raise Forbidden when the test also runs on accounts this user may not use."""
    granted = None if user is None else granted_account_ids(user)
    # Not `test.accounts`: the test may come with only those the user sees.
    everywhere = Account.objects.filter(ab_tests=test.pk)
    if granted is not None and everywhere.exclude(pk__in=granted).exists():
        raise Forbidden("other_accounts", _("This test also runs on accounts you may not use."))


def visible_accounts(user: Any, accounts: Iterable[Account]) -> set[int]:
    """Ids of those of the accounts that this user may use; None is the machine itself."""
    ids = {account.pk for account in accounts}
    if user is None:
        return ids
    seen = Account.objects.visible_to(user).filter(pk__in=ids)
    return set(seen.values_list("pk", flat=True))


def locked(test: ABTest, *states: str) -> ABTest:
    """The row, locked until the transaction ends. Conflict unless it is in one of the states."""
    row = ABTest.objects.select_for_update().get(pk=test.pk)
    if row.state not in states:
        raise wrong_state(row)
    return row


def wrong_state(test: ABTest) -> Conflict:
    return Conflict(
        "wrong_state",
        _("This test is %(state)s, so this cannot be done.") % {"state": test.get_state_display()},
    )
