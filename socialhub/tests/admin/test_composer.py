"""The composer over HTTP, as a browser without JavaScript sends it."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from socialhub.models import Account, MediaAsset, Post, PostStatus, Publication
from socialhub.services import media, posts
from socialhub.tests.factories import (
    AccountFactory,
    PostFactory,
    PublicationFactory,
    organisation,
)

pytestmark = pytest.mark.django_db
ADD = "/admin/socialhub/post/add/"


def change(post: Post) -> str:
    return reverse("admin:socialhub_post_change", args=[post.pk])


def typed(**fields) -> dict:
    return {"text": "Hola", "language": "es", "verb": "save", "when": "", **fields}


def picture(colour: str = "red") -> SimpleUploadedFile:
    content = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(content, "PNG")
    return SimpleUploadedFile(f"{colour}.png", content.getvalue(), "image/png")


def draft(user, **fields) -> Post:
    return posts.create(user, **{"text": "First", "accounts": [AccountFactory()], **fields})


# -- saving -----------------------------------------------------------------------


def test_a_new_draft_is_stored_with_its_accounts_and_own_texts(person):
    user, client = person("Marketer")
    one, two = AccountFactory(), AccountFactory()

    response = client.post(
        ADD,
        typed(
            text="Line one\r\nline two",
            link="https://example.org/",
            accounts=[one.pk, two.pk],
            **{f"override_{two.pk}": "Only here"},
        ),
    )

    post = Post.objects.get()
    assert response["Location"] == change(post)
    # Browsers send CRLF, which networks would count twice.
    assert (post.text, post.content_type, post.author) == ("Line one\nline two", "link", user)
    assert dict(post.publications.values_list("account_id", "text_override")) == {
        one.pk: "",
        two.pk: "Only here",
    }


def test_pictures_come_with_the_form_and_an_unknown_file_loses_nothing(person):
    _user, client = person("Marketer")
    account = AccountFactory()

    refused = client.post(
        ADD, typed(accounts=[account.pk], files=SimpleUploadedFile("a.png", b"no picture"))
    )
    client.post(ADD, typed(accounts=[account.pk], files=[picture("red"), picture("blue")]))

    assert refused.status_code == 400
    assert ">Hola</textarea>" in refused.content.decode()
    post = Post.objects.get()
    assert (post.content_type, post.post_media.count()) == ("carousel", 2)


def test_a_link_that_is_none_is_refused_and_what_was_typed_stays(person):
    _user, client = person("Marketer")
    account = AccountFactory()

    response = client.post(
        ADD,
        typed(
            text="Kept text",
            link="no address",
            accounts=[account.pk],
            **{f"override_{account.pk}": "Kept too"},
        ),
    )

    page = response.content.decode()
    assert response.status_code == 400
    assert Post.objects.count() == 0
    assert ">Kept text</textarea>" in page
    assert ">Kept too</textarea>" in page
    assert 'value="no address"' in page


@pytest.mark.parametrize(
    ("local", "why"),
    [
        ("2027-03-28T02:30", "There is no 02:30 on 2027-03-28"),
        ("2020-01-01T10:00", "This time has passed"),
        ("tomorrow", "Enter a date and a time"),
    ],
)
def test_a_time_that_cannot_be_is_refused_with_the_text_kept(person, local, why):
    organisation(timezone="Europe/Madrid")
    _user, client = person("Marketer")
    account = AccountFactory()

    response = client.post(ADD, typed(accounts=[account.pk], when="at", due_at=local))

    page = response.content.decode()
    assert response.status_code == 400
    assert why in page
    assert ">Hola</textarea>" in page
    assert Post.objects.count() == 0


def test_a_chosen_time_is_wall_clock_time_of_the_organisation(person):
    organisation(timezone="America/Mexico_City")
    _user, client = person("Marketer")
    account = AccountFactory()
    year = timezone.now().year + 1

    client.post(ADD, typed(accounts=[account.pk], when="at", due_at=f"{year}-07-01T08:00"))

    due_at = Publication.objects.get().due_at
    assert due_at.isoformat() == f"{year}-07-01T14:00:00+00:00"


def test_an_older_version_is_refused_and_both_texts_are_shown(person):
    user, client = person("Marketer")
    post = draft(user)
    posts.edit(post, user, text="Second")

    response = client.post(change(post), typed(text="Mine", version=1, accounts=[]))

    page = response.content.decode()
    assert response.status_code == 409
    assert ">Mine</textarea>" in page
    assert '<p class="sh-text">Second</p>' in page
    post.refresh_from_db()
    assert post.text == "Second"


def test_an_account_that_was_not_granted_cannot_be_chosen(person):
    user, client = person("Marketer")
    granted, other = AccountFactory(), AccountFactory()
    user.account_grants.create(account=granted)

    page = client.get(ADD).content.decode()
    response = client.post(ADD, typed(accounts=[other.pk]))

    assert granted.handle in page
    assert other.handle not in page
    assert response.status_code == 400
    assert Post.objects.count() == 0


def test_a_post_of_other_accounts_is_not_there(person):
    user, client = person("Marketer")
    user.account_grants.create(account=AccountFactory())
    hidden = PublicationFactory().post

    assert client.get(change(hidden)).status_code in (302, 404)
    assert client.post(change(hidden), typed()).status_code in (302, 404)
    hidden.refresh_from_db()
    assert hidden.text != "Hola"


# -- alt text ---------------------------------------------------------------------


def test_a_changed_alt_text_needs_a_new_approval_and_leaves_other_posts_alone(person):
    user, client = person("Marketer")
    approver, _client = person("Approver")
    asset = media.upload(user, picture(), alt_text="Red")
    post = draft(user, media=[asset])
    other = draft(user, media=[asset])
    for one in (post, other):
        posts.submit(one, user)
        posts.approve(one, approver)
    post.refresh_from_db()
    account = post.publications.get().account

    client.post(
        change(post),
        typed(
            text="First",
            language="en",
            version=post.version,
            accounts=[account.pk],
            media=[asset.pk],
            **{f"alt_{asset.pk}": "A red square"},
        ),
    )

    post.refresh_from_db()
    other.refresh_from_db()
    assert (post.status, other.status) == (PostStatus.DRAFT, PostStatus.APPROVED)
    assert [m.alt_text for m in post.media.all()] == ["A red square"]
    assert [m.alt_text for m in other.media.all()] == ["Red"]


def test_a_replaced_alt_text_leaves_no_second_row_behind(person):
    user, client = person("Marketer")
    asset = media.upload(user, picture(), alt_text="Red")
    post = draft(user, media=[asset])

    client.post(
        change(post),
        typed(version=post.version, media=[asset.pk], **{f"alt_{asset.pk}": "Better"}),
    )

    assert list(MediaAsset.objects.values_list("alt_text", flat=True)) == ["Better"]


# -- verbs ------------------------------------------------------------------------


def test_the_way_of_a_post_from_draft_to_the_queue(person):
    _author, writes = person("Marketer")
    _judge, approves = person("Approver")
    account = AccountFactory()
    due = (timezone.localtime() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")

    writes.post(ADD, typed(verb="submit", accounts=[account.pk], when="at", due_at=due))
    post = Post.objects.get()
    assert post.status == PostStatus.IN_REVIEW
    approves.post(
        change(post), {"verb": "request_changes", "comment": "Shorter", "version": post.version}
    )
    post.refresh_from_db()
    assert (post.status, post.review_comment) == (PostStatus.CHANGES_REQUESTED, "Shorter")
    writes.post(
        change(post),
        typed(verb="submit", text="Hi", version=post.version, accounts=[account.pk]),
    )
    post.refresh_from_db()
    approves.post(change(post), {"verb": "approve", "version": post.version, "when": ""})

    post.refresh_from_db()
    assert (post.status, post.text) == (PostStatus.APPROVED, "Hi")
    assert post.publications.get().status == "scheduled"


def test_an_approver_lets_it_go_out_at_once(person):
    author, _client = person("Marketer")
    _judge, approves = person("Approver")
    post = draft(author)
    posts.submit(post, author)
    post.refresh_from_db()

    approves.post(change(post), {"verb": "approve", "version": post.version, "when": "now"})

    publication = post.publications.get()
    assert publication.status == "scheduled"
    assert abs(publication.due_at - timezone.now()) < timedelta(seconds=10)


def test_nobody_approves_a_version_they_have_not_read(person):
    user, _client = person("Marketer")
    _judge, approves = person("Approver")
    post = draft(user)
    posts.submit(post, user)
    post.refresh_from_db()
    read = post.version
    posts.withdraw(post, user)
    posts.edit(post, user, text="Something else")
    posts.submit(post, user)

    response = approves.post(change(post), {"verb": "approve", "version": read, "when": ""})

    post.refresh_from_db()
    assert response.status_code == 409
    assert post.status == PostStatus.IN_REVIEW


def test_what_does_not_fit_is_saved_but_not_handed_in(person):
    _user, client = person("Marketer")
    account = AccountFactory()
    long = "x" * (account.capabilities.text_limit + 1)

    response = client.post(ADD, typed(verb="submit", text=long, accounts=[account.pk]), follow=True)

    post = Post.objects.get()
    assert (post.status, post.text) == (PostStatus.DRAFT, long)
    assert "Too long for" in response.content.decode()


def test_an_unchanged_approved_post_stays_approved_when_it_is_scheduled(person):
    user, client = person("Marketer")
    approver, _client = person("Approver")
    post = draft(user)
    posts.submit(post, user)
    posts.approve(post, approver)
    post.refresh_from_db()
    account = post.publications.get().account

    client.post(
        change(post),
        typed(
            verb="schedule",
            text=post.text,
            language=post.language,
            version=post.version,
            accounts=[account.pk],
            when="now",
        ),
    )

    post.refresh_from_db()
    assert post.status == PostStatus.APPROVED
    assert post.publications.get().status == "scheduled"


def test_taking_it_back_with_unsaved_changes_is_refused_and_keeps_them(person):
    user, client = person("Marketer")
    post = draft(user)
    posts.submit(post, user)
    post.refresh_from_db()
    account = post.publications.get().account

    response = client.post(
        change(post),
        typed(verb="withdraw", text="New words", version=post.version, accounts=[account.pk]),
    )

    post.refresh_from_db()
    assert response.status_code == 409
    assert ">New words</textarea>" in response.content.decode()
    assert post.status == PostStatus.IN_REVIEW


def test_a_draft_is_deleted_and_a_post_with_a_history_is_not(person):
    user, client = person("Marketer")
    fresh, used = draft(user), PublicationFactory(published=True).post

    client.post(change(fresh), {**_as_stored(fresh), "verb": "delete", "version": fresh.version})
    client.post(change(used), {**_as_stored(used), "verb": "delete", "version": used.version})

    assert list(Post.objects.all()) == [used]


def _as_stored(post: Post) -> dict:
    return {
        "text": post.text,
        "language": post.language,
        "accounts": list(post.publications.values_list("account_id", flat=True)),
        "when": "",
    }


@pytest.mark.parametrize(
    ("role", "status"),
    [("Administrator", 200), ("Marketer", 200), ("Approver", 403), ("Analyst", 403)],
)
def test_who_may_open_an_empty_composer(person, role, status):
    _user, client = person(role)

    assert client.get(ADD).status_code == status


@pytest.mark.parametrize("verb", ["save", "submit", "approve", "schedule", "archive", "delete"])
def test_an_analyst_changes_nothing(person, verb):
    _user, client = person("Analyst")
    post = PostFactory()
    PublicationFactory(post=post, status="draft", due_at=None, not_before=None)
    before = Post.objects.values().get()

    client.post(change(post), {**_as_stored(post), "text": "Mine", "verb": verb})

    assert Post.objects.values().get() == before


# -- live -------------------------------------------------------------------------


def test_the_counter_shows_the_number_of_the_service(person):
    _user, client = person("Marketer")
    account = AccountFactory(platform="bluesky", server_url="https://bsky.social")
    text = "👩‍👩‍👧‍👦" * 301

    response = client.post(
        reverse("admin:socialhub_post_live"), typed(text=text, accounts=[account.pk])
    )

    [counted] = posts.count(text, [account])
    page = response.content.decode()
    assert f"{counted['count']} / {counted['limit']}" in page
    assert all(problem["message"] in page for problem in counted["problems"])
    assert "Too long for Bluesky: 301 of 300" in page
    assert Post.objects.count() == 0


def test_the_preview_escapes_the_text_and_marks_its_parts(person):
    _user, client = person("Marketer")
    account = AccountFactory()
    text = "<script>alert(1)</script> #Oliva @ana.example https://example.org/a?b=1&c=2"

    page = client.post(
        reverse("admin:socialhub_post_live"), typed(text=text, accounts=[account.pk])
    ).content.decode()

    assert "<script>" not in page
    marked = ["#Oliva", "@ana.example", "https://example.org/a?b=1&amp;c=2"]
    assert all(f'<span class="sh-facet">{part}</span>' in page for part in marked)


def test_the_time_is_told_as_the_audience_reads_it(person):
    organisation(timezone="Europe/Madrid")
    _user, client = person("Marketer")
    account = AccountFactory(audience_timezone="America/Mexico_City")

    page = client.post(
        reverse("admin:socialhub_post_live"),
        typed(accounts=[account.pk], when="at", due_at="2027-01-20T15:00"),
    ).content.decode()

    assert "= 08:00 in Mexico City" in page


def test_a_picture_that_is_uploaded_shows_that_its_alt_text_is_missing(person):
    _user, client = person("Marketer")

    response = client.post(reverse("admin:socialhub_post_upload"), {"files": picture()})

    page = response.content.decode()
    assert f'name="media" value="{MediaAsset.objects.get().pk}"' in page
    assert "sh-missing-alt" in page


def test_the_composer_asks_as_much_for_three_accounts_as_for_one(
    person, django_assert_max_num_queries
):
    _user, client = person("Marketer")
    AccountFactory()
    client.get(ADD)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as one:
        client.get(ADD)
    AccountFactory.create_batch(2)
    with django_assert_max_num_queries(len(one)):
        client.get(ADD)

    assert Account.objects.count() == 3
