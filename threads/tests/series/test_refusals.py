"""Why a series cannot go out yet, in words, and what it will look like."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from socialhub.models import Account, MediaAsset, Notice
from socialhub.services import notices
from socialhub.services.errors import Conflict, Forbidden, Invalid
from socialhub.tests.factories import AccountFactory, UserFactory
from threads.models import ImageTemplate, Mode, SeriesStatus
from threads.services import series as services
from threads.services.series import AccountChoice, PartData
from threads.tests.factories import approved, chain, make_series, scheduled

pytestmark = pytest.mark.django_db


def submit_refused(row) -> tuple[str, list[tuple]]:
    """The code of the refusal, and every problem as (code, position, account)."""
    with pytest.raises(Invalid) as caught:
        services.submit(row, row.author)
    found = services.problems(row)
    assert caught.value.message == " ".join(dict.fromkeys(one.sentence for one in found))
    return caught.value.code, [(one.code, one.position, one.account) for one in found]


@pytest.mark.parametrize("platform", ["sandbox", "bluesky", "mastodon"])
def test_one_grapheme_too_many_is_named_with_part_account_and_excess(platform):
    account = AccountFactory(platform=platform, server_url="https://network.example")
    flag = "🇪🇸"
    limit = account.capabilities.text_limit - len(" 2/2")
    row = make_series(accounts=[account], texts=["Fits", flag * limit])
    assert services.problems(row) == []

    services.edit(row, row.author, parts=[PartData("Fits"), PartData(flag * (limit + 1))])

    assert submit_refused(row) == ("does_not_fit", [("does_not_fit", 2, account)])
    [problem] = services.problems(row)
    assert problem.sentence == (
        f"Part 2 is 1 too long for {account}, which takes {account.capabilities.text_limit}."
    )
    with pytest.raises(Invalid):
        services.approve(row, UserFactory(role="Approver"))


def test_what_is_empty_is_named():
    account = AccountFactory()
    assert submit_refused(make_series(texts=[], accounts=[account]))[0] == "no_parts"
    assert submit_refused(make_series(accounts=[]))[0] == "no_accounts"
    row = make_series(accounts=[account], parts=[PartData("One"), PartData(" \n")])
    assert submit_refused(row) == ("empty_part", [("empty_part", 2, None)])


def test_a_picture_still_to_be_made_is_waited_for():
    template = ImageTemplate.objects.create(name="Quote", html="<p>x</p>")
    picture = {"template": template.pk, "alt_text": "A quote"}

    row = make_series(parts=[PartData("One", picture=picture)])

    assert submit_refused(row) == ("picture_pending", [("picture_pending", 1, None)])
    with pytest.raises(Invalid) as caught:
        services.edit(row, row.author, parts=[PartData("One", picture={**picture, "alt_text": ""})])
    assert caught.value.code == "bad_picture"


def test_an_account_that_may_not_reply_says_so_and_what_is_possible():
    account = AccountFactory(overrides={"replies": False})
    row = make_series(accounts=[account], numbering="none")

    assert submit_refused(row) == ("cannot_chain", [("cannot_chain", None, account)])
    [problem] = services.problems(row)
    assert "does not let" in problem.sentence and "numbered posts" in problem.sentence
    services.edit(row, row.author, accounts=[AccountChoice(account, "comments")])
    assert submit_refused(row)[0] == "cannot_chain"
    services.edit(row, row.author, accounts=[AccountChoice(account, "numbered")])
    assert services.problems(row) == []
    assert [part.full_text for part in chain(row)] == ["One 1/3", "Two 2/3", "Three 3/3"]


def test_a_network_without_chains_takes_own_comments_when_asked():
    account = AccountFactory(overrides={"threads": False})
    row = make_series(accounts=[account])

    assert submit_refused(row)[0] == "cannot_chain"
    services.edit(row, row.author, accounts=[AccountChoice(account, "comments")])

    assert services.problems(row) == []
    assert [part.follows_as for part in chain(row)] == ["reply", "comment", "comment"]
    # One part is no series: it needs no chain.
    services.edit(row, row.author, accounts=[AccountChoice(account, "chain")])
    services.edit(row, row.author, parts=[PartData("Alone")])
    assert services.problems(row) == []


def test_the_preview_is_what_goes_out():
    one, two = AccountFactory(), AccountFactory(overrides={"replies": False})
    parts = [PartData("Hello", overrides={two.pk: "Hi"}), PartData("Bye", link="https://a.example")]
    choices = [one, AccountChoice(two, "numbered")]
    row = make_series(accounts=choices, parts=parts, numbering="none", closing="Go!")

    shown = services.preview(choices, parts, numbering="none", closing="Go!")

    assert shown == services.preview_of(row)
    for account in shown:
        assert [part.text for part in account.parts] == [
            part.full_text for part in chain(row, account.account)
        ]
    first = shown[1].parts[0]
    assert (first.text, first.count, first.unit, first.ok) == ("Hi 1/2", 6, "graphemes", True)


# -- who may, and who is told --------------------------------------------------------------


def test_who_may_approve_is_told_until_somebody_did():
    row = make_series(UserFactory(role="Marketer"))
    services.submit(row, row.author)

    notice = Notice.objects.get()
    source = notices.texts.registries.notice_source(notice.incident)
    told = source.describe(notice.incident)
    assert (told.what, source.verb(notice.incident)) == (row.title, "approve_post")
    services.approve(row, UserFactory(role="Approver"))
    assert Notice.objects.filter(resolved_at__isnull=True).count() == 0
    assert source.describe(notice.incident) is None


def test_a_time_that_has_passed_asks_for_a_new_one():
    row = make_series(due_at=timezone.now() + timedelta(hours=1))
    approver = UserFactory(role="Approver")
    type(row).objects.update(due_at=timezone.now() - timedelta(hours=1))

    for verb in (services.submit, services.approve):
        with pytest.raises(Invalid) as caught:
            verb(row, approver if verb is services.approve else row.author)
        assert caught.value.code == "due_passed"
    later = timezone.now() + timedelta(hours=3)
    assert services.approve(row, approver, later).state == "scheduled"
    row.refresh_from_db()
    assert row.due_at == later


def test_who_may_not_use_an_account_may_not_touch_its_series():
    row = make_series()
    user = UserFactory(role="Administrator")
    user.account_grants.create(account=AccountFactory())

    for verb in ("edit", "submit", "approve", "withdraw", "schedule", "resume", "cancel", "delete"):
        with pytest.raises(Forbidden) as caught:
            getattr(services, verb)(row, user)
        assert caught.value.code == "other_accounts"


def test_verbs_need_their_state():
    row = make_series()
    for verb in (services.withdraw, services.schedule, services.resume):
        with pytest.raises(Conflict):
            verb(row, None)
    row = scheduled()
    with pytest.raises(Conflict) as caught:
        services.schedule(row, None)
    assert caught.value.code == "nothing_to_schedule"
    services.cancel(row, None)
    row.refresh_from_db()
    assert (row.status, row.state) == (SeriesStatus.CANCELLED, "cancelled")
    for verb in (services.edit, services.cancel, services.submit):
        with pytest.raises(Conflict):
            verb(row, None)


# -- two series on one account -------------------------------------------------------------


def test_two_series_at_one_time_are_refused_naming_the_other_and_the_next_free_moment():
    account, at = AccountFactory(), timezone.now() + timedelta(days=1)
    at = at.replace(second=0, microsecond=0)
    first = approved(accounts=[account], title="Chairs", due_at=at, pace_seconds=60)
    second = approved(accounts=[AccountFactory(), account], title="Tables", pace_seconds=60)
    end = at + timedelta(minutes=2 + 10)

    for start in (at, at - timedelta(minutes=11), end - timedelta(seconds=1)):
        with pytest.raises(Conflict) as caught:
            services.schedule(second, None, start)
        assert (caught.value.code, list(caught.value.fields)) == ("overlaps", ["due_at"])
        assert "“Chairs”" in caught.value.message and str(account) in caught.value.message
    free = services.overlapping.next_free(
        services.overlapping.windows(account, without=second), at, timedelta(minutes=12)
    )
    assert free == end
    services.schedule(second, None, end)
    assert (first.state, second.state) == ("scheduled", "scheduled")


def test_a_series_is_moved_as_a_whole():
    at = timezone.now() + timedelta(days=1)
    row = approved(due_at=at, pace_seconds=30)

    services.schedule(row, None, at + timedelta(minutes=5))

    assert [part.due_at for part in chain(row)] == [
        at + timedelta(minutes=5, seconds=30 * step) for step in range(3)
    ]


def test_a_disconnected_account_is_named():
    row = make_series()
    Account.objects.update(status="disabled")

    assert submit_refused(row)[0] == "account_disabled"


def test_own_comments_have_the_limits_of_comments():
    account = AccountFactory(platform="linkedin")
    long = "a" * 2_000
    as_comments = [AccountChoice(account, Mode.COMMENTS)]
    row = make_series(accounts=as_comments, texts=[long, long], numbering="none")

    [problem] = services.problems(row)

    assert (problem.code, problem.position, problem.account) == ("does_not_fit", 2, account)
    assert problem.sentence == f"Part 2 is 750 too long for {account}, which takes 1250."


def test_a_picture_where_comments_hold_none_is_named_before_anything_goes_out():
    account = AccountFactory(platform="instagram")
    square = {"mime": "image/jpeg", "size": 1, "width": 1080, "height": 1080}
    picture = MediaAsset.objects.create(file="x.jpg", sha256="0" * 64, alt_text="A chair", **square)
    media = [picture]
    parts = [PartData("One", media=media), PartData("Two", media=media)]
    row = make_series(accounts=[AccountChoice(account, Mode.COMMENTS)], parts=parts)

    found = [(one.code, one.position) for one in services.problems(row)]

    assert found == [("does_not_fit", 2)]
