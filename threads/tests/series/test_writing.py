"""Writing a series: its posts and publications follow every change."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from socialhub.models import MediaAsset, Post, Publication, PublicationAttempt
from socialhub.models import PublicationStatus as S
from socialhub.services import posts
from socialhub.services.errors import Conflict, Forbidden, Invalid
from socialhub.tests.factories import AccountFactory, CampaignFactory, UserFactory, organisation
from threads.models import SeriesStatus, ThreadPost, ThreadSeries
from threads.services import series as services
from threads.services.series import AccountChoice, PartData, composing
from threads.tests.factories import approved, chain, make_series, put_out, scheduled, statuses

pytestmark = pytest.mark.django_db


def shape(row: ThreadSeries) -> list[tuple]:
    """What goes out, in order: text, place in the chain and status."""
    rows = [one for chain_ in services.access.chains_of(row).values() for one in chain_]
    return [
        (one.full_text, one.parent_id, one.root_id, one.follows_as, one.status, one.due_at)
        for one in rows
    ]


@pytest.mark.parametrize(
    ("numbering", "first", "expected"),
    [
        ("none", False, ["a", "b\n\nGo!"]),
        ("slash", False, ["a 1/2", "b\n\nGo! 2/2"]),
        ("brackets", True, ["(1/2) a", "(2/2) b\n\nGo!"]),
        ("open", False, ["a 1/", "b\n\nGo! 2/"]),
        ("dot", True, ["1. a", "2. b\n\nGo!"]),
    ],
)
def test_numbers_and_call_to_action(numbering, first, expected):
    shape = {"numbering": numbering, "numbers_first": first, "closing": " Go! "}

    assert composing.texts_of(["a", " b"], mode="chain", **shape) == expected
    assert composing.texts_of(["a"], mode="chain", **shape) == ["a\n\nGo!"]


def test_a_part_may_have_another_text_on_an_account():
    one, two = AccountFactory(), AccountFactory()
    parts = [PartData(text="Hello", overrides={two.pk: "Hi"}), PartData(text="Bye")]

    row = make_series(accounts=[one, AccountChoice(two, "numbered")], parts=parts, numbering="none")

    assert [part.full_text for part in chain(row, one)] == ["Hello", "Bye"]
    assert [part.full_text for part in chain(row, two)] == ["Hi 1/2", "Bye 2/2"]
    assert [part.follows_as for part in chain(row, two)] == ["reply", "alone"]
    assert {post.content_type for post in Post.objects.all()} == {"thread"}


def test_materialising_again_changes_nothing():
    row = scheduled(accounts=[AccountFactory(), AccountFactory()], due_at=None)
    before = list(Publication.objects.order_by("pk").values())
    posts_before = list(Post.objects.order_by("pk").values())

    services.materialise(row)

    assert list(Publication.objects.order_by("pk").values()) == before
    assert list(Post.objects.order_by("pk").values()) == posts_before


def test_another_order_hangs_the_parts_together_anew():
    row = make_series()
    one, two, three = row.parts.order_by("position")

    services.reorder(row, row.author, [three.pk, one.pk, two.pk])

    rows = chain(row)
    assert [part.full_text for part in rows] == ["Three 1/3", "One 2/3", "Two 3/3"]
    assert [part.parent_id for part in rows] == [None, rows[0].pk, rows[1].pk]
    assert [part.root_id for part in rows] == [None, rows[0].pk, rows[0].pk]
    with pytest.raises(Invalid) as caught:
        services.reorder(row, row.author, [one.pk, one.pk, two.pk])
    assert caught.value.code == "bad_order"


def test_parts_keep_their_rows_by_id_and_vanish_with_their_posts():
    row = make_series(texts=["One", "Two", "Three"])
    one, two, three = row.parts.order_by("position")

    services.edit(
        row,
        row.author,
        parts=[
            PartData(text="Three!", id=three.pk),
            PartData(text="New"),
            PartData("One", id=one.pk),
        ],
    )

    assert [part.text for part in row.parts.order_by("position")] == ["Three!", "New", "One"]
    assert set(row.parts.values_list("pk", flat=True)) > {one.pk, three.pk}
    assert not Post.objects.filter(pk=two.post_id).exists()
    assert [part.full_text for part in chain(row)] == ["Three! 1/3", "New 2/3", "One 3/3"]


def test_removing_what_has_a_history_cancels_it():
    account, other = AccountFactory(), AccountFactory()
    row = scheduled(accounts=[account, other])
    failed(chain(row, account)[0])

    services.edit(row, row.author, accounts=[other])

    assert statuses(row, account) == [S.CANCELLED]
    assert statuses(row, other) == [S.DRAFT] * 3
    services.edit(row, row.author, accounts=[account, other])
    assert statuses(row, account) == [S.DRAFT] * 3
    first, second, _third = chain(row, account)
    assert (first.parent_id, second.parent_id) == (None, first.pk)


def failed(publication: Publication) -> None:
    """The network refused it."""
    from uuid import uuid4

    from socialhub.models import PayloadGeneration

    generation = PayloadGeneration.objects.create(
        publication=publication,
        number=1,
        client_key=uuid4(),
        text="x",
        body={},
        frozen_at=timezone.now(),
    )
    PublicationAttempt.objects.create(
        publication=publication,
        generation=generation,
        number=1,
        claim_token=uuid4(),
        started_at=timezone.now(),
        outcome="refused",
    )
    Publication.objects.filter(pk=publication.pk).update(status=S.FAILED, error_code="permission")


def test_a_part_taken_out_of_an_approved_series_is_gone_with_its_post():
    row = scheduled()

    services.edit(row, row.author, parts=texts(row)[1:])

    assert [part.full_text for part in chain(row)] == ["Two 1/2", "Three 2/2"]
    assert [model.objects.count() for model in (ThreadPost, Post, Publication)] == [2, 2, 2]


def test_26_parts_are_refused_at_once():
    with pytest.raises(Invalid) as caught:
        make_series(texts=["x"] * 26)

    assert (caught.value.code, list(caught.value.fields)) == ("too_many_parts", ["parts"])
    assert not ThreadSeries.objects.exists()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"title": " "}, "invalid"),
        ({"numbering": "roman"}, "invalid"),
        ({"pace_seconds": 90_000}, "invalid"),
        ({"due_at": timezone.now() - timedelta(hours=1)}, "due_passed"),
        ({"parts": [PartData(text="x", link="ftp://x")]}, "invalid"),
        ({"parts": [PartData(text="x", overrides={10**9: "y"})]}, "override_without_account"),
        ({"parts": [PartData(text="x", picture={"template": 1, "alt_text": "x"})]}, "bad_picture"),
        ({"parts": [PartData(text="x", id=1)]}, "no_such_part"),
    ],
)
def test_what_is_no_series(fields, code):
    with pytest.raises(Invalid) as caught:
        make_series(**fields)

    assert caught.value.code == code


def test_changing_what_readers_see_takes_an_approved_series_off_the_queue():
    row = scheduled()
    parts = [PartData(text=text) for text in ("One", "Two!", "Three")]

    services.edit(row, row.author, title="Other", campaign=CampaignFactory())
    row.refresh_from_db()
    assert (row.status, statuses(row)) == (SeriesStatus.APPROVED, [S.SCHEDULED] * 3)
    services.edit(row, row.author, parts=parts)

    row.refresh_from_db()
    assert (row.status, row.approved_by, statuses(row)) == (SeriesStatus.DRAFT, None, [S.DRAFT] * 3)
    assert set(Post.objects.values_list("status", flat=True)) == {"draft"}
    assert set(Post.objects.values_list("campaign_id", flat=True)) == {row.campaign_id}


def test_the_alt_text_of_a_picture_belongs_to_what_is_approved():
    media = MediaAsset.objects.create(file="x.png", sha256="0" * 64, mime="image/png", size=1)
    row = make_series(parts=[PartData(media=[media])])
    before = row.content_hash

    MediaAsset.objects.update(alt_text="A chair")

    assert services.content.content_hash(row) != before


def test_a_version_that_somebody_else_changed_is_refused():
    row = make_series()
    services.edit(row, row.author, title="Other")

    with pytest.raises(Conflict) as caught:
        services.edit(row, row.author, version=1, title="Mine")

    assert caught.value.code == "stale"


# -- once something is out ---------------------------------------------------------------


def texts(row: ThreadSeries, **changed: str) -> list[PartData]:
    """The parts as they are, with other texts for some positions."""
    return [
        PartData(text=changed.get(f"p{part.position}", part.text), id=part.pk)
        for part in ThreadPost.objects.filter(series=row).order_by("position")
    ]


def test_what_is_out_stays_and_the_rest_is_approved_again():
    row = scheduled()
    first = put_out(chain(row)[0])

    for change in (
        {"parts": texts(row, p1="Other")},
        {"parts": texts(row)[:2]},
        {"parts": list(reversed(texts(row)))},
        {"numbering": "none"},
    ):
        with pytest.raises(Conflict) as caught:
            services.edit(row, row.author, **change)
        assert caught.value.code == "part_out"
    with pytest.raises(Conflict):
        services.reorder(row, row.author, [one.id for one in reversed(texts(row))])
    services.edit(row, row.author, parts=texts(row, p2="Better"), closing="Go!")

    row.refresh_from_db()
    assert (row.state, statuses(row)) == ("partial", [S.PUBLISHED, S.DRAFT, S.DRAFT])
    services.approve(row, UserFactory(role="Approver"))
    rows = chain(row)
    assert [(one.full_text, one.status) for one in rows] == [
        ("One 1/3", S.PUBLISHED),
        ("Better 2/3", S.SCHEDULED),
        ("Three\n\nGo! 3/3", S.SCHEDULED),
    ]
    assert Publication.objects.due(timezone.now()).get() == rows[1]
    assert rows[1].parent_id == first.pk


@pytest.mark.parametrize("status", [S.PUBLISHING, S.UNKNOWN])
def test_while_a_part_is_on_its_way_nothing_is_changed(status):
    row = scheduled()
    claim = {"claim_token": "0" * 32, "claimed_at": timezone.now()}
    look = {"next_look_at": timezone.now()}
    Publication.objects.filter(pk=chain(row)[0].pk).update(
        status=status, **(claim if status == S.PUBLISHING else look)
    )

    for verb in (
        lambda: services.edit(row, row.author, parts=texts(row, p3="x")),
        lambda: services.withdraw(row, row.author),
    ):
        with pytest.raises(Conflict) as caught:
            verb()
        assert caught.value.code == "in_flight"
        assert "Part 1" in caught.value.message or "part 1" in caught.value.message
    assert statuses(row) == [status, S.SCHEDULED, S.SCHEDULED]


def test_an_account_taken_out_in_mid_series_keeps_what_is_out():
    account, other = AccountFactory(), AccountFactory()
    row = scheduled(accounts=[account, other])
    put_out(chain(row, account)[0])

    services.edit(row, row.author, accounts=[other])

    assert statuses(row, account) == [S.PUBLISHED]
    assert statuses(row, other) == [S.DRAFT] * 3


def test_a_series_nothing_of_which_was_sent_is_deleted_whole():
    row = scheduled()
    services.delete(row, row.author)

    left = [model.objects.count() for model in (ThreadSeries, ThreadPost, Post, Publication)]
    assert left == [0, 0, 0, 0]
    row = scheduled()
    put_out(chain(row)[0])
    with pytest.raises(Conflict) as caught:
        services.delete(row, row.author)
    assert (caught.value.code, statuses(row)) == ("protected", [S.PUBLISHED, *[S.SCHEDULED] * 2])


def test_a_part_is_changed_through_its_series_only():
    row = approved()
    post = chain(row)[0].post
    organisation(self_approval=True)

    for verb in (posts.submit, posts.approve, posts.withdraw, posts.schedule, posts.delete):
        with pytest.raises(Conflict) as caught:
            verb(post, row.author)
        assert caught.value.code == "belongs_to"
        assert row.title in caught.value.message


def test_nobody_approves_what_they_changed():
    row = make_series()
    with pytest.raises(Forbidden) as caught:
        services.approve(row, row.author)
    assert caught.value.code == "edited_it_yourself"

    organisation(self_approval=True)
    assert services.approve(row, row.author).state == "approved"
