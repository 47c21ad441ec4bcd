"""Callers of the pages, and what the editor sends."""

from __future__ import annotations

import html
import re
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from socialhub.models import Account, AccountGrant, Publication, PublicationStatus
from socialhub.tests.factories import UserFactory
from threads.models import ThreadSeries

LIST = "/admin/threads/threadseries/"
ADD = f"{LIST}add/"


def logged_in(role: str = "Marketer", *grants: Account) -> Any:
    """A client; `client.user` is the person."""
    user = UserFactory(role=role)
    for account in grants:
        AccountGrant.objects.create(user=user, account=account)
    client: Any = Client()
    client.force_login(user)
    client.user = user
    return client


def page_of(row: ThreadSeries, part: str = "change") -> str:
    return f"{LIST}{row.pk}/{part}/"


def words(page: str) -> str:
    """What a person reads."""
    bare = re.sub(r"<(script|style|template)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", bare)).split())


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def typed(*texts: str, accounts: Any = (), **fields: Any) -> dict[str, Any]:
    """What the editor sends for parts with these texts, in this order."""
    sent: dict[str, Any] = {
        "title": "Chairs",
        "topic": "",
        "language": "en",
        "campaign": "",
        "numbering": "slash",
        "closing": "",
        "pace_seconds": "5",
        "accounts": [account.pk for account in accounts],
        "when": "",
        "part": [f"n{n}" for n in range(len(texts))],
    }
    for n, text in enumerate(texts):
        sent[f"part-n{n}-text"] = text
    return {**sent, **fields}


def of(row: ThreadSeries, **fields: Any) -> dict[str, Any]:
    """What the editor of a stored series sends when nothing was changed."""
    parts = list(row.parts.all())
    ids = {f"part-n{n}-id": part.pk for n, part in enumerate(parts)}
    own = {
        "title": row.title,
        "closing": row.closing,
        "numbering": row.numbering,
        "pace_seconds": row.pace_seconds,
        "version": row.version,
    }
    texts = [part.text for part in parts]
    return typed(*texts, accounts=row.accounts.all(), **{**own, **ids, **fields})


def texts(row: ThreadSeries) -> list[str]:
    return list(row.parts.order_by("position").values_list("text", flat=True))


def out(publication: Publication, **fields: Any) -> None:
    """The engine published it."""
    Publication.objects.filter(pk=publication.pk).update(
        status=PublicationStatus.PUBLISHED,
        remote_id=f"remote-{publication.pk}",
        published_at=publication.due_at,
        **fields,
    )


def failed(publication: Publication) -> None:
    """The network refused it."""
    Publication.objects.filter(pk=publication.pk).update(
        status=PublicationStatus.FAILED, error_code="permission"
    )


def queries(client: Any, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as caught:
        assert client.get(path).status_code == 200
    return len(caught)
