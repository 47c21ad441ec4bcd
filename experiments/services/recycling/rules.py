"""Rules: written by people, carried out by the daily job."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from experiments.models import RecyclingRule
from socialhub import policies
from socialhub.models import Account, AccountStatus
from socialhub.models.accounts import granted_account_ids
from socialhub.services import history
from socialhub.services.errors import Forbidden, Invalid

FIELDS = (
    "name",
    "is_active",
    "campaign",
    "language",
    "only_evergreen",
    "min_age_days",
    "cooldown_days",
    "cap",
    "share",
    "wording",
    "needs_approval",
    "expires_on",
    "season_from",
    "season_to",
)


@transaction.atomic
def create_rule(user: Any, *, accounts: Sequence[Account], **fields: Any) -> RecyclingRule:
    """A new rule for these accounts. Raises Forbidden, Invalid."""
    policies.require(user, "change_recycling")
    rule = RecyclingRule(author=user)
    return _saved(rule, user, accounts, fields, "created")


@transaction.atomic
def edit_rule(
    rule: RecyclingRule, user: Any, *, accounts: Sequence[Account] | None = None, **fields: Any
) -> RecyclingRule:
    """Change a rule; what is planned already stays."""
    policies.require(user, "change_recycling")
    rule = RecyclingRule.objects.select_for_update().get(pk=rule.pk)
    _require_accounts(rule, user)
    return _saved(rule, user, accounts, fields, "edited")


@transaction.atomic
def delete_rule(rule: RecyclingRule, user: Any) -> None:
    """What it repeated stays, and what is planned still goes out."""
    policies.require(user, "change_recycling")
    _require_accounts(rule, user)
    history.sign(rule, user, "deleted")
    rule.delete()


def invalid(exc: ValidationError) -> Invalid:
    """What a model refuses, by the names of its fields."""
    fields = {
        "season_from" if name == "__all__" else name: list(messages)
        for name, messages in exc.message_dict.items()
    }
    return Invalid("invalid", str(next(iter(fields.values()))[0]), fields)


def _saved(
    rule: RecyclingRule,
    user: Any,
    accounts: Sequence[Account] | None,
    fields: dict[str, Any],
    reason: str,
) -> RecyclingRule:
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise TypeError(f"unknown fields: {sorted(unknown)}")
    for name, value in fields.items():
        setattr(rule, name, value)
    if accounts is not None:
        _check_accounts(user, accounts)
    try:
        rule.full_clean()
    except ValidationError as exc:
        raise invalid(exc) from None
    history.sign(rule, user, reason)
    rule.save()
    if accounts is not None:
        rule.accounts.set(accounts)
    return rule


def _check_accounts(user: Any, accounts: Sequence[Account]) -> None:
    message = ""
    if not accounts:
        message = _("Choose at least one account.")
    elif user is not None:
        ids = [account.pk for account in accounts]
        if Account.objects.visible_to(user).filter(pk__in=ids).count() < len(set(ids)):
            message = _("One of the accounts does not exist.")
    gone = [account for account in accounts if account.status == AccountStatus.DISABLED]
    if gone and not message:
        message = _("%(account)s is disconnected. Connect it again first.") % {"account": gone[0]}
    if message:
        raise Invalid("accounts", message, {"accounts": [message]})


def _require_accounts(rule: RecyclingRule, user: Any) -> None:
    """Who may not use all of its accounts may not change it."""
    granted = None if user is None else granted_account_ids(user)
    if granted is not None and rule.accounts.exclude(pk__in=granted).exists():
        raise Forbidden("other_accounts", _("This rule is also for accounts you may not use."))
