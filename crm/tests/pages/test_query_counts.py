"""Pages ask the database as often for three rows as for one."""

from __future__ import annotations

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.models import LeadConflict, OdooSyncLog, OdooSyncRun, PriceFlag
from crm.tests.pages.rows import commented, logged_in, offline, won
from crm.tests.support import make_product, make_touch
from socialhub.tests.factories import InteractionFactory, PublicationFactory

pytestmark = pytest.mark.django_db

PANELS = ("funnel", "weeks", "posts", "campaigns", "products", "answers", "health")
LISTS = [
    "/admin/crm/",
    "/admin/crm/board/",
    "/admin/crm/lead/",
    "/admin/crm/product/",
    "/admin/crm/odoosyncrun/",
    "/admin/crm/odoosynclog/",
    "/admin/crm/odooconnection/{connection}/change/",
    "/admin/crm/odoosyncrun/{run}/change/",
    "/admin/crm/product/{product}/change/",
    "/admin/crm/publication/{publication}/",
    "/admin/crm/post/{post}/",
    *(f"/admin/crm/panel/{name}/" for name in PANELS),
]


def fill(connection, rows: int, **first) -> dict[str, int]:
    """`rows` of everything; all owed to one publication, which has its product."""
    product, publication = make_product(), PublicationFactory(published=True)
    product.posts.add(publication.post)
    run = OdooSyncRun.objects.create(
        connection=connection,
        kind="leads",
        direction="both",
        state="done",
        started_at=timezone.now(),
        finished_at=timezone.now(),
    )
    for number in range(rows):
        lead = won(connection, "10", 100 + run.pk * 10 + number)
        make_touch(lead, publication=publication, post=publication.post, account=lead.account)
        other = make_product()
        PriceFlag.objects.create(post=publication.post, product=other, currency="EUR")
        OdooSyncLog.objects.create(
            run=run,
            connection=connection,
            direction="in",
            object_type="lead",
            object_id=lead.pk,
            operation="update",
            outcome="ok",
            changes={"stage_name": ["New", "Won"]},
        )
        for more in (product, other):
            more.posts.add(PublicationFactory(published=True).post)
    return {
        "connection": connection.pk,
        "run": run.pk,
        "product": product.pk,
        "publication": publication.pk,
        "post": publication.post_id,
    }


def count(client, path: str) -> int:
    # What is remembered per process (content types, permissions) is asked once.
    client.get(path)
    with CaptureQueriesContext(database) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


@pytest.mark.parametrize("path", LISTS)
def test_as_many_queries_for_three_rows_as_for_one(path):
    connection, client = offline(), logged_in("Administrator")

    first = count(client, path.format(**fill(connection, 1)))
    more = count(client, path.format(**fill(connection, 3)))

    assert more == first


def test_a_long_story_asks_no_more():
    client = logged_in("Administrator")
    lead = commented()
    path = f"/admin/crm/lead/{lead.pk}/change/"
    before = count(client, path)

    for _number in range(3):
        comment = InteractionFactory()
        make_touch(
            lead,
            interaction=comment,
            publication=comment.publication,
            post=comment.publication.post,
            account=comment.account,
        )
    for field in ("email", "phone", "company"):
        LeadConflict.objects.create(lead=lead, field=field, ours="a", theirs="b")

    assert count(client, path) == before
