"""One template, many rows."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest
from django.apps import apps
from django.utils import timezone

from socialhub.models import JobRun, JobState, Lease, MediaAsset, Post
from socialhub.services.errors import Conflict, Invalid
from socialhub.tests.factories import AccountFactory, UserFactory
from threads.models import RenderedImage, RowState
from threads.services.pictures import batches, making, running
from threads.services.pictures.batches import Wanted
from threads.tasks import tend_pictures
from threads.tests.pictures.support import make_template, run

pytestmark = pytest.mark.django_db
TABLE = "Title;price;shop\nLámpara;19,99;Lugo\nMesa;1.200;Vigo\n"


@pytest.fixture
def user():
    return UserFactory(role="Marketer")


def states(batch):
    return list(batch.rows.values_list("state", flat=True))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_a_table_becomes_pictures_and_drafts(user, encoding):
    account = AccountFactory()
    wanted = Wanted(
        alt_text="{{ title }} a {{ price }}",
        post_text="{{ title }} en {{ shop }}: {{ price }}",
        accounts=(account,),
        language="es",
    )

    batch = batches.from_csv(user, make_template(user), TABLE.encode(encoding), wanted)
    assert (states(batch), Post.objects.count()) == ([RowState.WAITING] * 2, 0)
    job = run(batches.start(batch, user))

    assert (job.state, job.result) == ("done", {"batch": batch.pk, "done": 2, "failed": 0})
    assert (job.done, job.total) == (2, 2)
    made = [
        (row.post.text, row.post.content_type, row.post.status, row.image.media.alt_text)
        for row in batch.rows.all()
    ]
    assert made == [
        ("Lámpara en Lugo: 19,99 €", "image", "draft", "Lámpara a 19,99 €"),
        ("Mesa en Vigo: 1.200 €", "image", "draft", "Mesa a 1.200 €"),
    ]
    first = batch.rows.first().post
    assert list(first.media.all()) == [batch.rows.first().image.media]
    assert [p.account for p in first.publications.all()] == [account]


def test_every_problem_is_said_before_anything_is_made(user):
    table = "title,price,more\n,1,\nGood,2,\n" + "x" * 45 + ",12,5O\nToo,many,cells,here\n"

    batch = batches.from_csv(user, make_template(user), table.encode(), Wanted(alt_text="x"))

    assert [(row.position, row.errors) for row in batch.rows.all()] == [
        (1, {"title": "This is needed."}),
        (2, {}),
        (3, {"title": "This is 5 characters too long; at most 40."}),
        (
            4,
            {"": "This row has more cells than there are columns.", "price": "“many” is no price."},
        ),
    ]
    assert (MediaAsset.objects.count(), JobRun.objects.filter(kind="render_batch").count()) == (
        0,
        0,
    )


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"", "file"),
        (b"title\n", "file"),
        (b"title,title\na,b\n", "file"),
        (b"title,\nx,\x00\n", "file"),
        (b"title,,price\na,b,c\n", "file"),
        (("title\n" + "x\n" * 501).encode(), "file"),
        (b"name,price\nx,1\n", "mapping"),
    ],
)
def test_a_file_that_is_no_table_is_refused(user, content, place):
    with pytest.raises(Invalid) as refused:
        batches.from_csv(user, make_template(user), content, Wanted(alt_text="x"))

    assert list(refused.value.fields) == [place]


def test_a_column_of_another_name_is_mapped(user):
    template, content = make_template(user), b"name,price\nLamp,1\n"

    batch = batches.from_csv(
        user, template, content, Wanted(alt_text="{{ name }}"), mapping={"title": "name"}
    )

    assert batch.rows.get().data["values"]["title"] == "Lamp"
    with pytest.raises(Invalid):
        batches.from_csv(user, template, content, Wanted(alt_text="x"), mapping={"title": "no"})
    with pytest.raises(Invalid):
        batches.from_csv(user, template, content, Wanted(alt_text="{{ nothing }}"))


def test_products_are_linked_to_their_drafts(user):
    lamp = apps.get_model("crm.Product").objects.create(
        name="Lamp",
        price=Decimal("19.99"),
        currency="EUR",
        tax_included=True,
        url="https://shop.example/lamp",
    )
    wanted = Wanted(
        alt_text="{{ title }}", post_text="{{ title }}, {{ price }} {{ url }}", language="en"
    )

    batch = batches.from_items(user, make_template(user), "product", [str(lamp.pk)], wanted)
    run(batches.start(batch, user))

    post = batch.rows.get().post
    assert post.text == "Lamp, €19.99 https://shop.example/lamp"
    assert list(lamp.posts.all()) == [post]


def abandoned(user):
    """A run whose worker made the first row and was killed; it held its lease until now."""
    batch = batches.from_csv(
        user, make_template(user), TABLE.encode(), Wanted(alt_text="x", post_text="{{ title }}")
    )
    job = batches.start(batch, user)
    now = timezone.now()
    JobRun.objects.filter(pk=job.pk).update(
        state=JobState.RUNNING, started_at=now - running.SILENCE
    )
    Lease.objects.create(key=running.lease_key(batch), owner=uuid4(), expires_at=now)
    making.make(batch, batch.rows.first(), user, {})
    batch.refresh_from_db()
    return batch


def test_a_killed_worker_leaves_the_rest_to_a_retry(user):
    batch = abandoned(user)
    first = batch.rows.first().post

    run(batches.retry(batch, user))

    assert states(batch) == [RowState.DONE] * 2
    assert [post.text for post in Post.objects.order_by("pk")] == ["Lámpara", "Mesa"]
    assert batch.rows.first().post == first
    assert RenderedImage.objects.count() == 2
    with pytest.raises(Conflict) as refused:
        batches.retry(batch, user)
    assert refused.value.code == "nothing_to_do"


def test_a_run_goes_on_by_itself_once_its_worker_is_silent(user):
    batch = abandoned(user)
    lost = batch.job

    assert tend_pictures()["revived"] == 1
    assert tend_pictures()["revived"] == 0
    batch.refresh_from_db()
    run(batch.job)

    lost.refresh_from_db()
    assert (lost.state, lost.errors[0]["code"]) == ("failed", "worker_lost")
    assert (states(batch), Post.objects.count()) == ([RowState.DONE] * 2, 2)


def test_a_run_with_a_living_worker_is_left_alone(user):
    batch = abandoned(user)
    Lease.objects.update(expires_at=timezone.now() + running.SILENCE)

    with pytest.raises(Conflict) as refused:
        batches.retry(batch, user)

    assert (refused.value.code, batches.revive(timezone.now())) == ("running", 0)


@pytest.mark.parametrize("rows", [1, 30])
def test_checking_asks_a_constant_number_of_queries(user, django_assert_num_queries, rows):
    template, table = make_template(user), "title,price\n" + "Lamp,1\n" * rows
    wanted = Wanted(alt_text="x", language="en")
    batches.from_csv(user, template, table.encode(), wanted)

    with django_assert_num_queries(7):
        batches.from_csv(user, template, table.encode(), wanted)


def test_a_row_that_does_not_fit_fails_alone(user):
    fields = [{"name": "title", "max_length": 900, "required": True}]
    html = '<div class="title" data-fit="20 60">{{ title }}</div>'
    template = make_template(user, html=html, fields=fields)
    table = "title\n" + "many words " * 60 + "\nshort\n"

    batch = batches.from_csv(user, template, table.encode(), Wanted(alt_text="x"))
    job = run(batches.start(batch, user))

    assert job.result == {"batch": batch.pk, "done": 1, "failed": 1}
    failed, done = batch.rows.all()
    assert failed.errors["title"].startswith("“Title” does not fit its box.")
    assert (done.state, done.post) == (RowState.DONE, None)
