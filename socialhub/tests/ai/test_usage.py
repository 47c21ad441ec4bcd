"""What writing took: API, list and limits; and the test of the customer's key."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from socialhub import env
from socialhub.models import AICall, JobRun, Organisation
from socialhub.tests.ai.conftest import KEY
from socialhub.tests.ai.stub import MODEL, fails, says
from socialhub.tests.api.conftest import client_of
from socialhub.tests.factories import AccountFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return client_of(UserFactory(role="Administrator"))


def call(**values):
    defaults = {"at": timezone.now(), "purpose": "thread", "reserved_tokens": 500}
    return AICall.objects.create(**{**defaults, **values})


def used(input_tokens, output_tokens, cost):
    return {"input_tokens": input_tokens, "output_tokens": output_tokens, "cost": Decimal(cost)}


def test_the_api_tells_a_month_of_the_organisation(admin, settings):
    settings.AI_API_KEY, settings.AI_MODEL, settings.AI_PRICE_CURRENCY = KEY, MODEL, "EUR"
    Organisation.objects.update_or_create(
        pk=1, defaults={"timezone": "Europe/Madrid", "ai_monthly_tokens": 1_000}
    )
    in_march = datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
    call(at=in_march, **used(100, 40, "0.5"))
    call(at=in_march, **used(200, 10, "0.25"))
    call(at=in_march, purpose="vary")
    call(at=datetime(2026, 2, 28, 22, 30, tzinfo=UTC), **used(9_000, 9_000, "9"))

    found = admin.get("/api/ai/usage/?month=2026-03").json()

    series = {
        "calls": 2,
        "unreported_calls": 0,
        "input_tokens": 300,
        "output_tokens": 50,
        "counted_tokens": 350,
        "cost": "0.750000",
    }
    untold = {"input_tokens": None, "output_tokens": None, "cost": None}
    assert found == {
        **series,
        "calls": 3,
        "unreported_calls": 1,
        "counted_tokens": 850,
        "month": "2026-03",
        "by_purpose": [
            {"purpose": "thread", **series},
            {"purpose": "vary", "calls": 1, "unreported_calls": 1, "counted_tokens": 500, **untold},
        ],
        "currency": "EUR",
        "limit_tokens": 1_000,
        "limit_cost": None,
        "left_tokens": 150,
        "configured": True,
        "model": MODEL,
    }
    assert KEY not in json.dumps(found)


def test_a_month_without_calls_is_empty_and_no_month_is_refused(admin):
    found = admin.get("/api/ai/usage/").json()

    assert (found["calls"], found["input_tokens"], found["cost"]) == (0, 0, None)
    assert admin.get("/api/ai/usage/?month=2026-13").status_code == 400


def test_a_text_is_asked_for_over_the_api(configured):
    client, account = client_of(UserFactory(role="Marketer")), AccountFactory()
    body = {"task": "vary", "text": "Hola", "accounts": [account.pk], "language": "es"}

    answer = client.post("/api/ai/texts/", body, format="json")
    wrong = client.post("/api/ai/texts/", {"task": "sing", "media": 5}, format="json")

    assert answer.status_code == 202
    row = JobRun.objects.get(pk=answer.json()["job"])
    assert (row.kind, row.arguments["accounts"]) == ("write_text", [account.pk])
    assert (wrong.status_code, sorted(wrong.json()["fields"])) == (400, ["media", "task"])
    # Asking makes no request: that is the worker's.
    assert configured.asked == []


def test_the_list_shows_the_month_and_no_key(settings):
    settings.AI_API_KEY, settings.AI_MODEL = KEY, MODEL
    call(**used(1_200, 340, "0.0123"), outcome="accepted", model=MODEL)
    call()
    client = Client()
    client.force_login(UserFactory(role="Administrator"))

    page = client.get("/admin/socialhub/aicall/").content.decode()

    assert f"Texts are written by {MODEL}." in page
    assert "2,040" in page
    assert "0.0123" in page
    assert "did not tell the tokens of 1 request:" in page
    assert KEY not in page


@pytest.mark.parametrize(
    ("price", "says_"), [(None, "Without prices nobody knows the cost."), (Decimal("2.5"), "")]
)
def test_a_cost_limit_needs_prices(settings, price, says_):
    settings.AI_PRICE_INPUT = settings.AI_PRICE_OUTPUT = price
    Organisation.get()
    client = Client()
    client.force_login(UserFactory(is_superuser=True))
    address = "/admin/socialhub/organisation/1/change/"
    form = client.get(address).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    data = {name: value for name, value in values.items() if value not in (None, False)}

    answer = client.post(address, {**data, "brand_colours": "[]", "ai_monthly_cost": "20"})

    shown = answer.context["adminform"].form.errors if answer.status_code == 200 else {}
    assert says_ in str(shown)
    assert Organisation.get().ai_monthly_cost == (None if says_ else 20)


@pytest.mark.parametrize("price", ["cheap", "-1", "nan"])
def test_a_price_that_is_none_stops_the_start(monkeypatch, price):
    monkeypatch.setenv("AI_PRICE_INPUT", price)

    with pytest.raises(ImproperlyConfigured, match="AI_PRICE_INPUT must be a number"):
        env.amount("AI_PRICE_INPUT")


# -- manage.py ai_check ------------------------------------------------------------


def checked():
    out, code = StringIO(), 0
    try:
        call_command("ai_check", stdout=out)
    except SystemExit as exc:
        code = exc.code
    found = json.loads(out.getvalue())
    lines = {line["code"]: line["ok"] for line in found["checks"]}
    return code, found, lines


GOOD = dict.fromkeys(
    ("configured", "reachable", "key_accepted", "model_known", "structured_output", "streaming"),
    True,
)


def test_a_good_key_passes_every_check(configured):
    configured.tell(says({"text": "ok"}))

    code, found, lines = checked()

    assert (code, found["ok"], lines, found["tokens"]) == (0, True, GOOD, 320)
    assert (found["base_url"], found["model"]) == (configured.base_url, MODEL)
    assert [row.purpose for row in AICall.objects.all()] == ["check", "check"]


@pytest.mark.parametrize(
    ("play", "bad", "remedy"),
    [
        (fails(401), "key_accepted", "Check AI_API_KEY."),
        (fails(404), "model_known", "Check AI_MODEL."),
        (says("I am not JSON."), "structured_output", "Try another AI_MODEL."),
    ],
)
def test_a_check_says_what_to_change(configured, play, bad, remedy):
    configured.tell(play)

    code, found, lines = checked()

    until = list(GOOD)[: list(GOOD).index(bad)]
    assert (code, found["ok"], lines) == (1, False, {**dict.fromkeys(until, True), bad: False})
    assert found["checks"][-1]["remedy"] == remedy
    assert KEY not in json.dumps(found)


def test_without_a_key_or_a_way_there_the_check_says_so(configured, settings):
    settings.SOCIALHUB_ALLOWED_PRIVATE_HOSTS = []
    refused = checked()
    settings.AI_API_KEY = ""
    without = checked()

    assert (refused[0], refused[2]) == (1, {"configured": True, "reachable": False})
    assert "SOCIALHUB_ALLOWED_PRIVATE_HOSTS" in refused[1]["checks"][1]["remedy"]
    assert (without[0], without[2], configured.asked) == (1, {"configured": False}, [])
