"""Notices: who hears what, when, over which channel, and what happens when it fails."""

from __future__ import annotations

import email
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from email import policy
from threading import Barrier

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from socialhub.models import (
    AccountGrant,
    DeliveryState,
    Notice,
    NoticeDelivery,
    NoticeKind,
    NotificationChannel,
    PostEditor,
    PostSubscription,
    Preferences,
    PublicationStatus,
)
from socialhub.services import notices
from socialhub.services.notices.delivering import DELAYS
from socialhub.tests.factories import (
    AccountFactory,
    PostFactory,
    PublicationFactory,
    UserFactory,
    organisation,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def author():
    return UserFactory(role="Marketer")


@pytest.fixture
def failed(author):
    """A publication the network refused."""
    return PublicationFactory(
        post__author=author,
        post__text="New shoes\nare here",
        status=PublicationStatus.FAILED,
        error_code="invalid_content",
    )


def tell(publication, kind=NoticeKind.FAILED, number=1):
    incident = f"publication:{publication.pk}:{kind}:{number}"
    return notices.open_notice(kind, incident, publication=publication)


def who(notice, channel="app"):
    rows = notice.deliveries.filter(channel=channel)
    return set(rows.values_list("user__username", flat=True))


def parsed(content):
    return email.message_from_bytes(content, policy=policy.default)


# -- who ---------------------------------------------------------------------------


def test_author_and_subscribers_hear_of_it_once_per_incident(failed, author):
    follower, gone = UserFactory(), UserFactory(is_active=False)
    for user in (follower, gone):
        PostSubscription.objects.create(post=failed.post, user=user)

    first, again = tell(failed), tell(failed)

    assert first == again
    assert who(first) == who(first, "mail") == {author.username, follower.username}
    assert tell(failed, number=2) != first


def test_a_post_nobody_is_left_for_goes_to_the_administrators(failed, author):
    boss = UserFactory(role="Administrator")
    author.is_active = False
    author.save()

    assert who(tell(failed)) == {boss.username}


def test_approvers_who_did_not_edit_and_may_see_the_post_are_asked(author):
    post = PostFactory(author=author)
    PublicationFactory(post=post)
    approver, editor, elsewhere = (UserFactory(role="Approver") for _n in range(3))
    PostEditor.objects.create(post=post, user=editor)
    AccountGrant.objects.create(user=elsewhere, account=AccountFactory())

    notice = notices.open_notice(NoticeKind.TO_APPROVE, f"post:{post.pk}:approve:1", post=post)

    assert who(notice) == {approver.username}


def test_a_lost_login_goes_to_those_who_can_reconnect_and_whose_posts_wait(author):
    boss, _other = UserFactory(role="Administrator"), UserFactory(role="Marketer")
    publication = PublicationFactory(post__author=author)

    notice = notices.open_notice(
        NoticeKind.RECONNECT, "account:1:reconnect:1", account=publication.account
    )

    assert who(notice) == {boss.username, author.username}


# -- mail --------------------------------------------------------------------------


def test_a_mail_says_what_happened_what_to_do_and_links_to_the_post(failed, author, mailbox):
    tell(failed)

    assert notices.deliver() == {"sent": 1, "not_sent": 0}

    [(recipients, content)] = mailbox.messages
    message = parsed(content)
    plain = message.get_body(("plain",)).get_content()
    page = message.get_body(("html",)).get_content()
    assert recipients == [author.email]
    assert message["Subject"] == f"SocialHub: Not published on {failed.account}"
    assert message["Auto-Submitted"] == "auto-generated"
    for text in (plain, page):
        assert "did not take this content" in text
        assert "try again, or cancel it" in text
        assert "New shoes are here" in text
        assert "http://127.0.0.1:8000/admin/" in text
    row = NoticeDelivery.objects.get(channel="mail")
    assert (row.state, row.attempts) == (DeliveryState.SENT, 1)


def test_each_person_reads_their_own_language(failed, author, mailbox):
    Preferences.objects.create(user=author, language="es")
    tell(failed)
    notices.deliver()

    page = parsed(mailbox.messages[0][1]).get_body(("html",)).get_content()
    assert '<html lang="es">' in page


def test_markup_in_a_post_stays_text(author, mailbox):
    publication = PublicationFactory(
        post__author=author, post__text="<script>alert(1)</script> & more", status="failed"
    )
    tell(publication)
    notices.deliver()

    message = parsed(mailbox.messages[0][1])
    assert "<script>" not in message.get_body(("html",)).get_content()
    assert "<script>alert(1)</script> & more" in message.get_body(("plain",)).get_content()


def test_people_may_switch_mails_off(failed, author, mailbox):
    Preferences.objects.create(user=author, mail_notices=False)
    notice = tell(failed)

    assert (who(notice), who(notice, "mail")) == ({author.username}, set())


def test_a_mail_server_that_refuses_is_tried_again_and_the_failure_stays_visible(failed, mailbox):
    mailbox.refuse = "451 come back later"
    tell(failed)
    row = NoticeDelivery.objects.get(channel="mail")
    waited = []

    while row.state == DeliveryState.QUEUED:
        now = row.next_try_at
        assert notices.deliver(now) == {"sent": 0, "not_sent": 1}
        row.refresh_from_db()
        waited.append((row.next_try_at - now).total_seconds())

    assert tuple(waited[:-1]) == DELAYS
    assert (row.state, row.attempts) == (DeliveryState.FAILED, len(DELAYS) + 1)
    assert row.error.startswith("mail: SMTP")
    assert mailbox.messages == []


def test_a_mail_server_that_is_not_there_does_not_stop_the_others(failed, settings, receiver):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    channel(failed.post.author, receiver)
    tell(failed)

    assert notices.deliver() == {"sent": 1, "not_sent": 1}
    assert NoticeDelivery.objects.get(channel="mail").error == "mail: ConnectionRefusedError"


# -- other channels ------------------------------------------------------------------


def channel(user, receiver, path="token-abc", **fields):
    url = receiver.url.replace("http://", "json://") + f"/{path}"
    return NotificationChannel.objects.create(user=user, name="Team", url=url, **fields)


def test_a_persons_own_channel_gets_the_notice(failed, author, receiver):
    Preferences.objects.create(user=author, mail_notices=False)
    channel(author, receiver)
    tell(failed)

    assert notices.deliver() == {"sent": 1, "not_sent": 0}

    [(path, _headers, body)] = receiver.requests
    said = json.loads(body)
    assert path == "/token-abc"
    assert said["title"] == f"Not published on {failed.account}"
    assert "http://127.0.0.1:8000/admin/" in said["message"]


def test_a_channel_that_fails_is_tried_again_and_its_address_is_never_shown(
    failed, author, receiver, caplog
):
    Preferences.objects.create(user=author, mail_notices=False)
    row = channel(author, receiver)
    receiver.answers.append((503, {}))
    tell(failed)
    now = timezone.now()

    assert notices.deliver(now)["not_sent"] == 1
    delivery = NoticeDelivery.objects.get(channel=str(row.pk))
    assert (delivery.state, delivery.error) == (DeliveryState.QUEUED, "JSON: HTTP 503")
    assert "token-abc" not in caplog.text

    assert notices.deliver(delivery.next_try_at)["sent"] == 1


def test_a_channel_does_not_follow_redirects(failed, author, receiver):
    Preferences.objects.create(user=author, mail_notices=False)
    channel(author, receiver, "a?redirect=yes")
    receiver.answers.append((307, {"Location": f"{receiver.url}/elsewhere"}))
    tell(failed)

    assert notices.deliver()["not_sent"] == 1
    assert len(receiver.requests) == 1


@pytest.mark.parametrize(
    "address",
    [
        "json://10.0.0.1/x",
        "json://127.0.0.1:1/x",
        "mailto://user:pass@example.com?smtp=192.168.1.1",
        "dbus://",
        "syslog://",
        "discord://1234567890/abcdefgh?template=/etc/passwd",
        "nonsense",
        "unknown://somewhere",
    ],
)
def test_channels_that_reach_inside_are_refused(address, settings):
    settings.SOCIALHUB_ALLOWED_PRIVATE_HOSTS = []

    with pytest.raises(notices.ChannelRefused) as refused:
        notices.check_channel(address)

    assert address not in str(refused.value)


def test_a_refused_channel_is_a_visible_failure(failed, author, receiver, settings):
    Preferences.objects.create(user=author, mail_notices=False)
    row = channel(author, receiver)
    settings.SOCIALHUB_ALLOWED_PRIVATE_HOSTS = []
    tell(failed)
    notices.deliver()

    delivery = NoticeDelivery.objects.get(channel=str(row.pk))
    assert delivery.state == DeliveryState.FAILED
    assert "private address" in delivery.error
    assert receiver.requests == []


# -- when --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "now", "until"),
    [
        # Madrid is UTC+2 in July.
        (time(22), time(7), datetime(2026, 7, 1, 20, 0), datetime(2026, 7, 2, 5, 0)),
        (time(22), time(7), datetime(2026, 7, 2, 4, 59), datetime(2026, 7, 2, 5, 0)),
        (time(22), time(7), datetime(2026, 7, 2, 5, 0), None),
        (time(22), time(7), datetime(2026, 7, 1, 19, 59), None),
        (time(13), time(15), datetime(2026, 7, 1, 12, 0), datetime(2026, 7, 1, 13, 0)),
        (time(13), time(15), datetime(2026, 7, 1, 13, 0), None),
        (time(8), time(8), datetime(2026, 7, 1, 6, 0), None),
        # The night of the change to summer time is an hour shorter.
        (time(22), time(7), datetime(2026, 3, 28, 21, 0), datetime(2026, 3, 29, 5, 0)),
    ],
)
def test_quiet_hours_are_wall_clock_hours(failed, author, mailbox, start, end, now, until):
    organisation(timezone="Europe/Madrid")
    Preferences.objects.create(user=author, quiet_from=start, quiet_to=end)
    now = now.replace(tzinfo=UTC)
    with time_machine.travel(now - timedelta(seconds=1), tick=False):
        notice = tell(failed)

    sent = notices.deliver(now)["sent"]

    row = notice.deliveries.get(channel="mail")
    if until is None:
        assert (sent, row.state) == (1, DeliveryState.SENT)
        return
    until = until.replace(tzinfo=UTC)
    assert (sent, row.state, row.next_try_at, row.attempts) == (0, DeliveryState.QUEUED, until, 0)
    assert notices.deliver(until)["sent"] == 1
    assert who(notice) == {author.username}


def test_a_lost_answer_is_mailed_after_a_minute_unless_it_is_cleared_up(failed, mailbox):
    notice = tell(failed, NoticeKind.UNKNOWN)
    assert notices.deliver()["sent"] == 0

    notices.resolve(f"publication:{failed.pk}:unknown:")
    notices.deliver(timezone.now() + timedelta(seconds=61))

    assert mailbox.messages == []
    assert notice.deliveries.get(channel="mail").state == DeliveryState.DROPPED

    tell(failed, NoticeKind.UNKNOWN, 2)
    assert notices.deliver(timezone.now() + timedelta(seconds=61))["sent"] == 1


def test_resolving_one_account_does_not_resolve_another():
    one, twelve = AccountFactory(), AccountFactory()
    UserFactory(role="Administrator")
    for account in (one, twelve):
        notices.open_notice(NoticeKind.RECONNECT, f"account:{account.pk}:x", account=account)

    assert notices.resolve(f"account:{one.pk}:") == 1
    assert Notice.objects.get(resolved_at=None).account == twelve


def test_a_notice_that_is_taken_care_of_is_quiet(failed, author, mailbox):
    boss = UserFactory(role="Administrator")
    notice = tell(failed)
    assert list(notices.open_for(author)) == [notice]

    assert notices.acknowledge(notice, author)
    assert not notices.acknowledge(notice, boss)

    assert list(notices.open_for(author)) == []
    assert notices.deliver() == {"sent": 0, "not_sent": 0}
    assert notices.escalate(timezone.now() + timedelta(hours=2)) == 0
    notice.refresh_from_db()
    assert notice.acknowledged_by == author


def test_after_an_hour_administrators_hear_of_it_once(failed, author, mailbox):
    boss = UserFactory(role="Administrator")
    notice = tell(failed)
    notices.deliver()
    hour_later = notice.created_at + timedelta(hours=1)

    assert notices.escalate(hour_later - timedelta(seconds=1)) == 0
    assert notices.escalate(hour_later) == 1
    assert notices.escalate(hour_later) == 0
    notices.deliver(hour_later)

    assert who(notice) == {author.username, boss.username}
    recipients = [to for to, _content in mailbox.messages]
    assert recipients == [[author.email], [boss.email]]
    plain = parsed(mailbox.messages[1][1]).get_body(("plain",)).get_content()
    assert "Nobody has taken care of this for an hour." in plain


# -- several workers -----------------------------------------------------------------


def race(call, workers=4):
    barrier = Barrier(workers)

    def one(_n):
        try:
            barrier.wait(timeout=30)
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(one, range(workers)))


@pytest.mark.django_db(transaction=True)
def test_several_workers_send_one_mail(failed, author, mailbox):
    with transaction.atomic():
        for number in range(5):
            tell(failed, number=number)
        # The message rings after the commit; here the workers below are to be first.
        transaction.get_connection().run_on_commit.clear()

    sent = sum(answer["sent"] for answer in race(notices.deliver))

    assert (sent, len(mailbox.messages)) == (5, 5)


@pytest.mark.django_db(transaction=True)
def test_several_workers_seeing_one_incident_open_one_notice(failed, author, mailbox):
    opened = race(lambda: tell(failed).pk)

    assert opened == [Notice.objects.get().pk] * 4
    assert len(mailbox.messages) == 1


@pytest.mark.django_db(transaction=True)
def test_several_sweeps_escalate_once(failed):
    UserFactory(role="Administrator")
    tell(failed)
    later = timezone.now() + timedelta(hours=2)

    assert sum(race(lambda: notices.escalate(later))) == 1


@pytest.mark.django_db(transaction=True)
def test_a_notice_of_something_that_was_rolled_back_is_not_sent(failed, mailbox):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        tell(failed)
        raise ZeroDivisionError

    assert not Notice.objects.exists()
    assert mailbox.messages == []
