"""The dry run: every problem by row and column, and nothing made."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from openpyxl import Workbook

from socialhub.models import (
    Account,
    AccountStatus,
    ImportState,
    MediaAsset,
    Post,
    PostImport,
    PublicationStatus,
)
from socialhub.services import imports, posts
from socialhub.services.errors import Conflict, Forbidden, Invalid
from socialhub.services.imports import showing
from socialhub.tests.factories import (
    AccountFactory,
    CampaignFactory,
    PostFactory,
    PublicationFactory,
    UserFactory,
)
from socialhub.tests.imports.conftest import as_csv, codes, handed_in, worked

YEAR = timezone.now().year + 1
DUE = f"{YEAR}-06-03"


def messages(batch):
    found = showing.told(batch, showing.rows_with_problems(batch))
    return [(one.row, one.column, one.message) for one in found]


@pytest.fixture
def picture(marketer):
    return MediaAsset.objects.create(
        name="oil.jpg", sha256="a" * 64, mime="image/jpeg", size=9, width=800, height=800,
        alt_text="Oil", uploaded_by=marketer, file="media/oil.jpg",
    )  # fmt: skip


def test_a_good_file_is_read_and_nothing_is_made(marketer, shop, picture):
    campaign = CampaignFactory(name="Spring")
    batch = handed_in(
        marketer,
        as_csv(
            [
                ["Texto", "ENLACE", "Cuentas", "Fecha", "Hora", "Idioma", "Campaña", "Tipo",
                 "Imágenes", "Evergreen", "text: The shop"],
                ["Hola", "https://shop.example/a", "SHOP", DUE, "9:30", "Español", "spring",
                 "carrusel", "oil.jpg", "sí", "Just for the shop"],
            ]
        ),
    )  # fmt: skip

    assert (batch.state, batch.total, codes(batch)) == (ImportState.CHECKED, 1, {})
    due = datetime(YEAR, 6, 3, 7, 30, tzinfo=UTC)
    assert batch.rows.get().values == {
        "text": "Hola",
        "link": "https://shop.example/a",
        "accounts": [shop.pk],
        "overrides": {str(shop.pk): "Just for the shop"},
        "due_at": due.isoformat(),
        "language": "es",
        "campaign": campaign.pk,
        "content_type": "carousel",
        "media": [picture.pk],
        "is_evergreen": True,
        "track_link": False,
    }
    assert not Post.objects.exists()


def test_problems_are_named_by_row_and_column(marketer, shop):
    past = (timezone.now() - timedelta(days=400)).date().isoformat()
    rows = [
        ["text", "accounts", "date", "time", "language", "campaign", "type", "media", "evergreen"],
        ["a", "@nobody", "", "", "", "", "", "", ""],
        ["b", "@shop; shop", "soon", "9:30", "", "", "", "", ""],
        ["c", "@shop", DUE, "", "klingon", "", "", "", ""],
        ["d", "@shop", "", "9:30", "", "Winter", "", "", ""],
        ["e", "@shop", past, "9:30", "", "", "poem", "", ""],
        ["f", "@shop", DUE, "later", "", "", "thread", "no.jpg", "perhaps"],
        ["", "@shop", "", "", "", "", "", "", ""],
        ["g", "", "", "", "", "", "", "", ""],
        ["h", "@shop", f"{YEAR + 20}-01-01", "9:30", "", "", "", "", ""],
    ]
    batch = handed_in(marketer, as_csv(rows))

    assert codes(batch) == {
        2: [("accounts", "account_unknown")],
        3: [("accounts", "account_twice"), ("date", "date_unreadable")],
        4: [("date", "time_missing"), ("language", "language_unknown")],
        5: [("time", "date_missing"), ("campaign", "campaign_unknown")],
        6: [("date", "due_passed"), ("content_type", "type_unknown")],
        7: [
            ("time", "time_unreadable"),
            ("content_type", "type_not_imported"),
            ("is_evergreen", "not_yes_or_no"),
            ("media", "media_unknown"),
        ],
        8: [("text", "empty")],
        9: [("accounts", "no_accounts")],
        10: [("date", "due_too_far")],
    }
    counts = showing.counts(batch)
    assert counts == {"ready": 1, "bad_rows": 8, "problems": 15, "warned": 1, "made": 0}
    said = messages(batch)
    assert said[0] == (2, "accounts", "There is no account “@nobody”. Check how it is written.")
    assert all("%(" not in message and len(message) > 15 for _row, _column, message in said)


def test_the_networks_of_the_accounts_are_asked(marketer, shop):
    limit = shop.capabilities.text_limit
    rows = [
        ["text", "accounts", "text: @shop"],
        ["x" * (limit + 1), "@shop", ""],
        ["short", "@shop", "y" * (limit + 2)],
    ]
    batch = handed_in(marketer, as_csv(rows))

    assert codes(batch) == {2: [("text", "network")], 3: [("text:@shop", "network")]}
    assert messages(batch)[1][1:] == (
        "text: @shop",
        f"@shop: Too long for Sandbox: {limit + 2} of {limit}. Shorten the text.",
    )


def test_an_account_that_is_not_granted_does_not_exist(marketer, shop):
    hidden = AccountFactory(handle="@secret")
    marketer.account_grants.create(account=shop)

    batch = handed_in(marketer, as_csv([["text", "accounts"], ["a", "@secret"], ["b", "@none"]]))

    assert codes(batch) == {n: [("accounts", "account_unknown")] for n in (2, 3)}
    assert hidden.handle in messages(batch)[0][2]


def test_names_that_mean_several_accounts_are_asked_for(marketer, shop):
    AccountFactory(handle="shop", display_name="Other")
    Account.objects.create(
        handle="@old", platform="sandbox", remote_id="old", status=AccountStatus.DISABLED
    )

    batch = handed_in(
        marketer, as_csv([["text", "accounts"], ["a", "@shop"], ["b", "the shop"], ["c", "old"]])
    )

    assert codes(batch) == {
        2: [("accounts", "account_ambiguous")],
        4: [("accounts", "account_disabled")],
    }
    assert "@shop (Sandbox); shop (Sandbox)" in messages(batch)[0][2]


def test_unknown_columns_are_reported_and_never_guessed(marketer, shop):
    batch = handed_in(
        marketer, as_csv([["text", "hashtags", "status", "acounts"], ["a", "#x", "approved", "z"]])
    )

    assert batch.read_as["unknown_columns"] == ["hashtags", "acounts"]
    assert batch.read_as["left_out"] == ["status"]
    assert batch.rows.get().values["accounts"] == []


def test_rows_that_say_the_same_and_texts_that_are_planned_are_warnings(marketer, shop):
    planned = PublicationFactory(post=PostFactory(text="Planned", approved=True), account=shop)
    rows = [["text", "accounts"], ["a", "@shop"], ["b", "@shop"], ["a", "@shop"], ["Planned", ""]]
    batch = handed_in(marketer, as_csv(rows))

    assert codes(batch) == {
        4: [("", "row_repeats")],
        5: [("accounts", "no_accounts"), ("text", "text_exists")],
    }
    assert showing.counts(batch)["bad_rows"] == 0
    assert f"Post {planned.post_id}" in messages(batch)[2][2]
    assert planned.status == PublicationStatus.SCHEDULED


# -- dates ------------------------------------------------------------------------------


def dated(*days):
    return as_csv(
        [["text", "date", "time"], *[[f"t{n}", day, "9:30"] for n, day in enumerate(days)]]
    )


def days_of(batch):
    return [(row.values["due_at"] or "")[:10] for row in batch.rows.all()]


def test_three_kinds_of_dates_that_agree(marketer):
    batch = handed_in(marketer, dated(DUE, f"03/06/{YEAR}", f"3 jun {YEAR}", f"25/06/{YEAR}"))

    assert batch.read_as["date_order"] == "day"
    assert days_of(batch) == [DUE, DUE, DUE, f"{YEAR}-06-25"]


def test_dates_that_may_be_read_in_two_ways_are_asked_about(marketer):
    batch = handed_in(marketer, dated(DUE, f"03/06/{YEAR}", f"5/5/{YEAR}"))

    assert batch.read_as["date_order"] == "ask"
    assert ("date", "date_order_open") in codes(batch)[3]
    assert days_of(batch) == [DUE, "", f"{YEAR}-05-05"]
    assert f"3 June {YEAR} or 6 March {YEAR}" in messages(batch)[2][2]

    again = worked(imports.check_again(batch, marketer, "month"))

    assert days_of(again) == [DUE, f"{YEAR}-03-06", f"{YEAR}-05-05"]
    assert showing.counts(again)["bad_rows"] == 0


def test_a_file_that_mixes_orders_is_asked_about_and_says_which_rows_differ(marketer):
    batch = handed_in(marketer, dated(f"25/06/{YEAR}", f"06/25/{YEAR}", f"03/06/{YEAR}"))

    assert batch.read_as["date_order"] == "ask"
    assert days_of(batch) == [f"{YEAR}-06-25", f"{YEAR}-06-25", ""]

    again = worked(imports.check_again(batch, marketer, "day"))

    assert days_of(again) == [f"{YEAR}-06-25", f"{YEAR}-06-25", DUE]
    assert ("date", "date_other_order") in codes(again)[3]
    assert ("date", "date_other_order") not in codes(again).get(2, [])


def test_hours_when_the_clocks_change(marketer):
    rows = [["text", "due_at"], ["a", "2027-03-28 02:30"], ["b", "2027-10-31 02:30"]]
    batch = handed_in(marketer, as_csv(rows))

    found = codes(batch)
    assert ("due_at", "hour_skipped") in found[2]
    assert ("due_at", "hour_twice") in found[3]
    assert batch.rows.get(number=3).values["due_at"] == "2027-10-31T00:30:00+00:00"


# -- files ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("cp1252", "cp1252"),
        ("latin-1", "cp1252"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters(marketer, encoding, said, delimiter):
    rows = [["texto", "fecha", "hora"], ["¡Añejo, señor; sí!\n\t2ª línea", DUE, "9:30"]]
    batch = handed_in(marketer, as_csv(rows, delimiter, encoding))

    assert (batch.read_as["encoding"], batch.read_as["delimiter"]) == (said, delimiter)
    assert batch.rows.get().values["text"] == rows[1][0]


def book(rows):
    made = Workbook()
    for row in rows:
        made.active.append(row)
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"text\n", "no_rows"),
        (b"\n\n", "empty"),
        (b"a,b\n1,2\n", "no_columns"),
        (b"date,time\n2027-01-01,9:30\n", "no_content"),
        (b"text,Texto\n1,2\n", "columns_twice"),
        (b"\x00\x01\x02\x03\xff\xfe\x00binary" * 50, "no_table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "old_workbook"),
        (b"PK\x03\x04 no zip", "broken_workbook"),
        (book([["text"], ["a"]])[:-300], "broken_workbook"),
        (b"text\n" + b"a\n" * 20_001, "too_many_rows"),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(marketer, content, code):
    batch = handed_in(marketer, content)

    assert (batch.state, batch.problem["code"]) == (ImportState.REFUSED, code)
    assert len(imports.of_file(batch.problem)) > 15
    assert "%(" not in imports.of_file(batch.problem)
    with pytest.raises(Conflict):
        imports.run(batch, marketer)


def test_a_workbook_with_real_dates_numbers_and_formulas(marketer, shop):
    rows = [
        ["text", "accounts", "date", "time", "evergreen"],
        [2026, "@shop", datetime(YEAR, 6, 3), datetime(YEAR, 1, 1, 9, 30).time(), True],
        ["=1+1", "@shop", datetime(YEAR, 6, 3, 9, 30), None, False],
        ["", "@shop", None, None, None],
    ]
    made = Workbook()
    for row in rows:
        made.active.append(row)
    plain = made.active["A4"]
    plain.value = "=SUM is a text"
    plain.data_type = "s"
    written = io.BytesIO()
    made.save(written)

    batch = handed_in(marketer, written.getvalue(), "posts.xlsx")

    assert codes(batch) == {3: [("text", "formula_without_value"), ("text", "empty")]}
    first, second, third = batch.rows.all()
    assert (first.values["text"], first.values["is_evergreen"]) == ("2026", True)
    assert first.values["due_at"] == second.values["due_at"] == f"{YEAR}-06-03T07:30:00+00:00"
    assert third.values["text"] == "=SUM is a text"


def test_texts_that_begin_like_formulas_are_kept(marketer):
    texts = ["=1+1", "+34 600", "-20 %", "@shop says", "'=1+1", "'quoted'"]
    batch = handed_in(marketer, as_csv([["text"], *[[text] for text in texts]]))

    read = [row.values["text"] for row in batch.rows.all()]
    # An export puts an apostrophe in front of what a spreadsheet would run.
    assert read == ["=1+1", "+34 600", "-20 %", "@shop says", "=1+1", "'quoted'"]


def test_a_row_with_too_many_cells_is_a_problem(marketer):
    batch = handed_in(marketer, b"text,link\nHello, world, again\nfine,\n")

    assert codes(batch)[2][0] == ("", "too_many_cells")


def test_only_who_may_write_may_hand_in_a_file(madrid):
    with pytest.raises(Forbidden):
        handed_in(UserFactory(role="Analyst"), b"text\na\n")


def test_an_empty_file_is_refused_at_once(marketer):
    with pytest.raises(Invalid, match="empty"):
        handed_in(marketer, b"")


def test_a_newer_check_makes_an_older_one_stop(marketer):
    batch = handed_in(marketer, b"text\na\n")
    first = imports.job_of(imports.check_again(batch, marketer))
    PostImport.objects.filter(pk=batch.pk).update(read_as={"job": "another"})

    from socialhub.services import jobs

    jobs.run(first.pk)

    first.refresh_from_db()
    assert [error["code"] for error in first.errors] == ["superseded"]
    assert PostImport.objects.get().read_as == {"job": "another"}


@pytest.mark.parametrize("rows", [400, 1600])
def test_queries_grow_with_chunks_and_not_with_rows(
    marketer, shop, picture, rows, django_assert_max_num_queries
):
    lines = [[f"text {n}", "@shop", "oil.jpg"] for n in range(rows)]
    content = as_csv([["text", "accounts", "media"], *lines])

    with django_assert_max_num_queries(36 + 12 * (rows // 500)):
        batch = handed_in(marketer, content)

    assert showing.counts(batch)["ready"] == rows


def test_posts_is_not_touched_by_a_check(marketer, shop):
    post = posts.create(marketer, text="a", accounts=[shop])
    handed_in(marketer, as_csv([["id", "text", "status"], [post.pk, "changed", "approved"]]))

    post.refresh_from_db()
    assert (post.text, post.status, Post.objects.count()) == ("a", "draft", 1)
