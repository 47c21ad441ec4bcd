"""Every list of the desk: it opens, and costs the same number of queries for 1 row and for 3."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from socialhub.models import (
    AccountGrant,
    AICall,
    ApiToken,
    JobRun,
    LinkDestination,
    MediaAsset,
    Notice,
    NotificationChannel,
    PayloadGeneration,
    PostingSlot,
    PublicationAttempt,
    TrackedLink,
    WebhookDelivery,
    WebhookEndpoint,
)
from socialhub.tests.factories import (
    AccountFactory,
    CampaignFactory,
    InteractionFactory,
    PostFactory,
    PublicationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def _post(n: int) -> None:
    post = PostFactory(campaign=CampaignFactory())
    PublicationFactory(post=post, account=AccountFactory(), status="draft")
    PublicationFactory(post=post, account=AccountFactory(), status="draft")


def _publication(n: int) -> None:
    parent = PublicationFactory()
    PublicationFactory(parent=parent, post=PostFactory(campaign=CampaignFactory(), approved=True))


def _attempt(n: int) -> None:
    publication = PublicationFactory()
    uuid = "00000000-0000-0000-0000-{:012d}"
    generation = PayloadGeneration.objects.create(
        publication=publication,
        number=1,
        content_hash="x",
        client_key=uuid.format(publication.pk),
        text="x",
        body={},
        frozen_at=timezone.now(),
    )
    PublicationAttempt.objects.create(
        publication=publication,
        generation=generation,
        number=1,
        claim_token=uuid.format(n),
        started_at=timezone.now(),
    )


def _link(n: int) -> None:
    link = TrackedLink.objects.create(slug=f"link{n}", campaign=CampaignFactory())
    LinkDestination.objects.create(link=link, url="https://example.org/")
    link.visits.create(at=timezone.now(), destination_key="default")


def _notice(n: int) -> None:
    Notice.objects.create(
        kind="failed",
        incident=f"publication:{n}:failed:1",
        publication=PublicationFactory(),
        created_at=timezone.now(),
        acknowledged_at=timezone.now(),
        acknowledged_by=UserFactory(),
    )


def _user(n: int) -> None:
    user = UserFactory(role="Marketer")
    AccountGrant.objects.create(user=user, account=AccountFactory())


def _delivery(n: int) -> None:
    endpoint = WebhookEndpoint.objects.create(url=f"https://example.org/{n}", secret="whsec_x")
    WebhookDelivery.objects.create(
        endpoint=endpoint, event="e", payload={}, next_try_at=timezone.now()
    )


def _task(n: int) -> None:
    schedule = IntervalSchedule.objects.create(every=n + 100, period="seconds")
    PeriodicTask.objects.create(name=f"task {n}", task="x", interval=schedule)


MAKERS = {
    "socialhub_post": _post,
    "socialhub_publication": _publication,
    "socialhub_publicationattempt": _attempt,
    "socialhub_account": lambda n: AccountFactory(),
    "socialhub_postingslot": lambda n: PostingSlot.objects.create(
        account=AccountFactory(), weekday=0, time=time(9)
    ),
    "socialhub_campaign": lambda n: CampaignFactory(),
    "socialhub_mediaasset": lambda n: MediaAsset.objects.create(
        file=f"media/{n}.png", sha256="x", mime="image/png", size=1, uploaded_by=UserFactory()
    ),
    "socialhub_interaction": lambda n: InteractionFactory(assignee=UserFactory()),
    "socialhub_trackedlink": _link,
    "socialhub_jobrun": lambda n: JobRun.objects.create(kind="doctor", owner=UserFactory()),
    "socialhub_aicall": lambda n: AICall.objects.create(
        at=timezone.now(), user=UserFactory(), purpose="vary", reserved_tokens=1
    ),
    "socialhub_notice": _notice,
    "socialhub_notificationchannel": lambda n: NotificationChannel.objects.create(
        user=UserFactory(), name="t", url="json://x"
    ),
    "socialhub_apitoken": lambda n: ApiToken.objects.create(UserFactory()),
    "socialhub_webhookendpoint": lambda n: WebhookEndpoint.objects.create(
        url="https://example.org", secret="whsec_x"
    ),
    "socialhub_webhookdelivery": _delivery,
    "auth_user": _user,
    "auth_group": lambda n: Group.objects.create(name=f"group {n}"),
    "django_celery_beat_periodictask": _task,
    "django_celery_beat_intervalschedule": lambda n: IntervalSchedule.objects.create(
        every=n + 50, period="days"
    ),
    "django_celery_beat_crontabschedule": lambda n: CrontabSchedule.objects.create(minute=str(n)),
    "django_celery_beat_solarschedule": lambda n: SolarSchedule.objects.create(
        event="sunset", latitude=n, longitude=1
    ),
    "django_celery_beat_clockedschedule": lambda n: ClockedSchedule.objects.create(
        clocked_time=timezone.now() + timedelta(days=n)
    ),
}


@pytest.mark.parametrize("name", MAKERS)
def test_a_list_costs_the_same_for_three_rows_as_for_one(person, name):
    _user, client = person()
    url = reverse(f"admin:{name}_changelist")
    MAKERS[name](0)

    client.get(url)  # caches of the process, filled once
    with CaptureQueriesContext(
        connection,
    ) as one:
        first = client.get(url)
    for n in (1, 2):
        MAKERS[name](n)
    with CaptureQueriesContext(connection) as three:
        second = client.get(url)

    assert (first.status_code, second.status_code) == (200, 200)
    assert second.content.count(b'class="data-row') > first.content.count(b'class="data-row')
    assert len(three) == len(one), [q["sql"] for q in three]


def test_nowhere_are_rows_deleted_in_bulk(person, rf):
    user, _client = person()
    request = rf.get("/")
    request.user = user

    offering = [
        str(model_admin)
        for model_admin in admin.site._registry.values()
        if "delete_selected" in model_admin.get_actions(request)
    ]

    assert offering == []


def test_every_admin_wears_the_shell():
    from unfold.admin import ModelAdmin

    plain = [str(a) for a in admin.site._registry.values() if not isinstance(a, ModelAdmin)]

    assert plain == []
