"""Requests to the AI as rows: noted before they leave, counted against the month's limits."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from socialhub.models import AICall, Organisation
from socialhub.queries import ai_usage
from socialhub.writing.ai import AIError, Endpoint, Prices, Usage
from socialhub.writing.ai.endpoint import MILLION


def endpoint() -> Endpoint | None:
    """Where texts are written, None without a key."""
    if not settings.AI_API_KEY:
        return None
    return Endpoint(settings.AI_BASE_URL, settings.AI_MODEL, settings.AI_API_KEY)


def prices() -> Prices:
    """Prices per million tokens from the settings."""
    return Prices(settings.AI_PRICE_INPUT, settings.AI_PRICE_OUTPUT)


class Calls:
    """The ledger (see `socialhub.writing.ai.Ledger`) of one person's texts."""

    def __init__(self, user: Any, model: str) -> None:
        self.user, self.model = user, model

    def open(self, *, purpose: str, prompt: str, attempt: int, reserve: int) -> int:
        """Two workers at once: the second waits for the lock and sees the first one's row."""
        with transaction.atomic():
            Organisation.get()
            organisation = Organisation.objects.select_for_update().get(pk=1)
            if why := over_limit(organisation, reserve):
                raise AIError(why, may_have_worked=False)
            row = AICall.objects.create(
                at=timezone.now(),
                user=self.user,
                purpose=purpose,
                model=self.model[:120],
                prompt=prompt,
                attempt=attempt,
                reserved_tokens=reserve,
            )
        return row.pk

    def close(
        self,
        call: int,
        *,
        outcome: str,
        reason: str = "",
        usage: Usage | None = None,
        worked: bool = True,
        milliseconds: int = 0,
    ) -> None:
        told = usage or Usage()
        values: dict[str, Any] = {
            "outcome": outcome,
            "reason": reason[:60],
            "input_tokens": told.input_tokens,
            "output_tokens": told.output_tokens,
            "cost": prices().of(told.input_tokens, told.output_tokens),
            "milliseconds": milliseconds,
        }
        if not worked:
            values["reserved_tokens"] = 0
        AICall.objects.filter(pk=call).update(**values)


def over_limit(organisation: Organisation, reserve: int = 0) -> str:
    """Why a call of so many tokens may not be made this month; "" when it may."""
    tokens, cost = organisation.ai_monthly_tokens, organisation.ai_monthly_cost
    if tokens is None and cost is None:
        return ""
    spent = ai_usage.spent(organisation, ai_usage.month_of(organisation))
    if tokens is not None and spent.tokens + max(reserve, 1) > tokens:
        return "limit_reached"
    if cost is not None:
        known = prices()
        if known.input is None or known.output is None:
            # A limit nobody can check is not ignored.
            return "no_prices"
        dearest = max(known.input, known.output) / MILLION
        if spent.cost + (spent.unpriced_tokens + reserve) * dearest > cost:
            return "limit_reached"
    return ""
