"""One report in every format: opened again, and the same figures in each."""

from __future__ import annotations

import csv
import io
import os
import re
import socket
import stat
import unicodedata
from datetime import date, datetime, timedelta
from html import escape

import openpyxl
import pypdf
import pytest
from django.utils import translation

from analytics.services.reports import (
    charts,
    document,
    html,
    making,
    pdf,
    printing_chromium,
    printing_reportlab,
    summary,
    tabular,
    texts,
)
from analytics.services.reports.charts import Bar, Chart
from analytics.tests.reporting import AWKWARD, MONDAY, NOW, Shop, two_weeks
from socialhub.tests.factories import organisation

pytestmark = pytest.mark.django_db
SHOWN = ["1,500", "41", "2.40 %", "3.00 %", "100 %", "310 %", "Sandals are here"]
ALPHABETS = "Añejo ¿qué? — Ελληνικά, Кириллица"


@pytest.fixture
def shop(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return Shop()


@pytest.fixture
def report(shop):
    two_weeks(shop)
    return making.make("weekly", MONDAY, now=NOW)[0]


def words(content: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    # A printed "fi" is one sign.
    text = unicodedata.normalize("NFKC", " ".join(page.extract_text() for page in pages))
    return " ".join(text.split())


def missing(text: str, wanted=SHOWN) -> list[str]:
    return [one for one in wanted if one not in text]


def needs_chromium() -> None:
    if printing_chromium.executable() is None:
        pytest.skip("Chromium is not installed (apt-get install chromium)")


def without_chromium(settings, tmp_path):
    """A Chromium that ends at once, as one that lacks a library does."""
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 127\n")
    broken.chmod(broken.stat().st_mode | stat.S_IXUSR)
    settings.CHROMIUM_PATH = str(broken)


# -- HTML ------------------------------------------------------------------------------------


def test_the_page_has_the_figures_and_nothing_from_elsewhere(report):
    page = html.page(document.build(report))

    assert missing(page) == []
    assert escape(AWKWARD) in page
    assert "<b>&</b>" not in page
    assert "<script" not in page
    assert re.findall(r"""(?:src|@import|url\()\s*=?\s*["'(]?https?:""", page) == []
    assert page.count("<svg") == 3


def test_the_mail_has_the_same_figures_and_no_svg(report):
    mail = html.mail(document.build(report))

    assert missing(mail) == []
    assert escape(AWKWARD) in mail
    assert "<svg" not in mail and "<style" not in mail


def test_a_page_is_in_the_language_asked_for(report):
    spanish = document.build(report, "es")

    assert spanish.language == "es"
    assert '<html lang="es">' in html.page(spanish)
    assert "2,40" in html.page(spanish) and "1\xa0500" in html.page(spanish)
    assert document.build(report, "xx").language == "en"


def test_a_revision_says_so_at_its_head(report):
    second = making.make("weekly", MONDAY, now=NOW, force=True)[0]

    assert '<p class="report-note">Revision 2</p>' in html.page(document.build(second))


# -- charts ----------------------------------------------------------------------------------


def test_a_day_without_a_number_has_no_bar():
    bars = [Bar("Mon", None, "–"), Bar("Tue", 0, "0"), Bar("Wed", 8, "8")]

    boxes = charts.draw(Chart("Likes", bars, True)).boxes

    assert [box.hint for box in boxes] == ["Tue: 0", "Wed: 8"]
    assert boxes[0].height < boxes[1].height


def test_names_in_a_chart_are_escaped():
    picture = charts.svg(Chart("<i>", [Bar("a & b", 1, "1")], False))

    assert "&lt;i&gt;" in picture and "a &amp; b" in picture


# -- tables ----------------------------------------------------------------------------------


def blocks(content: bytes) -> dict[str, list[list[str]]]:
    """The tables of a CSV by their name."""
    found, name = {}, None
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    for number, row in enumerate(rows):
        if not row:
            name = rows[number + 1][0]
            found[name] = []
        elif name and row != [name]:
            found[name].append(row)
    return found


def test_csv_has_raw_numbers_and_empty_cells(report):
    found = blocks(tabular.as_csv(document.build(report)))

    assert dict(found["All figures"][1:]) == {
        "Posts": "2",
        "Publications": "3",
        "Impressions": "1500",
        "Engagements": "41",
        "Likes": "28",
        "Comments": "6",
        "Shares": "7",
        "Saves": "",
        "Clicks": "",
        "Reach": "",
        "Engagement rate": "2.4",
        "Impressions per publication that reports them": "750.0",
        "Engagements per publication that reports them": str(41 / 3),
    }
    networks = {row[0]: row[1:4] for row in found["By network"]}
    assert networks["Mastodon"] == ["1", "1", ""]
    assert networks["Sandbox"] == ["2", "2", "1500"]


def test_the_workbook_has_the_same_numbers(report):
    made = document.build(report)
    book = openpyxl.load_workbook(io.BytesIO(tabular.as_xlsx(made)))
    table = blocks(tabular.as_csv(made))

    assert book.sheetnames[:2] == ["Weekly report", "All figures"]
    for name in ("All figures", "By network", "Day by day"):
        rows = [["" if c is None else c for c in row] for row in book[name].values]
        assert [len(row) for row in rows] == [len(row) for row in table[name]]
        for sheet_row, csv_row in zip(rows[1:], table[name][1:], strict=True):
            numbers = [c for c in sheet_row if isinstance(c, int | float)]
            assert numbers == pytest.approx(
                [float(c) for c in csv_row if re.fullmatch(r"-?[\d.]+", c)]
            )
    assert isinstance(book["Day by day"]["A2"].value, datetime)


@pytest.mark.parametrize("text", ["=1+1", "+SUM(A1)", "-2", "@x", '=HYPERLINK("http://x")'])
def test_a_post_never_runs_as_a_formula(shop, text):
    shop.publish(shop.account("mastodon", handle="=cmd()"), MONDAY, text, likes=5)
    made = document.build(making.make("weekly", MONDAY, now=NOW)[0])

    cells = [
        cell
        for sheet in openpyxl.load_workbook(io.BytesIO(tabular.as_xlsx(made)))
        for row in sheet.iter_rows()
        for cell in row
    ]
    lines = [cell for rows in blocks(tabular.as_csv(made)).values() for row in rows for cell in row]

    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    assert text in [cell.value for cell in cells]
    assert f"'{text}" in lines and text not in lines


# -- PDF -------------------------------------------------------------------------------------


@pytest.mark.browser
def test_chromium_prints_the_figures(report):
    needs_chromium()

    found = words(printing_chromium.to_pdf(html.page(document.build(report))))

    assert missing(found) == []
    assert "What the figures mean" in found


@pytest.mark.browser
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_a_page_being_printed_reaches_nobody_and_runs_nothing(host):
    needs_chromium()
    family = socket.AF_INET6 if host == "[::1]" else socket.AF_INET
    with socket.create_server((host.strip("[]"), 0), family=family) as listener:
        listener.setblocking(False)
        url = f"http://{host}:{listener.getsockname()[1]}"
        # Without the policy that our pages carry.
        page = (
            f'<p id="a">still</p><img src="{url}/image"><link rel="stylesheet" href="{url}/css">'
            "<script>document.getElementById('a').textContent = 'changed'</script>"
        )

        found = words(printing_chromium.to_pdf(page))

        with pytest.raises(BlockingIOError):
            listener.accept()
    assert found == "still"


def test_a_chromium_that_hangs_is_ended(settings, tmp_path):
    slow = tmp_path / "chromium"
    slow.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 60\n")
    slow.chmod(0o755)
    settings.CHROMIUM_PATH = str(slow)

    with pytest.raises(printing_chromium.PrintingFailed, match="longer than"):
        printing_chromium.to_pdf("<p>x</p>", seconds=1)

    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_without_chromium_the_library_prints_the_same_figures(report):
    content = printing_reportlab.to_pdf(document.build(report))

    found = words(content)
    assert missing(found) == []
    assert AWKWARD in found
    assert pypdf.PdfReader(io.BytesIO(content)).metadata.title.startswith("Weekly report")


@pytest.mark.parametrize(
    "text",
    [
        ALPHABETS,
        "👩‍👩‍👧 family 🇪🇸 ☕️ 🤷🏽",
        "word" * 300,
        "שלום عربي 日本語",
        "tab\tand\nline\u2028end \x0b\x1f",
        "<para><b>not closed & {{ x }} %s",
    ],
)
def test_no_text_breaks_the_printing(shop, text):
    shop.publish(shop.account("mastodon", handle="naïve_ü"), MONDAY, text, likes=5)
    organisation(name=text[:100])
    made = document.build(making.make("weekly", MONDAY, now=NOW)[0])

    found = words(printing_reportlab.to_pdf(made))

    assert "naïve_ü" in found
    if text == ALPHABETS:
        assert unicodedata.normalize("NFKC", text) in found
    tabular.as_xlsx(made)
    html.page(made)


def test_a_year_fits_into_a_pdf(shop):
    two_weeks(shop)
    report = making.make("custom", date(2025, 3, 9), date(2026, 3, 8), now=NOW)[0]

    found = words(printing_reportlab.to_pdf(document.build(report)))

    assert len(report.details["daily"]) == 365
    assert "1,500" in found


def test_a_chromium_that_fails_is_replaced_and_the_log_says_so(report, settings, tmp_path, caplog):
    without_chromium(settings, tmp_path)

    found = words(pdf.render(report, "en"))

    assert missing(found) == []
    assert "printed without Chromium" in caplog.text


def test_a_pdf_is_printed_once_per_language(report, settings, tmp_path):
    without_chromium(settings, tmp_path)
    assert pdf.stored(report, "en") is None

    first = pdf.ensure(report, "en")
    again = pdf.ensure(report, "en")
    spanish = pdf.ensure(report, "es")

    # A second printing would have another time of creation in it.
    assert first == again == pdf.stored(report, "en")
    assert "2,40" in words(spanish)
    assert len(list((tmp_path / "reports").iterdir())) == 2


# -- messages --------------------------------------------------------------------------------


def test_telegram_gets_escaped_html(report):
    [message] = texts.messages(document.build(report))

    assert missing(message) == []
    assert escape(AWKWARD) in message
    assert "<b>&</b>" not in message
    assert message.count("<b>") == message.count("</b>") > 5
    assert report.telegram_summary.startswith("<b>Weekly report</b>\n")


def test_other_services_get_plain_text(report):
    found = texts.plain(document.build(report))

    assert missing(found) == []
    assert AWKWARD in found
    assert "&amp;" not in found and "<a" not in found


@pytest.mark.parametrize(
    ("html_text", "units"),
    [("abc", 3), ("<b>a&amp;b</b>", 3), ("😀", 2), ('<a href="https://x.example">é</a>', 1)],
)
def test_length_is_counted_as_telegram_does(html_text, units):
    assert texts.units(html_text) == units


def test_long_messages_are_cut_between_lines():
    lines = [f"<b>{number}</b> {'😀' * 40}" for number in range(120)]

    messages = texts.packed(lines)

    assert "\n".join(messages).split("\n") == lines
    assert len(messages) == 3
    assert all(texts.units(message) <= 4_096 for message in messages)
    assert all(message.count("<b>") == message.count("</b>") for message in messages)


def test_a_line_too_long_for_a_message_is_cut_at_a_space():
    line = f"<b>{'word &amp; ' * 900}</b>"

    messages = texts.packed(["before", line, "after"])

    assert all(texts.units(message) <= 4_096 for message in messages)
    assert all("<b>" not in message for message in messages)
    joined = " ".join(" ".join(messages).split())
    assert joined == f"before {' '.join(['word &amp;'] * 900)} after"


def test_text_without_a_space_is_cut_too():
    messages = texts.packed(["😀" * 5_000])

    assert [texts.units(message) for message in messages] == [4_096, 4_096, 1_808]


# -- words -----------------------------------------------------------------------------------


def slots(*badges):
    return [
        {"day": n, "hour_formatted": f"{9 + n:02d}:00", "sample_size": 5 + n, "badge": badge}
        for n, badge in enumerate(badges)
    ]


@pytest.mark.parametrize(
    ("badges", "said"),
    [
        (["guess", "guess"], "There are not enough posts yet to recommend a time."),
        ([], "There are not enough posts yet to recommend a time."),
        (["likely"], "Try Monday at 09:00: posts seem to do well then."),
        (
            ["strong", "likely"],
            "Publish on Monday at 09:00 or Tuesday at 10:00: posts did best then. "
            "It rests on 5 posts in the first of these hours.",
        ),
    ],
)
def test_a_time_is_suggested_as_surely_as_it_is_known(badges, said):
    with translation.override("en"):
        found = summary.suggestion({"best_times": {"slots": slots(*badges)}})

    assert found.startswith(said)


def test_followers_are_summed_where_both_ends_are_known(shop):
    from analytics.models import AccountMetrics

    account, other = shop.account(), shop.account()
    for row, day, followers in (
        (account, MONDAY - timedelta(days=1), 1_000),
        (account, MONDAY + timedelta(days=3), 1_034),
        (other, MONDAY + timedelta(days=3), 99),
    ):
        AccountMetrics.objects.create(
            account=row, local_day=day, followers=followers, collected_at=NOW
        )

    report = making.make("weekly", MONDAY, now=NOW)[0]

    assert report.summary.endswith("1,034 people follow the accounts (+34).")
    rows = blocks(tabular.as_csv(document.build(report)))["Followers"][1:]
    assert [row[1:] for row in rows] == [["1034", "1000", "34"], ["99", "", ""]]
