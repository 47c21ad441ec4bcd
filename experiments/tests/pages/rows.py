"""Callers, and tests at every point of their life."""

from __future__ import annotations

import html
import math
import re
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from analytics.services import tracking, writing
from experiments.models import ABTest, ABTestLook
from socialhub.models import Account, AccountGrant
from socialhub.platforms.base import Metrics
from socialhub.tests.factories import PublicationFactory, UserFactory

LIST = "/admin/experiments/abtest/"
ADD = f"{LIST}add/"


def logged_in(role: str = "Marketer", *grants: Any) -> Any:
    user = UserFactory(role=role)
    for account in grants:
        AccountGrant.objects.create(user=user, account=account)
    client: Any = Client()
    client.force_login(user)
    client.user = user
    return client


def page_of(test: ABTest, part: str = "change") -> str:
    return f"{LIST}{test.pk}/{part}/"


def words(page: str) -> str:
    """What a person reads."""
    bare = re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", bare)).split())


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def typed(*variants: dict[str, Any], **plan: Any) -> dict[str, Any]:
    """What the form sends."""
    sent: dict[str, Any] = {
        "question": "Which opening is better?",
        "design": "paired_slots",
        "split_by": "",
        "metric": "engagements",
        "language": "en",
        "campaign": "",
        "effect": "30",
        "confidence": "0.95",
        "power": "0.8",
        "washout_hours": "48",
        "planned_size": "4",
        "verb": "save",
        "variant": [str(at) for at in range(len(variants))],
    }
    for at, one in enumerate(variants):
        for name, value in {"name": "", "text": "", "link": "", "weight": "1", **one}.items():
            sent[f"variant-{at}-{name}"] = value
    return {**sent, **plan}


# -- what was measured ---------------------------------------------------------------------------


def pair(a: str, b: str, difference: float, low: Any, high: Any, p: float) -> dict[str, Any]:
    """A comparison as the evaluation writes it."""
    return {
        "a": a,
        "b": b,
        "difference": difference,
        "low": low,
        "high": high,
        "p": p,
        "log10_p": math.log10(p),
        "p_holm": p,
    }


def looked(test: ABTest, counts: list[Any], number: int = 1, **fields: Any) -> ABTestLook:
    """One look at a running test, hours after its start."""
    given = {
        "at": timezone.now() + timedelta(hours=number - 400),
        "state": "running",
        "reason": "between_looks",
        "counts": counts,
        "phi": 1.0,
    }
    return ABTestLook.objects.create(test=test, number=number, **{**given, **fields})


def decided(test: ABTest, outcome: str, reason: str, pairs: Any = (), **fields: Any) -> ABTest:
    """The end of a running test, as the evaluation freezes it."""
    last = test.looks.last()
    evidence = {"pairs": list(pairs), "counts": last.counts if last else [], "reason": reason}
    ABTest.objects.filter(pk=test.pk).update(
        state="decided",
        outcome=outcome,
        reason=reason,
        decided_at=timezone.now(),
        evidence=evidence,
        **fields,
    )
    test.refresh_from_db()
    return test


def history(account: Account, posts: int = 40, reach: int = 2_000) -> None:
    """Posts of the last weeks with their numbers, read when they were a day and a week old."""
    now = timezone.now()
    out = {
        PublicationFactory(
            account=account, published=True, published_at=now - timedelta(days=9 + n)
        ): 40 + 13 * (n % 5)
        for n in range(posts)
    }
    tracking.ensure_stats([publication.pk for publication in out])
    for age, share in ((1, 0.8), (7, 1.0)):
        for publication, likes in out.items():
            seen = Metrics(likes=int(likes * share), impressions=int(reach * share))
            at = publication.published_at + timedelta(days=age)
            writing.write(account, {publication.pk: seen}, at)
