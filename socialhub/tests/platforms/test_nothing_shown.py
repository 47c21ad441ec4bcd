"""No secret of an account reaches a row, a log or a page, whatever its network answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from socialhub.models import JobRun, Publication, PublicationStatus
from socialhub.platforms.registry import ADAPTERS
from socialhub.services import accounts, publishing
from socialhub.tests.factories import (
    AccountFactory,
    PostFactory,
    PublicationFactory,
    UserFactory,
)
from socialhub.tests.platforms.network_contract import Seat, picture_at, take_seat
from socialhub.tests.platforms.test_contract import stand_in
from socialhub.tests.support import grumpy as moody

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(scope="module")
def grumpy() -> Iterator[moody.Grumpy]:
    with moody.running() as server:
        yield server


@pytest.fixture(params=sorted(ADAPTERS))
def seat(request: pytest.FixtureRequest) -> Seat:
    """Connected to a network in a good mood."""
    adapter = ADAPTERS[request.param]
    return take_seat(adapter, stand_in(request, adapter.slug), picture_at("http://127.0.0.1:1/"))


@pytest.mark.parametrize("status", [401, 403, 404, 429, 422, 500])
def test_a_failed_publication_shows_no_secret(
    seat: Seat, grumpy: moody.Grumpy, settings: Any, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level("INFO")
    adapter = seat.adapter
    # A network may repeat what it was sent.
    said = f"not today, {' '.join(sorted(seat.secrets))}"
    names = ("error", "detail", "message", "title", "description", "error_description")
    grumpy.says(status, dict.fromkeys(names, said))
    if adapter.server_setting:
        setattr(settings, adapter.server_setting, grumpy.base_url)
    account = AccountFactory(
        platform=adapter.slug,
        server_url=grumpy.base_url,
        handle=seat.here.handle,
        remote_id=seat.here.remote_id,
        options=dict(seat.here.options),
        secrets=dict(seat.here.secrets),
    )
    publication = PublicationFactory(post=PostFactory(text="Hello", approved=True), account=account)

    publishing.publish(publication.pk)
    accounts.doctor(account)

    publication.refresh_from_db()
    assert publication.status != PublicationStatus.PUBLISHED
    assert publication.error_code or publication.attempts.exists()
    shown = everything_shown(publication) + caplog.text
    for secret in seat.secrets:
        assert secret not in shown


def everything_shown(publication: Publication) -> str:
    """Rows and pages about a publication and its account."""
    client = Client()
    client.force_login(UserFactory(is_superuser=True))
    account = publication.account
    pages = [
        reverse("admin:socialhub_publication_change", args=[publication.pk]),
        reverse("admin:socialhub_account_change", args=[account.pk]),
    ]
    texts = []
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200
        texts.append(answer.content.decode())
    texts += [f"{attempt.error_detail}" for attempt in publication.attempts.all()]
    texts += [f"{event.detail}" for event in publication.events.all()]
    texts += [f"{job.result} {job.arguments}" for job in JobRun.objects.all()]
    return "\n".join([*texts, publication.error_detail])
