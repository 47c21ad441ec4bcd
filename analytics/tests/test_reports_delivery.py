"""Reports reach each recipient once, over real sockets, and failure is seen."""

from __future__ import annotations

import email
import io
import json
import logging
import threading
from datetime import datetime, timedelta
from email import policy
from html import escape
from itertools import pairwise

import pypdf
import pytest
from django.core.management import call_command
from django.db import connections

from analytics.models import AnalyticsReport, ReportDelivery
from analytics.services.reports import delivering, making, recipients, scheduling, telegram
from analytics.services.reports.delivering import DELAYS
from analytics.tests.reporting import AWKWARD, MONDAY, NOW, SUNDAY, ZONE, Shop, two_weeks
from analytics.tests.telegram_standin import TOKEN, refusal
from analytics.tests.telegram_standin import telegram as telegram_server
from socialhub.logs import JsonFormatter
from socialhub.models import DeliveryState
from socialhub.services.errors import Forbidden, Invalid
from socialhub.tests.factories import UserFactory, organisation
from socialhub.tests.operations.receiver import http_receiver, smtp_server

pytestmark = pytest.mark.django_db
CHAT = f"tgram://{TOKEN}/-1001"


@pytest.fixture
def shop(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    # The library prints faster; Chromium has tests of its own.
    settings.CHROMIUM_PATH = "/nowhere/chromium"
    return Shop()


@pytest.fixture
def report(shop):
    two_weeks(shop)
    return making.make("weekly", MONDAY, now=NOW)[0]


@pytest.fixture
def mailbox(settings):
    with smtp_server() as (box, port):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        yield box


@pytest.fixture
def bot(settings):
    with telegram_server() as made:
        settings.TELEGRAM_API_BASE = made.url
        yield made


def queued(report, *wanted):
    delivering.queue(report, wanted, NOW)
    return ReportDelivery.objects.filter(report=report).order_by("pk")


def states():
    return list(ReportDelivery.objects.order_by("pk").values_list("state", "attempts"))


# -- mail ------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["ana@shop.example", "mailto:ana@shop.example"])
def test_a_mail_has_text_page_and_pdf_with_the_same_figures(shop, report, mailbox, address):
    queued(report, shop.recipient(address))

    assert delivering.deliver(NOW) == {"sent": 1, "not_sent": 0}

    [(to, content)] = mailbox.messages
    message = email.message_from_bytes(content, policy=policy.default)
    [attached] = message.iter_attachments()
    printed = pypdf.PdfReader(io.BytesIO(attached.get_content()))
    assert to == ["ana@shop.example"]
    assert message["Subject"].strip() == "Weekly report: March 2, 2026 – March 8, 2026"
    assert message["Auto-Submitted"] == "auto-generated"
    assert attached.get_filename() == "report-2026-03-02-weekly.pdf"
    pdf_text = " ".join(" ".join(page.extract_text() for page in printed.pages).split())
    plain = message.get_body(("plain",)).get_content()
    page = message.get_body(("html",)).get_content()
    for figure in ("1,500", "41", "2.40 %", "100 %", "Sandals are here"):
        assert figure in plain and figure in page and figure in pdf_text
    assert AWKWARD in plain and escape(AWKWARD) in page
    assert f"/admin/analytics/analyticsreport/{report.pk}/change/" in plain
    row = ReportDelivery.objects.get()
    assert (row.state, row.attempts, row.error) == (DeliveryState.SENT, 1, "")


def test_each_recipient_reads_their_language(shop, report, mailbox):
    queued(report, shop.recipient("ana@shop.example", language="es"))
    delivering.deliver(NOW)

    message = email.message_from_bytes(mailbox.messages[0][1], policy=policy.default)
    assert '<html lang="es">' in message.get_body(("html",)).get_content()
    assert "2 de marzo de 2026" in message["Subject"]


def test_a_busy_mail_server_is_tried_again_later_and_the_mail_keeps_its_id(shop, report, mailbox):
    queued(report, shop.recipient("ana@shop.example"))
    mailbox.refuse = "451 try later, ana@shop.example"

    assert delivering.deliver(NOW) == {"sent": 0, "not_sent": 1}
    row = ReportDelivery.objects.get()
    assert (row.state, row.next_try_at) == (
        DeliveryState.QUEUED,
        NOW + timedelta(seconds=DELAYS[0]),
    )
    assert "451" in row.error and "ana@" not in row.error

    assert delivering.deliver(NOW + timedelta(seconds=DELAYS[0] - 1)) == {"sent": 0, "not_sent": 0}
    mailbox.refuse = ""
    assert delivering.deliver(NOW + timedelta(seconds=DELAYS[0])) == {"sent": 1, "not_sent": 0}
    message = email.message_from_bytes(mailbox.messages[0][1], policy=policy.default)
    assert message["Message-ID"] == f"<report-delivery-{row.pk}@127.0.0.1>"


def test_a_refused_mail_fails_at_once_in_plain_words(shop, report, mailbox):
    queued(report, shop.recipient("ana@shop.example"))
    mailbox.refuse = "554 we do not like this"

    delivering.deliver(NOW)

    row = ReportDelivery.objects.get()
    assert (row.state, row.error) == (
        DeliveryState.FAILED,
        "The mail server refused the report (554).",
    )


def test_without_a_mail_server_it_is_given_up_after_the_last_try(shop, report, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    queued(report, shop.recipient("ana@shop.example"))

    now, tries = NOW, []
    for _round in range(len(DELAYS) + 1):
        delivering.deliver(now)
        tries.append(now)
        now = ReportDelivery.objects.get().next_try_at

    row = ReportDelivery.objects.get()
    assert (row.state, row.attempts) == (DeliveryState.FAILED, len(DELAYS) + 1)
    assert "ConnectionRefusedError" in row.error
    waits = [round((b - a).total_seconds()) for a, b in pairwise(tries)]
    assert waits == list(DELAYS)


def test_a_mail_goes_without_the_pdf_when_it_cannot_be_kept(shop, report, mailbox, tmp_path):
    (tmp_path / "reports").write_text("a file where the folder should be")
    queued(report, shop.recipient("ana@shop.example"))

    assert delivering.deliver(NOW)["sent"] == 1

    message = email.message_from_bytes(mailbox.messages[0][1], policy=policy.default)
    assert list(message.iter_attachments()) == []
    assert "The PDF could not be made" in message.get_body(("html",)).get_content()


# -- Telegram --------------------------------------------------------------------------------


def test_telegram_takes_the_report(shop, report, bot):
    queued(report, shop.recipient(f"tgram://{TOKEN}/-1001/shop?silent=yes&topic=7"))

    assert delivering.deliver(NOW) == {"sent": 1, "not_sent": 0}

    assert [(m["chat_id"], m["message_thread_id"]) for m in bot.messages] == [
        ("-1001", 7),
        ("@shop", 7),
    ]
    assert bot.messages[0]["disable_notification"] is True
    assert escape(AWKWARD) in bot.texts[0]
    for figure in ("1,500", "41", "2.40 %", "Sandals are here"):
        assert figure in bot.texts[0]


def test_a_long_report_comes_in_several_messages_and_goes_on_where_it_stopped(shop, bot):
    account = shop.account(handle="h")
    for _post in range(2):
        shop.publish(account, MONDAY, "x", likes=1)
    report, _created = making.make("weekly", MONDAY, now=NOW)
    rows = [[f"line {number} <&> 😀" * 3, number] for number in range(250)]
    report.details["sections"]["en"] = [
        {
            "key": "long",
            "title": "Long",
            "text": "",
            "columns": [{"label": "a", "kind": "text"}, {"label": "n", "kind": "number"}],
            "rows": rows,
            "failed": False,
        }
    ]
    report.save()
    queued(report, shop.recipient(CHAT))
    bot.answers = [(200, {"ok": True, "result": {}}), refusal(429, "Too Many", retry_after=1_000)]

    delivering.deliver(NOW)
    row = ReportDelivery.objects.get()
    assert (row.state, row.parts_sent) == (DeliveryState.QUEUED, 1)
    assert row.next_try_at == NOW + timedelta(seconds=1_000)
    assert bot.texts == []

    assert delivering.deliver(NOW + timedelta(seconds=999)) == {"sent": 0, "not_sent": 0}
    assert delivering.deliver(NOW + timedelta(seconds=1_000))["sent"] == 1
    assert len(bot.texts) >= 2
    found = [line for text in bot.texts for line in text.split("\n") if line.startswith("line ")]
    # The first message was taken in the first try.
    assert found == [escape(" · ".join(map(str, row))) for row in rows][-len(found) :]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (refusal(400, "Bad Request: chat not found"), "There is no such chat"),
        (refusal(400, "Bad Request: topic closed"), "Bad Request: topic closed"),
        (refusal(401, "Unauthorized"), "token"),
        (refusal(404, "Not Found"), "token"),
        (refusal(403, "Forbidden: bot was kicked from the group chat"), "may not write"),
        ((502, b"<html>Bad Gateway</html>"), "may have arrived"),
    ],
)
def test_what_cannot_work_fails_at_once_with_a_sentence(shop, report, bot, answer, said):
    queued(report, shop.recipient(CHAT))
    bot.answers = [answer]

    assert delivering.deliver(NOW) == {"sent": 0, "not_sent": 1}

    row = ReportDelivery.objects.get()
    assert (row.state, row.attempts) == (DeliveryState.FAILED, 1)
    assert said in row.error


def test_a_lost_answer_is_not_sent_a_second_time(shop, report, bot):
    queued(report, shop.recipient(CHAT))
    bot.silent = 1

    delivering.deliver(NOW)
    delivering.deliver(NOW + timedelta(days=1))

    assert len(bot.messages) == 1
    assert ReportDelivery.objects.get().state == DeliveryState.FAILED


@pytest.mark.parametrize("answer", [refusal(500, "Internal Server Error"), None])
def test_what_certainly_did_not_arrive_is_tried_again(shop, report, bot, settings, answer):
    queued(report, shop.recipient(CHAT))
    if answer is None:
        settings.TELEGRAM_API_BASE = "http://127.0.0.1:9"
    else:
        bot.answers = [answer]

    delivering.deliver(NOW)
    assert states() == [(DeliveryState.QUEUED, 1)]
    settings.TELEGRAM_API_BASE = bot.url
    delivering.deliver(NOW + timedelta(seconds=DELAYS[0]))

    assert states() == [(DeliveryState.SENT, 2)]
    assert len(bot.messages) == 1


def test_a_group_that_became_a_supergroup_is_followed(shop, report, bot):
    bot.chats = {"-100777"}
    bot.answers = [refusal(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-100777)]
    queued(report, shop.recipient(CHAT))

    assert delivering.deliver(NOW)["sent"] == 1
    assert [message["chat_id"] for message in bot.messages] == [-100777]


@pytest.mark.parametrize(
    ("url", "chats"),
    [
        ("tgram://1:ab/5", [("5", None)]),
        ("tgram://bot1:ab/-5/@x_y", [("-5", None), ("@x_y", None)]),
        ("tgram://1%3Aab/channel", [("@channel", None)]),
        ("tgram://1:ab/5:8/6?thread=9", [("5", 8), ("6", 9)]),
        ("tgram://1:ab", None),
        ("tgram://1:ab/?silent=yes", None),
        ("tgram://token/5", None),
    ],
)
def test_addresses_are_read_as_apprise_reads_them(url, chats):
    place = telegram.parse(url)

    assert (list(place.chats) if place else None) == chats


# -- other services --------------------------------------------------------------------------


def test_other_services_get_plain_text_through_apprise(shop, report):
    with http_receiver() as receiver:
        queued(report, shop.recipient(receiver.url.replace("http://", "json://")))

        assert delivering.deliver(NOW) == {"sent": 1, "not_sent": 0}

    [(_path, _headers, body)] = receiver.requests
    said = json.loads(body)
    assert said["title"] == "Weekly report: March 2, 2026 – March 8, 2026"
    assert "1,500" in said["message"] and AWKWARD in said["message"]


def test_a_service_that_is_down_is_tried_again(shop, report):
    with http_receiver() as receiver:
        receiver.answers = [(503, {})]
        queued(report, shop.recipient(receiver.url.replace("http://", "json://user:hunter2@")))
        delivering.deliver(NOW)
        row = ReportDelivery.objects.get()
        assert (row.state, "503" in row.error, "hunter2" in row.error) == ("queued", True, False)

        assert delivering.deliver(NOW + timedelta(seconds=DELAYS[0]))["sent"] == 1


# -- once ------------------------------------------------------------------------------------


def test_one_that_fails_does_not_stop_the_others(shop, report, bot, mailbox):
    bot.answers = [refusal(403, "Forbidden")]
    queued(
        report,
        shop.recipient(CHAT),
        shop.recipient("qt://"),
        shop.recipient("ana@shop.example"),
        shop.recipient(f"tgram://{TOKEN}/@shop"),
    )

    assert delivering.deliver(NOW) == {"sent": 2, "not_sent": 2}
    assert [state for state, _attempts in states()] == ["failed", "failed", "sent", "sent"]


def test_a_report_that_breaks_does_not_stop_the_others(shop, report, bot, caplog):
    two = making.make("custom", MONDAY, SUNDAY, now=NOW)[0]
    recipient = shop.recipient(CHAT)
    AnalyticsReport.objects.filter(pk=report.pk).update(details={})
    queued(report, recipient)
    queued(two, recipient)

    assert delivering.deliver(NOW) == {"sent": 1, "not_sent": 1}
    assert states() == [(DeliveryState.QUEUED, 1), (DeliveryState.SENT, 1)]
    assert "broke" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_two_deliverers_send_once(settings, tmp_path, bot):
    settings.MEDIA_ROOT = tmp_path
    shop = Shop()
    report = making.make("weekly", MONDAY, now=NOW)[0]
    people = [shop.recipient(CHAT, name=f"Group {number}") for number in range(6)]
    queued(report, *people)
    counts, start = [], threading.Barrier(2)

    def work():
        start.wait()
        try:
            counts.append(delivering.deliver(NOW)["sent"])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(counts) == len(bot.messages) == 6


def test_who_was_switched_off_or_removed_gets_nothing(shop, report, mailbox):
    off, gone = shop.recipient("a@shop.example"), shop.recipient("b@shop.example", name="Gone")
    queued(report, off, gone)
    off.is_active = False
    off.save()
    gone.delete()

    assert delivering.deliver(NOW) == {"sent": 0, "not_sent": 2}
    assert mailbox.messages == []
    assert set(ReportDelivery.objects.values_list("name", "state")) == {
        ("Ana", "dropped"),
        ("Gone", "dropped"),
    }


def test_sending_again_sends_only_what_failed(shop, report, bot):
    user = UserFactory(role="Marketer")
    good, bad = shop.recipient(CHAT), shop.recipient(f"tgram://{TOKEN}/-5")
    first = delivering.send(report, user, now=NOW)
    delivering.deliver(NOW)
    assert [row.state for row in first] == ["queued", "queued"]

    again = delivering.send(report, user, [good.pk, bad.pk], now=NOW)
    assert [(row.recipient, row.state) for row in again] == [(good, "sent"), (bad, "queued")]
    bot.chats.add("-5")
    delivering.deliver(NOW)

    assert [message["chat_id"] for message in bot.messages] == ["-1001", "-5"]
    assert [row.pk for row in again] == [row.pk for row in first]


def test_a_revision_is_a_report_of_its_own_to_send(shop, report, bot):
    user = UserFactory(role="Marketer")
    shop.recipient(CHAT)
    delivering.send(report, user, now=NOW)
    second = making.make("weekly", MONDAY, now=NOW, force=True)[0]
    delivering.send(second, user, now=NOW)

    delivering.deliver(NOW)

    assert len(bot.texts) == 2
    assert "This is revision 2" in bot.texts[1] and "revision" not in bot.texts[0]


def test_what_was_asked_wrongly_is_named(shop, report):
    user = UserFactory(role="Administrator")
    off = shop.recipient("ana@shop.example", is_active=False)

    for ids in (None, [], [off.pk], [9_999]):
        with pytest.raises(Invalid) as refused:
            delivering.send(report, user, ids, now=NOW)
        assert list(refused.value.fields) == ["recipients"]
    with pytest.raises(Forbidden):
        delivering.send(report, UserFactory(role="Analyst"), now=NOW)
    assert ReportDelivery.objects.count() == 0


# -- by the clock ----------------------------------------------------------------------------


def at(*moment):
    return datetime(*moment, tzinfo=ZONE)


def test_monday_at_seven_the_week_is_made_and_sent_once(shop, bot):
    two_weeks(shop)
    shop.recipient(CHAT)
    shop.recipient("ana@shop.example", name="Monthly only", wants_weekly=False)

    early = scheduling.run_weekly(at(2026, 3, 9, 6, 59))
    first = scheduling.run_weekly(at(2026, 3, 9, 7, 0))
    again = scheduling.run_weekly(at(2026, 3, 9, 8, 0))
    thursday = scheduling.run_weekly(at(2026, 3, 12, 12, 0))

    report = AnalyticsReport.objects.get()
    assert early == {"report": None, "created": False, "queued": 0, "waiting": "not_yet"}
    assert first == {"report": report.pk, "created": True, "queued": 1}
    assert again == thursday == {"report": report.pk, "created": False, "queued": 0}
    assert delivering.deliver(at(2026, 3, 9, 7, 1))["sent"] == 1
    assert (report.period_start, report.period_end) == (MONDAY, SUNDAY)


def test_a_report_made_by_hand_before_is_still_sent_by_the_clock(shop, bot):
    early, late = shop.recipient(CHAT), shop.recipient(f"tgram://{TOKEN}/@shop")
    report = making.make("weekly", MONDAY, now=at(2026, 3, 9, 5, 0))[0]
    delivering.send(report, UserFactory(role="Marketer"), [early.pk], now=at(2026, 3, 9, 5, 0))

    assert scheduling.run_weekly(NOW) == {"report": report.pk, "created": False, "queued": 1}

    delivering.deliver(NOW)
    assert [message["chat_id"] for message in bot.messages] == ["-1001", "@shop"]
    assert late.deliveries.count() == 1


def test_a_revision_made_afterwards_is_not_sent_by_the_clock(shop):
    shop.recipient(CHAT)
    scheduling.run_weekly(NOW)
    making.make("weekly", MONDAY, now=NOW, force=True)

    assert scheduling.run_weekly(NOW + timedelta(hours=1))["queued"] == 0
    assert ReportDelivery.objects.count() == 1


def test_a_machine_that_slept_makes_the_latest_week_only(shop):
    shop.recipient(CHAT)
    scheduling.run_weekly(NOW)

    scheduling.run_weekly(at(2026, 4, 2, 3, 0))

    weeks = AnalyticsReport.objects.order_by("period_start").values_list("period_start", flat=True)
    assert [day.isoformat() for day in weeks] == ["2026-03-02", "2026-03-23"]


def test_the_month_is_made_on_its_first(shop):
    shop.recipient(CHAT)
    shop.recipient("ana@shop.example", name="Weekly only", wants_monthly=False)

    assert scheduling.run_monthly(at(2026, 3, 1, 6, 0))["waiting"] == "not_yet"
    assert scheduling.run_monthly(at(2026, 3, 1, 7, 0))["queued"] == 1

    report = AnalyticsReport.objects.get()
    assert (report.report_type, str(report.period_start), str(report.period_end)) == (
        "monthly",
        "2026-02-01",
        "2026-02-28",
    )
    assert report.summary.startswith("Nothing was published from Feb. 1, 2026")


@pytest.mark.django_db(transaction=True)
def test_two_clocks_queue_once():
    shop = Shop()
    shop.recipient(CHAT)
    found, start = [], threading.Barrier(2)

    def work():
        start.wait()
        try:
            found.append(scheduling.run_weekly(NOW)["queued"])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(found) == [0, 1]
    assert ReportDelivery.objects.count() == 1


def test_the_commands_print_json(shop, bot, capsys):
    organisation(timezone="Europe/Madrid")
    shop.recipient(CHAT)
    printed = []
    for name in ("weekly_report", "monthly_report", "deliver_reports"):
        call_command(name, now="2026-03-09T07:00:00+01:00")
        printed.append(json.loads(capsys.readouterr().out))

    weekly, monthly = AnalyticsReport.objects.order_by("-report_type")
    assert printed == [
        {"report": weekly.pk, "created": True, "queued": 1},
        {"report": monthly.pk, "created": True, "queued": 1},
        {"sent": 2, "not_sent": 0},
    ]


# -- addresses and secrets -------------------------------------------------------------------


@pytest.mark.parametrize(
    "url", ["ana@shop.example", "mailto:ana@shop.example", CHAT, "slack://a/b/c", "json://x"]
)
def test_usable_addresses_are_taken(url):
    recipients.check(url)


@pytest.mark.parametrize("url", ["", "ana", "ana@", "tgram://token", "syslog://", "http:/x", "a b"])
def test_others_are_refused_without_quoting_them(url):
    with pytest.raises(Invalid) as refused:
        recipients.check(url)

    assert list(refused.value.fields) == ["address"]
    assert not url or url not in refused.value.message.replace("tgram://TOKEN", "")


def test_no_log_and_no_error_holds_a_secret(shop, report, bot, settings, caplog):
    caplog.set_level(logging.DEBUG)
    bot.answers = [refusal(400, f"Bad Request: token={TOKEN} is strange")]
    queued(report, shop.recipient(CHAT), shop.recipient("json://u:hunter22@127.0.0.1:9"))
    delivering.deliver(NOW)
    settings.TELEGRAM_API_BASE = "http://127.0.0.1:9"
    ReportDelivery.objects.update(state="queued", next_try_at=NOW)
    delivering.deliver(NOW)

    errors = " ".join(ReportDelivery.objects.values_list("error", flat=True))
    logged = "\n".join(map(JsonFormatter().format, caplog.records))
    assert errors.strip() and "sendMessage" in logged
    for text in (errors, logged):
        assert TOKEN.split(":")[1] not in text
        assert "hunter22" not in text
