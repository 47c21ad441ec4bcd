"""From rows to drafts: each once, never approved, resumed where a worker stopped."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from socialhub.models import (
    ImportState,
    JobRun,
    JobState,
    MediaAsset,
    Post,
    PostImport,
    Publication,
)
from socialhub.services import imports, jobs
from socialhub.services.errors import Conflict, Invalid
from socialhub.services.imports import making, showing
from socialhub.tests.factories import CampaignFactory
from socialhub.tests.imports.conftest import as_csv, codes, handed_in, imported, refused

pytestmark = pytest.mark.django_db
YEAR = timezone.now().year + 1


def rows_of(count):
    return as_csv([["text", "accounts"], *[[f"text {n}", "@shop"] for n in range(count)]])


def test_a_row_becomes_a_draft_with_all_it_says(marketer, shop):
    campaign = CampaignFactory(name="Spring")
    picture = MediaAsset.objects.create(
        name="oil.jpg", sha256="a" * 64, mime="image/jpeg", size=9, width=800, height=800,
        alt_text="Oil", uploaded_by=marketer, file="media/oil.jpg",
    )  # fmt: skip
    titles = ["text", "link", "accounts", "due_at", "language", "campaign", "media", "evergreen"]
    row = ["Hola", "https://shop.example/a", "@shop", f"{YEAR}-06-03 09:30", "es", "Spring"]
    batch = handed_in(
        marketer,
        as_csv([[*titles, "text: @shop", "status"], [*row, "oil.jpg", "x", "Other", "approved"]]),
    )

    batch = imported(batch)

    post = Post.objects.get()
    due = f"{YEAR}-06-03T07:30:00+00:00"
    assert (batch.state, batch.rows.get().post) == (ImportState.IMPORTED, post)
    assert (post.text, post.link, post.language) == ("Hola", row[1], "es")
    assert (post.status, post.approved_by, post.author) == ("draft", None, marketer)
    assert (post.campaign, post.is_evergreen, post.content_type) == (campaign, True, "image")
    assert (list(post.media.all()), post.planned_at.isoformat()) == ([picture], due)
    publication = Publication.objects.get()
    assert (publication.account, publication.status) == (shop, "draft")
    assert (publication.text_override, publication.due_at.isoformat()) == ("Other", due)


def test_bad_rows_are_left_out_only_when_that_is_said(marketer, shop):
    batch = handed_in(marketer, as_csv([["text", "accounts"], ["a", "@shop"], ["b", "@none"]]))

    with refused(Invalid, "has_problems"):
        imports.run(batch, marketer)
    batch = imported(batch, only_good=True)

    assert [post.text for post in Post.objects.all()] == ["a"]
    assert showing.counts(batch)["made"] == 1
    with refused(Conflict, "nothing_to_import"):
        imports.run(batch, marketer, only_good=True)
    with refused(Conflict, "imported"):
        imports.check_again(batch, marketer)


def test_while_a_worker_is_at_it_nothing_else_is_started(marketer, shop):
    batch = handed_in(marketer, rows_of(1))
    imports.run(batch, marketer)

    for verb in (imports.run, imports.check_again):
        with refused(Conflict, "busy"):
            verb(PostImport.objects.get(), marketer)


def test_what_is_no_longer_right_is_said_and_not_made(marketer, shop):
    soon = timezone.localtime(timezone.now() + timedelta(minutes=30)).isoformat()
    batch = handed_in(
        marketer, as_csv([["text", "accounts", "due_at"], ["a", "@shop", soon], ["b", "@shop", ""]])
    )
    row = batch.rows.get(number=2)
    row.values["due_at"] = (timezone.now() - timedelta(minutes=1)).isoformat()
    row.save()

    batch = imported(batch)

    assert [post.text for post in Post.objects.all()] == ["b"]
    assert codes(batch) == {2: [("due_at", "refused")]}
    [told] = showing.told(batch, showing.rows_with_problems(batch))
    assert told.message == "This time has passed. Choose a later one."


def test_an_account_taken_away_since_is_said(marketer, shop):
    batch = handed_in(marketer, rows_of(2))
    shop.delete()

    batch = imported(batch)

    assert not Post.objects.exists()
    assert codes(batch) == {n: [("accounts", "refused")] for n in (2, 3)}


def waiting_job(batch):
    """As `run` leaves it when the message is lost: here a commit would do the work at once."""
    job = JobRun.objects.create(kind="run_import", owner=batch.user, arguments={"import": batch.pk})
    read_as = {**batch.read_as, "job": str(job.pk)}
    PostImport.objects.filter(pk=batch.pk).update(state=ImportState.IMPORTING, read_as=read_as)
    return job


class Killed(BaseException):
    """As a worker ends that is killed: nothing catches it."""


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_whole_posts_and_the_next_one_goes_on(marketer, shop, monkeypatch):
    batch = handed_in(marketer, rows_of(7))
    job = waiting_job(batch)
    made = []
    make = making.posts.create

    def dies_in_the_fourth(*args, **kwargs):
        post = make(*args, **kwargs)
        made.append(post)
        if len(made) == 4:
            raise Killed
        return post

    with monkeypatch.context() as patched:
        patched.setattr(making.posts, "create", dies_in_the_fourth)
        with pytest.raises(Killed):
            jobs.run(job.pk)
    assert Post.objects.count() == 3
    assert JobRun.objects.get(pk=job.pk).state == JobState.RUNNING
    jobs.sweep(timezone.now() + timedelta(seconds=making.SECONDS + 120))

    batch = imported(PostImport.objects.get())

    assert batch.state == ImportState.IMPORTED
    assert sorted(Post.objects.values_list("text", flat=True)) == [f"text {n}" for n in range(7)]


@pytest.mark.django_db(transaction=True)
def test_two_workers_make_each_row_once(marketer, shop):
    batch = handed_in(marketer, rows_of(12))
    job = waiting_job(batch)
    barrier = Barrier(2)

    def work(_n):
        try:
            barrier.wait(timeout=30)
            return making.Making(PostImport.objects.get(pk=batch.pk), job).run()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(work, range(2)))

    assert sum(counts) == 12
    assert sorted(Post.objects.values_list("text", flat=True)) == sorted(
        f"text {n}" for n in range(12)
    )


def test_old_files_are_deleted_and_their_posts_stay(marketer, shop):
    batch = imported(handed_in(marketer, rows_of(1)))
    stored = batch.file.path

    assert imports.prune(timezone.now() + timedelta(days=89)) == 0
    assert imports.prune(timezone.now() + timedelta(days=91)) == 1

    from pathlib import Path

    assert (PostImport.objects.count(), Post.objects.count()) == (0, 1)
    assert not Path(stored).exists()


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_template_is_read_without_an_unknown_column(marketer, kind, language):
    batch = handed_in(marketer, showing.template(kind, language))

    assert batch.state == ImportState.CHECKED
    assert (batch.read_as["unknown_columns"], len(batch.read_as["columns"])) == ([], 10)
    # The accounts and the picture of the example are nobody's.
    assert {code for _column, code in codes(batch)[2]} == {"account_unknown", "media_unknown"}


def test_problems_can_be_taken_away_as_csv(marketer, shop):
    batch = handed_in(marketer, as_csv([["text", "accounts"], ["a", "=cmd()"], ["b", "@shop"]]))

    content = b"".join(showing.problems_csv(batch)).decode("utf-8-sig")

    assert content.splitlines() == [
        "row,column,kind,problem",
        "2,accounts,error,There is no account “=cmd()”. Check how it is written.",
    ]
