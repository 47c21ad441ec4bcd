"""Reports in the admin: read, made, taken away, sent; by role."""

from __future__ import annotations

import io
from html import escape

import pypdf
import pytest
import time_machine
from django.test import Client, RequestFactory
from django.urls import reverse

from analytics.models import AnalyticsReport, ReportDelivery, ReportRecipient
from analytics.services.reports import delivering, making
from analytics.tests.reporting import AWKWARD, MONDAY, NOW, Shop, two_weeks
from socialhub import navigation
from socialhub.models import AccountGrant, JobRun
from socialhub.roles import ROLES
from socialhub.services import jobs
from socialhub.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_monday_after():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def shop(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.CHROMIUM_PATH = "/nowhere/chromium"
    return Shop(setup_done=True)


@pytest.fixture
def report(shop):
    two_weeks(shop)
    return making.make("weekly", MONDAY, now=NOW)[0]


def person(role: str | None = "Marketer", user=None) -> Client:
    client = Client()
    client.user = user or UserFactory(role=role)
    client.force_login(client.user)
    return client


def at(name: str, *args) -> str:
    return reverse(f"admin:analytics_analyticsreport_{name}", args=args)


LIST, ADD = "/admin/analytics/analyticsreport/", "/admin/analytics/analyticsreport/add/"


def text(answer) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


# -- reading ---------------------------------------------------------------------------------


def test_the_page_reads_like_a_letter_with_the_figures(report):
    page = text(person("Approver").get(at("change", report.pk)))

    order = [
        report.summary,
        "1,500",
        "<svg",
        "Top posts",
        "What the figures mean",
    ]
    places = [page.find(part) for part in order]
    assert -1 not in places and places == sorted(places)
    for figure in ("41", "2.40 %", "▲ 310 %", "Sandals are here"):
        assert figure in page
    assert escape(AWKWARD) in page and AWKWARD not in page


def test_an_older_revision_points_to_the_newer_one(report):
    newer = making.make("weekly", MONDAY, now=NOW, force=True)[0]

    assert at("change", newer.pk) in text(person().get(at("change", report.pk)))
    assert "newer revision" not in text(person().get(at("change", newer.pk)))


def test_the_list_shows_what_is_new_and_what_failed(shop, report):
    ana = shop.recipient("ana@shop.example")
    ReportDelivery.objects.create(
        report=report, recipient=ana, name="Ana", state="failed", next_try_at=NOW
    )

    page = text(person().get(LIST))

    assert "Weekly report" in page
    assert "failed 1" in page
    assert "1 delivery failed" in page
    assert "1 recipient gets them" in page


@pytest.mark.parametrize("rows", [1, 4])
def test_the_list_takes_the_same_queries_however_long(shop, rows, django_assert_max_num_queries):
    ana = shop.recipient("ana@shop.example")
    for _row in range(rows):
        made = making.make("weekly", MONDAY, now=NOW, force=True)[0]
        ReportDelivery.objects.create(report=made, recipient=ana, name="Ana", next_try_at=NOW)
    client = person("Administrator")
    client.get(LIST)

    with django_assert_max_num_queries(20):
        assert text(client.get(LIST)).count("Weekly report") >= rows


# -- making ----------------------------------------------------------------------------------


def test_a_report_is_made_by_the_form_once(shop):
    two_weeks(shop)
    client = person("Analyst")
    body = {"report_type": "weekly", "period_start": "2026-03-02"}

    assert 'value="2026-03-02"' in text(client.get(ADD))
    made = client.post(ADD, body)
    again = client.post(ADD, body, follow=True)

    report = AnalyticsReport.objects.get()
    assert (made.status_code, made["Location"]) == (302, at("change", report.pk))
    assert "was made before" in text(again)
    assert report.made_by == client.user

    client.post(ADD, {**body, "force": "on"})
    assert AnalyticsReport.objects.count() == 2


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"report_type": "weekly", "period_start": "2026-03-03"}, "starts on a Monday"),
        ({"report_type": "weekly", "period_start": "2026-03-09"}, "is not over"),
        ({"report_type": "custom", "period_start": "2026-03-02"}, "on which day the period ends"),
        ({"report_type": "weekly", "period_start": ""}, "required"),
    ],
)
def test_the_form_says_what_is_impossible_and_keeps_what_was_typed(shop, body, said):
    page = text(person().post(ADD, body))

    assert said in page
    assert not body["period_start"] or f'value="{body["period_start"]}"' in page
    assert AnalyticsReport.objects.count() == 0


def test_made_again_it_is_a_revision(report):
    answer = person().post(at("again", report.pk), follow=True)

    second = AnalyticsReport.objects.get(revision=2)
    assert answer.redirect_chain == [(at("change", second.pk), 302)]
    assert "Revision 2" in text(answer)


def test_the_list_s_actions_make_again_and_send(shop, report):
    shop.recipient("ana@shop.example")
    client = person()

    for action in ("make_selected_again", "send_selected"):
        client.post(LIST, {"action": action, "_selected_action": [report.pk]})

    assert AnalyticsReport.objects.count() == 2
    assert list(ReportDelivery.objects.values_list("report", "name")) == [(report.pk, "Ana")]


# -- sending ---------------------------------------------------------------------------------


def test_who_is_ticked_gets_it_and_is_shown(shop, report):
    ana, ben = shop.recipient("ana@shop.example"), shop.recipient("ben@shop.example", name="Ben")
    client = person()
    assert "It was not sent to anybody." in text(client.get(at("change", report.pk)))

    part = text(
        client.post(at("send", report.pk), {"recipient": [ana.pk]}, headers={"HX-Request": "true"})
    )

    assert list(ReportDelivery.objects.values_list("name", "state")) == [("Ana", "queued")]
    assert 'hx-trigger="every 3s"' in part
    assert f'value="{ben.pk}"' in part and f'value="{ana.pk}"' not in part
    assert "shop.example" not in part


def test_nothing_ticked_is_said(shop, report):
    shop.recipient("ana@shop.example")

    page = text(person().post(at("send", report.pk), follow=True))

    assert "Choose at least one recipient." in page
    assert ReportDelivery.objects.count() == 0


def test_a_failure_is_shown_with_its_reason_and_tried_again(shop, report):
    shop.recipient("qt://", name="Desktop")
    client = person()
    delivering.send(report, client.user, now=NOW)
    delivering.deliver(NOW)
    row = ReportDelivery.objects.get()

    page = text(client.get(at("change", report.pk)))
    assert "act on the server itself" in page
    assert 'hx-trigger="every 3s"' not in page

    client.post(at("try_again", report.pk, row.pk))
    row.refresh_from_db()
    assert (row.state, row.error) == ("queued", "")


def test_the_log_lists_deliveries_and_tries_them_again(shop, report):
    ana = shop.recipient("ana@shop.example")
    row = ReportDelivery.objects.create(
        report=report, recipient=ana, name="Ana", state="failed", error="gone", next_try_at=NOW
    )
    client, url = person(), "/admin/analytics/reportdelivery/"

    assert "gone" in text(client.get(url))
    client.post(url, {"action": "try_selected_again", "_selected_action": [row.pk]})

    row.refresh_from_db()
    assert row.state == "queued"


# -- taking it away --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["html", "csv", "xlsx"])
def test_files_come_at_once(report, kind):
    answer = person("Approver").get(at("download", report.pk, kind))

    assert answer.status_code == 200
    assert answer["Content-Disposition"].endswith(f'report-2026-03-02-weekly.{kind}"')


def test_a_pdf_is_waited_for_on_the_page(report):
    client = person("Approver")

    waiting = client.get(at("download", report.pk, "pdf"))
    job = JobRun.objects.get()
    assert waiting["Location"] == f"{at('change', report.pk)}?job={job.pk}"
    assert "Printing the PDF…" in text(client.get(waiting["Location"]))

    jobs.run(job.pk)

    assert "The PDF is ready." in text(client.get(at("printing", report.pk, job.pk)))
    answer = client.get(at("download", report.pk, "pdf"))
    pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    assert "1,500" in "".join(page.extract_text() for page in pages)


def test_somebody_else_s_printing_is_not_shown(report):
    person().get(at("download", report.pk, "pdf"))
    job = JobRun.objects.get()

    assert person("Administrator").get(at("printing", report.pk, job.pk)).status_code == 404


def test_unknown_files_and_reports_are_404(report):
    client = person()

    assert client.get(at("download", report.pk, "docx")).status_code == 404
    assert client.get(at("change", 999)).status_code == 404


# -- who may ---------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [*ROLES, None])
def test_roles_may_what_the_table_says(shop, report, role):
    ana = shop.recipient("ana@shop.example")
    client = person(role)
    answers = {
        "view": client.get(at("change", report.pk)),
        "download": client.get(at("download", report.pk, "csv")),
        "generate": client.get(ADD),
        "send": client.post(at("send", report.pk), {"recipient": [ana.pk]}),
        "recipients": client.get("/admin/analytics/reportrecipient/"),
    }

    allowed = {
        "Administrator": {"view", "download", "generate", "send", "recipients"},
        "Marketer": {"view", "download", "generate", "send", "recipients"},
        "Approver": {"view", "download"},
        "Analyst": {"view", "download", "generate"},
        None: set(),
    }[role]
    assert {n for n in ("view", "download", "generate") if answers[n].status_code == 200} == {
        n for n in allowed if n in ("view", "download", "generate")
    }
    assert (answers["recipients"].status_code == 200) is ("recipients" in allowed)
    # The verb itself refuses and says so on the page it returns to.
    assert ReportDelivery.objects.exists() is ("send" in allowed)


def test_reports_of_other_accounts_do_not_exist(shop):
    rows = two_weeks(shop)
    everything = making.make("weekly", MONDAY, now=NOW)[0]
    mine = rows["sandals"].account
    own = making.make("weekly", MONDAY, scope=f"account:{mine.pk}", now=NOW)[0]
    ana = shop.recipient("ana@shop.example")
    ReportDelivery.objects.create(report=everything, recipient=ana, name="Zed", next_try_at=NOW)
    client = person()
    AccountGrant.objects.create(user=client.user, account=mine)

    assert client.get(at("change", own.pk)).status_code == 200
    assert client.get(at("change", everything.pk)).status_code == 404
    assert client.get(at("download", everything.pk, "csv")).status_code == 404
    assert client.get(at("deliveries", everything.pk)).status_code == 404
    assert client.post(at("again", everything.pk)).status_code == 404
    assert at("change", everything.pk) not in text(client.get(LIST))
    assert "Zed" not in text(client.get("/admin/analytics/reportdelivery/"))
    form = text(client.get(ADD))
    assert f"account:{mine.pk}" in form and "platform:mastodon" not in form


# -- recipients ------------------------------------------------------------------------------


def test_an_address_is_stored_encrypted_and_never_shown(shop):
    client, url = person(), "/admin/analytics/reportrecipient/add/"
    body = {"name": "Group", "address": "tgram://1:topsecret/5", "language": "", "is_active": "on"}

    assert client.post(url, body).status_code == 302
    recipient = ReportRecipient.objects.get()
    change = f"/admin/analytics/reportrecipient/{recipient.pk}/change/"
    page = text(client.get(change)) + text(client.get("/admin/analytics/reportrecipient/"))
    assert recipient.url == "tgram://1:topsecret/5"
    assert "topsecret" not in page

    client.post(change, {**body, "address": "", "name": "Team"})
    recipient.refresh_from_db()
    assert (recipient.name, recipient.url) == ("Team", "tgram://1:topsecret/5")


@pytest.mark.parametrize("address", ["", "nobody", "tgram://x"])
def test_a_useless_address_is_refused(shop, address):
    body = {"name": "Group", "address": address, "language": "", "is_active": "on"}

    page = text(person().post("/admin/analytics/reportrecipient/add/", body))

    assert ReportRecipient.objects.count() == 0
    assert not address or f'value="{address}"' not in page


@pytest.mark.parametrize(("role", "shown"), [("Approver", True), (None, False)])
def test_the_sidebar_leads_to_the_reports(shop, role, shown):
    page = person(role).get("/admin/").content.decode()

    assert (f'href="{LIST}"' in page) is shown


def test_only_one_line_of_the_sidebar_is_active(report):
    request = RequestFactory().get(at("change", report.pk))
    request.user = UserFactory(role="Marketer")

    groups = navigation.navigation(request)

    active = [str(line["title"]) for group in groups for line in group["items"] if line["active"]]
    assert active == ["Reports"]
