"""Callers, and tests at every point of their life."""

from __future__ import annotations

import html
import re
from typing import Any

from django.test import Client

from experiments.models import ABTest
from socialhub.models import AccountGrant
from socialhub.tests.factories import UserFactory

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
