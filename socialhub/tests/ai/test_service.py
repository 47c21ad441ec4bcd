"""Jobs that write: who wrote it, what it cost, and what stays a person's decision."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import connection
from PIL import Image

from socialhub.models import AICall, JobRun, JobState, Organisation, Post, Publication
from socialhub.services import jobs, media, writing
from socialhub.services.errors import Forbidden, Invalid
from socialhub.services.writing.calls import Calls
from socialhub.tests.ai.conftest import KEY
from socialhub.tests.ai.stub import fails, says
from socialhub.tests.factories import AccountFactory, UserFactory
from socialhub.writing.ai import AIError

pytestmark = pytest.mark.django_db

PARTS = ["El pan de hoy ya está en el horno.", "Ven a probarlo."]
TEXT = "Hoy hay pan recién hecho. Lo horneamos cada mañana."


@pytest.fixture
def marketer():
    return UserFactory(role="Marketer")


@pytest.fixture
def account():
    return AccountFactory(handle="pan")


def done(row):
    """The job after its work; in a test's transaction no message arrives."""
    jobs.run(row.pk)
    row.refresh_from_db()
    return row


def series(user, account, **options):
    given = {"kind": "text", "value": TEXT, "accounts": [account], "language": "es", **options}
    return done(writing.start_series(user, **given))


def test_a_series_by_ai_is_a_proposal_and_each_request_a_row(configured, marketer, account):
    limit = account.capabilities.text_limit
    configured.tell(says({"parts": ["x" * limit, PARTS[1]]}), says({"parts": PARTS}))

    row = series(marketer, account)

    result = {"parts": PARTS, "made_by": "ai", "note": "", "title": PARTS[0]}
    assert (row.state, row.result, row.errors) == (JobState.DONE, result, [])
    assert row.partial == {"parts": ["x" * limit]}
    # The number "25/25" and the space before it are kept free.
    assert f"6 characters too many for {account.network_name} (limit {limit})" in (
        configured.completions[1].last_words
    )
    found = AICall.objects.order_by("pk").values_list(
        "user", "purpose", "prompt", "attempt", "outcome", "input_tokens", "output_tokens", "cost"
    )
    price = Decimal("0.0007")
    assert list(found) == [
        (marketer.pk, "thread", "series@1", 1, "invalid", 120, 40, price),
        (marketer.pk, "thread", "series@1", 2, "accepted", 120, 40, price),
    ]
    assert (Post.objects.count(), Publication.objects.count()) == (0, 0)


def test_when_ai_fails_the_text_is_made_without_and_says_so(configured, marketer, account):
    configured.tell(fails(401))

    row = series(marketer, account)

    assert row.state == JobState.DONE
    assert (row.result["made_by"], "".join(row.result["parts"])) == ("deterministic", TEXT)
    assert row.result["note"] == (
        "The AI does not accept the key. Check AI_API_KEY. Made without AI."
    )


def test_when_nobody_can_write_it_the_job_fails_with_both_reasons(configured, marketer, account):
    configured.tell(fails(401))

    row = series(marketer, account, kind="topic", value="Pan")

    assert (row.state, row.result) == (JobState.FAILED, None)
    assert row.errors[0]["code"] == "nothing_known"
    assert row.errors[0]["message"].startswith("The AI does not accept the key.")
    assert "Give a text, an address or a product." in row.errors[0]["message"]


def test_without_a_key_no_request_is_made(stub, settings, marketer, account):
    settings.AI_BASE_URL, settings.AI_API_KEY = stub.base_url, ""

    row = series(marketer, account)

    assert (row.result["made_by"], row.result["note"]) == ("deterministic", "")
    assert (stub.asked, AICall.objects.count()) == ([], 0)


def test_voice_and_forbidden_words_of_the_organisation_are_kept(configured, marketer, account):
    Organisation.objects.update_or_create(
        pk=1, defaults={"brand_voice": "Cercana.", "forbidden_words": "horno\n\nbarato "}
    )
    configured.tell(says({"parts": PARTS}), says({"parts": PARTS[1:]}))

    row = series(marketer, account)

    assert row.result["parts"] == PARTS[1:]
    first, second = configured.completions
    assert "Cercana." in first.body["messages"][0]["content"]
    assert "horno, barato" in first.body["messages"][0]["content"]
    assert 'using "horno", which is forbidden' in second.last_words


def test_the_month_ends_at_its_limit(configured, marketer, account):
    Organisation.objects.update_or_create(pk=1, defaults={"ai_monthly_tokens": 100})

    row = series(marketer, account)

    assert (row.result["made_by"], configured.asked) == ("deterministic", [])
    assert row.result["note"] == "This month's limit for AI is reached. Made without AI."


def call(day, **values):
    defaults = {"at": datetime(2026, 10, day, 23, 30, tzinfo=UTC), "reserved_tokens": 1_000}
    return AICall.objects.create(**{**defaults, **values})


def opened(reserve):
    try:
        return Calls(None, "m").open(purpose="post", prompt="p@1", attempt=1, reserve=reserve) > 0
    except AIError as exc:
        return exc.code


def test_the_limit_counts_what_may_have_been_taken_in_the_local_month(settings, time_machine):
    settings.AI_PRICE_INPUT, settings.AI_PRICE_OUTPUT = Decimal(1), Decimal(10)
    time_machine.move_to(datetime(2026, 10, 31, 23, 45, tzinfo=UTC))
    Organisation.objects.update_or_create(
        pk=1, defaults={"timezone": "Europe/Madrid", "ai_monthly_tokens": 5_000}
    )
    call(30)  # October in Madrid too.
    call(31)  # November in Madrid: counts with its 1,000.
    call(31, input_tokens=1_500, output_tokens=500, cost=Decimal("0.0065"))
    call(31, reserved_tokens=0)  # Certainly not worked on.

    assert [opened(2_001), opened(2_000), opened(1)] == ["limit_reached", True, "limit_reached"]
    # 0.0065, and 1,000 + 2,000 tokens nobody reported at the dearest price.
    Organisation.objects.update(ai_monthly_tokens=None, ai_monthly_cost=Decimal("0.04"))
    assert [opened(400), opened(300)] == ["limit_reached", True]
    settings.AI_PRICE_OUTPUT = None
    assert opened(1) == "no_prices"


@pytest.mark.django_db(transaction=True)
def test_two_workers_do_not_pass_the_limit_together(settings):
    Organisation.objects.update_or_create(pk=1, defaults={"ai_monthly_tokens": 1_500})

    def work(_n):
        try:
            return opened(1_000)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(work, range(4)))

    assert sorted(map(str, results)) == ["True", *["limit_reached"] * 3]


def test_the_key_is_in_no_row_no_log_and_no_error(configured, marketer, account, caplog):
    """The stub's errors repeat the key, as some endpoints do."""
    caplog.set_level(logging.DEBUG)
    for play in (fails(401), fails(400), fails(500, Retry_After="0"), fails(403)):
        configured.tell(play)
        configured.asked.clear()
        series(marketer, account)
        assert configured.asked[0].headers["authorization"] == f"Bearer {KEY}"

    rows = [*JobRun.objects.values(), *AICall.objects.values()]
    assert KEY not in f"{rows} {caplog.text}"
    assert len(rows) > 8


def text(user, **options):
    return done(writing.start_text(user, language="es", **options)).result


def test_single_texts_are_written_for_the_chosen_accounts(configured, marketer, account):
    limit = account.capabilities.text_limit
    configured.tell(says({"text": "x" * (limit + 3)}), says({"text": "Corto."}))

    shorter = text(marketer, task="shorten", text="largo " * limit, accounts=[account])

    assert shorter == {"text": "Corto.", "made_by": "ai", "why_not": None, "note": ""}
    assert f"3 characters too many for {account.network_name}" in (
        configured.completions[1].last_words
    )
    assert [call.purpose for call in AICall.objects.all()] == ["shorten"] * 2


def test_a_picture_is_described_from_a_small_copy(configured, marketer, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    out = BytesIO()
    Image.new("RGB", (2_000, 100), "blue").save(out, "PNG")
    out.seek(0)
    out.name = "taza-azul.png"
    asset = media.upload(UserFactory(role="Marketer"), out, "", out.name)
    configured.tell(says({"text": "Una franja azul."}))

    found = text(marketer, task="alt_text", media=asset)

    assert found == {"text": "Una franja azul.", "made_by": "ai", "why_not": None, "note": ""}
    known, shown = configured.completions[0].body["messages"][1]["content"]
    assert "Taza azul" in known["text"]
    assert shown["image_url"]["url"].startswith("data:image/jpeg;base64,/9j/")


def test_room_is_kept_for_what_a_series_adds(account):
    limit = account.capabilities.text_limit
    alone = AccountFactory(overrides={"threads": False})

    def most(fits):
        return max(n for n in range(limit - 40, limit + 1) if fits("x" * n))

    def kept(accounts, **options):
        fits, fits_last, _explain = writing.room(accounts, **options)
        return limit - most(fits), limit - most(fits_last)

    assert kept([account]) == (0, 0)
    assert kept([account], numbering="none", closing="¡Ven!") == (0, 7)
    assert kept([account], numbering="brackets", closing=" ¡Ven! ") == (8, 15)
    assert kept([account], numbering="slash", parts=5) == (4, 4)
    assert kept([account], link="https://a.example/b") == (21, 21)
    # Posts that cannot answer one another carry numbers whatever was chosen.
    assert kept([account, alone], numbering="none") == (6, 6)
    assert kept([account, alone]) == (0, 0)


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        ({"kind": "dream"}, ["source"]),
        ({"value": " "}, ["value"]),
        ({"accounts": []}, ["accounts"]),
        ({"parts": 26}, ["parts"]),
        ({"parts": 0, "numbering": "roman"}, ["parts", "numbering"]),
    ],
)
def test_what_cannot_be_written_is_said_at_once(marketer, account, options, fields):
    given = {"kind": "text", "value": TEXT, "accounts": [account], **options}

    with pytest.raises(Invalid) as raised:
        writing.start_series(marketer, **given)

    assert list(raised.value.fields) == fields
    assert JobRun.objects.count() == 0


def test_writing_needs_its_verb(account):
    with pytest.raises(Forbidden):
        writing.start_text(UserFactory(role="Analyst"), task="vary", text="x")
