"""/api/analytics/export/: the same figures as a table."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from analytics import exporting
from analytics.models import PublicationStats
from analytics.queries.publications import SHOWN
from analytics.tests.measured import ROOT, ask, client, measured
from socialhub.models import Publication
from socialhub.services import tables
from socialhub.tests.factories import AccountFactory, CampaignFactory, PostFactory, organisation

pytestmark = pytest.mark.django_db

WEEK = {"from": "2025-10-20", "to": "2025-10-26"}


def at(day: int, hour: int) -> datetime:
    return datetime(2025, 10, day, hour, tzinfo=UTC)


def export(caller=None, **params):
    answer = (caller or client()).get(f"{ROOT}export/", {**WEEK, **params})
    assert answer.status_code == 200, answer.content
    assert answer.streaming
    return answer


def csv_rows(**params) -> list[dict[str, str]]:
    text = b"".join(export(**params)).decode()
    return list(csv.DictReader(io.StringIO(text)))


def sheet(**params):
    return load_workbook(io.BytesIO(b"".join(export(format="xlsx", **params)))).active


def xlsx_rows(**params) -> list[dict]:
    names, *rows = sheet(**params).values
    return [dict(zip(names, row, strict=True)) for row in rows]


@pytest.fixture
def row():
    organisation(timezone="Europe/Madrid")
    account = AccountFactory(handle="shop")
    post = PostFactory(
        approved=True, text='Bread, "fresh"\nand warm ñ', campaign=CampaignFactory(name="Autumn")
    )
    counters = {"likes": 10, "comments": 0, "impressions": 400}
    made = measured(account, at(25, 22), post=post, counters=counters)
    Publication.objects.filter(pk=made.pk).update(permalink="https://net.example/1")
    return made


def test_csv_has_every_figure_of_a_publication(row):
    PublicationStats.objects.update(gone_at=at(26, 12))

    answer = export()

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == (
        'attachment; filename="socialhub-publications-2025-10-20-2025-10-26.csv"'
    )
    assert csv_rows() == [
        {
            # Midnight in Madrid.
            "local_day": "2025-10-26",
            "published_at": "2025-10-26T00:00:00+02:00",
            "publication": str(row.pk),
            "post": str(row.post_id),
            "platform": "sandbox",
            "account": str(row.account_id),
            "handle": "shop",
            "content_type": "text",
            "campaign": "Autumn",
            "text": 'Bread, "fresh"\nand warm ñ',
            "permalink": "https://net.example/1",
            **dict.fromkeys(SHOWN, ""),
            "likes": "10",
            "comments": "0",
            "impressions": "400",
            "engagements": "10",
            "engagement_rate": "2.5",
            "measured_at": "2025-10-26T01:00:00+02:00",
            "gone_at": "2025-10-26T13:00:00+01:00",
        }
    ]


def test_xlsx_has_the_same_as_numbers_and_days(row):
    answer = export(format="xlsx")

    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    assert (
        'filename="socialhub-publications-2025-10-20-2025-10-26.xlsx"'
        in (answer["Content-Disposition"])
    )
    (found,) = xlsx_rows()
    assert found == {
        "local_day": datetime(2025, 10, 26),
        "published_at": "2025-10-26T00:00:00+02:00",
        "publication": row.pk,
        "post": row.post_id,
        "platform": "sandbox",
        "account": row.account_id,
        "handle": "shop",
        "content_type": "text",
        "campaign": "Autumn",
        "text": 'Bread, "fresh"\nand warm ñ',
        "permalink": "https://net.example/1",
        **dict.fromkeys(SHOWN),
        "likes": 10,
        "comments": 0,
        "impressions": 400,
        "engagements": 10,
        "engagement_rate": 2.5,
        "measured_at": "2025-10-26T01:00:00+02:00",
        "gone_at": None,
    }


def test_one_row_per_publication_oldest_first_and_no_answers(row):
    other = AccountFactory(platform="mastodon")
    twin = measured(other, at(21, 8), post=row.post)
    measured(other, at(22, 8), post=PostFactory(approved=True, is_reply=True))
    measured(other, at(27, 8))

    found = csv_rows()

    assert [int(one["publication"]) for one in found] == [twin.pk, row.pk]
    assert {one["post"] for one in found} == {str(row.post_id)}
    # Never measured: empty, not 0.
    assert {name: found[0][name] for name in (*SHOWN, "measured_at")} == dict.fromkeys(
        (*SHOWN, "measured_at"), ""
    )


def test_a_text_of_one_account_is_that_of_its_publication(row):
    Publication.objects.update(text_override="Bread!")

    assert csv_rows()[0]["text"] == "Bread!"


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+34 600", "-1", "@cmd", '=HYPERLINK("http://x")', "\t=1+1", " =1+1", "＝1"],
)
def test_a_text_never_runs_as_a_formula(row, text):
    Publication.objects.update(text_override=text)

    (line,) = csv_rows()
    book = sheet()

    assert line["text"] == f"'{text}"
    names = [cell.value for cell in book[1]]
    cell = book[2][names.index("text")]
    assert (cell.value, cell.data_type) == (text, "s")
    # A number with a sign stays a number.
    assert line["likes"] == "10"


def test_a_handle_and_a_campaign_never_run_either(row):
    row.account.handle = "@shop@fedi.example"
    row.account.save()
    row.post.campaign.name = "=Autumn"
    row.post.campaign.save()

    (line,) = csv_rows()

    assert (line["handle"], line["campaign"]) == ("'@shop@fedi.example", "'=Autumn")


def test_what_no_cell_takes_is_left_out(row):
    Publication.objects.update(text_override="a\x0bb" + "c" * 40_000)

    (found,) = xlsx_rows()

    assert (found["text"][:3], len(found["text"])) == ("abc", 32_767)


def test_days_have_both_kinds_of_figures(row):
    found = csv_rows(what="days")

    assert [one["date"] for one in found] == [f"2025-10-{day}" for day in range(20, 27)]
    last = found[-1]
    assert (last["publications"], last["published_likes"], last["happened_likes"]) == (
        "1",
        "10",
        "10",
    )
    assert (last["published_shares"], last["happened_shares"]) == ("", "")
    assert last["published_avg_engagement_rate"] == "2.5"
    assert xlsx_rows(what="days")[-1]["date"] == datetime(2025, 10, 26)


def test_nothing_to_export_is_a_table_with_names(db):
    assert b"".join(export()).decode().strip() == ",".join(exporting.PUBLICATIONS)
    assert [list(one) for one in sheet().values] == [list(exporting.PUBLICATIONS)]


def test_exports_are_narrowed_like_the_dashboard(row):
    forum = AccountFactory(platform="mastodon")
    other = measured(forum, at(21, 8), counters={"likes": 7})

    def shown(caller=None, **params):
        return [int(one["publication"]) for one in csv_rows(caller=caller, **params)]

    assert shown(platform="mastodon") == [other.pk]
    assert shown(account=row.account_id) == [row.pk]
    assert shown(campaign=row.post.campaign_id) == [row.pk]
    assert shown(content_type="image") == []
    assert shown(client("Analyst", forum)) == [other.pk]
    assert shown() == [other.pk, row.pk]


def test_the_format_is_a_parameter_whatever_the_caller_accepts(row):
    for accepted in ("text/csv", "text/html", "application/pdf", "*/*"):
        answer = client().get(f"{ROOT}export/", WEEK, headers={"Accept": accepted})
        assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
    wrong = client().get(f"{ROOT}export/?days=0", headers={"Accept": "text/csv"})
    assert (wrong.status_code, wrong.json()["type"]) == (400, "invalid")


def test_rows_come_in_blocks_and_in_one_query(row, monkeypatch):
    monkeypatch.setattr(tables, "LINES", 2)
    for n in range(4):
        measured(row.account, at(21, n), counters={"likes": n})

    with CaptureQueriesContext(connection) as captured:
        blocks = list(export())

    # The names and five rows, two by two.
    assert [block.count(b"\r\n") for block in blocks] == [2, 2, 2]
    reads = [one for one in captured if 'FROM "analytics_publicationstats"' in one["sql"]]
    assert len(reads) == 1


def test_too_many_rows_for_a_sheet_are_refused_with_a_remedy(row, monkeypatch):
    measured(row.account, at(21, 8))
    monkeypatch.setattr(exporting, "MOST_IN_SHEET", 1)

    answer = client().get(f"{ROOT}export/", {**WEEK, "format": "xlsx"})

    assert (answer.status_code, answer.json()["type"]) == (400, "too_many_rows")
    assert "CSV" in answer.json()["detail"]
    assert len(csv_rows()) == 2


def test_one_snapshot_moves_every_answer_by_exactly_that_much():
    account = AccountFactory()
    publication = measured(
        account, timezone.now() - timedelta(days=1), counters={"likes": 3, "impressions": 200}
    )
    caller = client("Marketer")

    def figures() -> dict[str, tuple]:
        day = {"from": "", "to": ""}
        (top,) = ask("top-posts", caller)["results"]
        (own,) = ask("accounts", caller)["results"]
        board = ask("dashboard", caller)
        published = ask("timeseries", caller)["days"]
        happened = ask("timeseries", caller, kind="happened")["days"]
        (line,) = csv_rows(caller=caller, **day)
        (cells,) = xlsx_rows(caller=caller, **day)
        days = csv_rows(caller=caller, what="days", **day)
        (cell,) = board["heatmap"]
        names = ("likes", "impressions", "engagements")

        def total(rows, prefix=""):
            return tuple(sum(int(one[prefix + name] or 0) for one in rows) for name in names)

        return {
            "total": total([board], "total_"),
            "platform": total([board["platform_breakdown"]["sandbox"]]),
            "type": total([board["content_breakdown"]["text"]]),
            "board happened": total([board["happened"]]),
            "published": total(published),
            "happened": total(happened),
            "top": total([top]),
            "account": total([own]),
            "csv": total([line]),
            "xlsx": total([cells]),
            "days published": total(days, "published_"),
            "days happened": total(days, "happened_"),
            "heatmap": (None, cell["impressions"], cell["engagements"]),
        }

    before = figures()
    sent = {"publication": publication.pk, "likes": 10, "comments": 4, "impressions": 350}
    answer = caller.post(f"{ROOT}posts/{publication.post_id}/metrics/", sent, format="json")

    after = figures()
    assert answer.status_code == 201
    assert before == {name: (None if name == "heatmap" else 3, 200, 3) for name in before}
    assert after == {name: (None if name == "heatmap" else 10, 350, 14) for name in before}
