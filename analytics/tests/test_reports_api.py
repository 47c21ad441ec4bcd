"""/api/analytics/reports/ and /api/analytics/recipients/"""

from __future__ import annotations

import csv
import io

import openpyxl
import pypdf
import pytest
import time_machine
from rest_framework.test import APIClient

from analytics.models import AnalyticsReport, ReportDelivery, ReportRecipient
from analytics.services.reports import making, pdf
from analytics.tests.reporting import MONDAY, NOW, SUNDAY, Shop, two_weeks
from socialhub.models import AccountGrant, ApiToken, JobRun
from socialhub.roles import ROLES
from socialhub.services import jobs
from socialhub.tests.factories import UserFactory

pytestmark = pytest.mark.django_db
REPORTS = "/api/analytics/reports/"
RECIPIENTS = "/api/analytics/recipients/"
GENERATE = f"{REPORTS}generate/"
FIELDS = {
    "report_type",
    "period_start",
    "period_end",
    "revision",
    "total_posts",
    "total_impressions",
    "total_engagements",
    "total_likes",
    "total_comments",
    "total_shares",
    "avg_engagement_rate",
    "avg_impressions_per_post",
    "avg_engagements_per_post",
    "posts_change_pct",
    "engagement_change_pct",
    "top_posts",
    "best_times",
    "content_performance",
    "platform_breakdown",
    "sections",
    "telegram_summary",
}
WEEK = {"report_type": "weekly", "period_start": "2026-03-02"}


@pytest.fixture(autouse=True)
def _the_monday_after():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def shop(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.CHROMIUM_PATH = "/nowhere/chromium"
    return Shop()


@pytest.fixture
def report(shop):
    two_weeks(shop)
    return making.make("weekly", MONDAY, now=NOW)[0]


def client(role: str = "Marketer", user=None) -> APIClient:
    made = APIClient()
    made.user = user or UserFactory(role=role)
    made.force_authenticate(made.user)
    return made


def test_generating_is_201_once_and_200_afterwards(shop):
    two_weeks(shop)
    caller = client()

    first = caller.post(GENERATE, WEEK)
    again = caller.post(GENERATE, WEEK)
    forced = caller.post(GENERATE, {**WEEK, "force": True})

    assert [answer.status_code for answer in (first, again, forced)] == [201, 200, 201]
    assert first.json() == again.json()
    assert set(first.json()) >= FIELDS
    assert (forced.json()["revision"], forced.json()["total_posts"]) == (2, 2)
    assert first.json()["made_by"] == caller.user.pk
    assert AnalyticsReport.objects.count() == 2


def test_figures_in_json_are_those_of_the_row(report):
    found = client("Approver").get(f"{REPORTS}{report.pk}/").json()

    assert (found["total_impressions"], found["total_engagements"]) == (1_500, 41)
    assert found["platform_breakdown"]["mastodon"]["impressions"] is None
    assert found["platform_breakdown"]["sandbox"]["posts"] == 2
    assert set(found["best_times"][0]) == {
        "day",
        "day_name",
        "hour",
        "hour_formatted",
        "avg_engagement_rate",
        "low",
        "high",
        "p_top5",
        "sample_size",
        "badge",
        "level",
    }
    assert {"id", "publication", "content", "platforms", "permalink"} <= set(found["top_posts"][0])
    assert len(found["details"]["daily"]) == 7


def test_any_period_can_be_asked_for(shop):
    body = {"report_type": "custom", "period_start": "2026-03-03", "period_end": "2026-03-05"}

    answer = client("Analyst").post(GENERATE, body)

    assert answer.status_code == 201
    assert (answer.json()["period_end"], answer.json()["total_impressions"]) == ("2026-03-05", None)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "report_type"),
        ({**WEEK, "report_type": "daily"}, "report_type"),
        ({**WEEK, "period_start": "2026-03-03"}, "period_start"),
        ({**WEEK, "period_start": "2026-03-09"}, "period_start"),
        ({**WEEK, "period_start": "soon"}, "period_start"),
        ({"report_type": "custom", "period_start": "2026-03-02"}, "period_end"),
        ({**WEEK, "period_end": "2026-03-03"}, "period_end"),
        ({**WEEK, "scope": "planet:mars"}, "scope"),
        ({**WEEK, "forced": True}, "forced"),
    ],
)
def test_a_wrong_wish_is_400_and_names_the_field(shop, body, field):
    answer = client().post(GENERATE, body)

    assert answer.status_code == 400
    assert field in answer.json()["fields"]
    assert set(answer.json()) == {"type", "title", "detail", "fields"}


def test_an_idempotency_key_repeats_the_answer(shop):
    caller = client()

    first = caller.post(GENERATE, {**WEEK, "force": True}, headers={"Idempotency-Key": "k"})
    again = caller.post(GENERATE, {**WEEK, "force": True}, headers={"Idempotency-Key": "k"})
    other = caller.post(GENERATE, WEEK, headers={"Idempotency-Key": "k"})

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 409)
    assert first.json() == again.json()
    assert AnalyticsReport.objects.count() == 1


def test_lists_are_newest_first_narrowed_and_limited(report):
    making.make("weekly", MONDAY, now=NOW, force=True)
    making.make("custom", MONDAY, MONDAY, now=NOW)
    caller = client()

    def ids(**query):
        found = caller.get(REPORTS, query).json()
        return [(r["report_type"], r["revision"]) for r in found["results"]], found["count"]

    assert ids() == ([("weekly", 2), ("weekly", 1), ("custom", 1)], 3)
    assert ids(limit=1) == ([("weekly", 2)], 3)
    assert ids(report_type="custom") == ([("custom", 1)], 1)
    assert ids(latest="true") == ([("weekly", 2), ("custom", 1)], 2)
    for query in ({"limit": "0"}, {"limit": "x"}, {"limit": "201"}, {"report_type": "daily"}):
        assert caller.get(REPORTS, query).status_code == 400


@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_takes_the_same_queries_however_long(shop, rows, django_assert_num_queries):
    recipient = shop.recipient("ana@shop.example")
    for _row in range(rows):
        made = making.make("weekly", MONDAY, now=NOW, force=True)[0]
        ReportDelivery.objects.create(report=made, recipient=recipient, name="x", next_try_at=NOW)
    caller = client()
    caller.get(REPORTS)

    with django_assert_num_queries(3):
        assert caller.get(REPORTS).json()["count"] == rows


# -- files -----------------------------------------------------------------------------------


def test_html_csv_and_xlsx_come_at_once(report):
    caller = client("Approver")

    def download(kind):
        answer = caller.get(f"{REPORTS}{report.pk}/download/", {"format": kind})
        name = f'attachment; filename="report-2026-03-02-weekly.{kind}"'
        assert (answer.status_code, answer["Content-Disposition"]) == (200, name)
        return answer.content

    assert "1,500" in download("html").decode()
    assert ["Impressions", "1500"] in list(csv.reader(io.StringIO(download("csv").decode())))
    book = openpyxl.load_workbook(io.BytesIO(download("xlsx")))
    assert ("Impressions", 1_500) in list(book["All figures"].values)


def test_a_pdf_is_printed_by_the_worker_and_then_kept(report):
    caller = client("Approver")
    url = f"{REPORTS}{report.pk}/download/?format=pdf"

    waiting = caller.get(url)
    again = caller.get(url)
    row = JobRun.objects.get()
    assert (waiting.status_code, waiting.json()) == (202, {"job": str(row.pk)})
    assert again.json() == waiting.json()
    assert waiting["Location"] == f"/api/jobs/{row.pk}/"
    assert pdf.stored(report, "en") is None

    jobs.run(row.pk)

    done = caller.get(f"/api/jobs/{row.pk}/").json()
    assert (done["state"], done["errors"]) == ("done", [])
    answer = caller.get(done["result"]["url"])
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    text = "".join(
        page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages
    )
    assert "1,500" in text
    assert JobRun.objects.count() == 1


def test_a_file_is_in_the_language_asked_for(report):
    answer = client().get(f"{REPORTS}{report.pk}/download/", {"language": "es"})

    assert '<html lang="es">' in answer.content.decode()


@pytest.mark.parametrize("query", [{"format": "docx"}, {"language": "xx"}])
def test_unknown_formats_and_languages_are_400(report, query):
    assert client().get(f"{REPORTS}{report.pk}/download/", query).status_code == 400


# -- sending ---------------------------------------------------------------------------------


def test_sending_queues_and_lists_deliveries_without_addresses(shop, report):
    ana = shop.recipient("ana@shop.example")
    shop.recipient("tgram://1:topsecret/5", name="Group", wants_weekly=False)
    caller = client()

    answer = caller.post(f"{REPORTS}{report.pk}/send/")
    one = caller.post(f"{REPORTS}{report.pk}/send/", {"recipients": [ana.pk]})

    assert (answer.status_code, one.status_code) == (202, 202)
    [row] = answer.json()["deliveries"]
    assert (row["recipient"], row["name"], row["state"]) == (ana.pk, "Ana", "queued")
    assert one.json() == answer.json()
    shown = caller.get(f"{REPORTS}{report.pk}/").json()
    assert shown["deliveries"] == answer.json()["deliveries"]
    for text in (answer.content, caller.get(REPORTS).content):
        assert b"shop.example" not in text and b"topsecret" not in text


@pytest.mark.parametrize("ids", [[], [99], ["x"]])
def test_unknown_recipients_are_400(shop, report, ids):
    answer = client().post(f"{REPORTS}{report.pk}/send/", {"recipients": ids})

    assert answer.status_code == 400
    assert [name.split(".")[0] for name in answer.json()["fields"]] == ["recipients"]


# -- who may ---------------------------------------------------------------------------------

ALLOWED = {
    "Administrator": {"list", "download", "generate", "send", "recipients"},
    "Marketer": {"list", "download", "generate", "send", "recipients"},
    "Approver": {"list", "download"},
    "Analyst": {"list", "download", "generate"},
    None: set(),
}


@pytest.mark.parametrize("role", [*ROLES, None])
def test_roles_may_what_the_page_says(shop, report, role):
    shop.recipient("ana@shop.example")
    caller = client(role)
    answers = {
        "list": caller.get(REPORTS),
        "download": caller.get(f"{REPORTS}{report.pk}/download/"),
        "generate": caller.post(GENERATE, WEEK),
        "send": caller.post(f"{REPORTS}{report.pk}/send/"),
        "recipients": caller.get(RECIPIENTS),
    }

    assert {name for name, a in answers.items() if a.status_code != 403} == ALLOWED[role]


def test_nobody_without_a_login_sees_a_report(report):
    assert APIClient().get(REPORTS).status_code == 401


def test_a_token_for_reading_makes_and_sends_nothing(report):
    user = UserFactory(role="Marketer")
    _row, token = ApiToken.objects.create(user, can_write=False)
    caller = APIClient()
    caller.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")

    assert caller.get(REPORTS).status_code == 200
    assert caller.post(GENERATE, WEEK).status_code == 403
    assert caller.post(f"{REPORTS}{report.pk}/send/").status_code == 403


def test_reports_of_other_accounts_do_not_exist(shop):
    rows = two_weeks(shop)
    mine, other = rows["sandals"].account, rows["boots"].account
    everything = making.make("weekly", MONDAY, now=NOW)[0]
    own = making.make("weekly", MONDAY, scope=f"account:{mine.pk}", now=NOW)[0]
    foreign = making.make("weekly", MONDAY, scope=f"account:{other.pk}", now=NOW)[0]
    caller = client()
    AccountGrant.objects.create(user=caller.user, account=mine)

    assert [row["id"] for row in caller.get(REPORTS).json()["results"]] == [own.pk]
    for report in (everything, foreign):
        assert caller.get(f"{REPORTS}{report.pk}/").status_code == 404
        assert caller.get(f"{REPORTS}{report.pk}/download/").status_code == 404
        assert caller.post(f"{REPORTS}{report.pk}/send/").status_code == 404
    assert caller.post(GENERATE, WEEK).status_code == 400
    assert caller.post(GENERATE, {**WEEK, "scope": f"account:{mine.pk}"}).json()["id"] == own.pk


# -- recipients ------------------------------------------------------------------------------


def test_an_address_is_written_and_never_read(shop):
    caller = client()

    made = caller.post(RECIPIENTS, {"name": "Group", "address": "tgram://1:topsecret/5"})
    pk = made.json()["id"]
    changed = caller.patch(f"{RECIPIENTS}{pk}/", {"wants_monthly": False})
    moved = caller.patch(f"{RECIPIENTS}{pk}/", {"address": "ana@shop.example"})

    assert [a.status_code for a in (made, changed, moved)] == [201, 200, 200]
    assert (made.json()["kind"], moved.json()["kind"]) == ("telegram", "mail")
    assert changed.json()["wants_monthly"] is False
    assert ReportRecipient.objects.get().url == "ana@shop.example"
    for answer in (made, changed, caller.get(RECIPIENTS)):
        assert b"topsecret" not in answer.content and "address" not in answer.json()
    assert caller.delete(f"{RECIPIENTS}{pk}/").status_code == 204


@pytest.mark.parametrize("address", ["", "nobody", "tgram://x", "syslog://"])
def test_a_useless_address_is_refused_without_quoting_it(shop, address):
    answer = client().post(RECIPIENTS, {"name": "x", "address": address})

    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == ["address"]
    assert ReportRecipient.objects.count() == 0


def test_the_week_of_the_report_is_the_one_asked_for(report):
    assert (report.period_start, report.period_end) == (MONDAY, SUNDAY)
