"""What Meta's refusals mean, whatever their status."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from socialhub.http import Answer
from socialhub.platforms import errors
from socialhub.platforms.base import Findings
from socialhub.platforms.meta import usage
from socialhub.platforms.meta.errors import LostRole, refusal

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)


def answer(status: int = 400, headers: dict[str, str] | None = None, **said: Any) -> Answer:
    return Answer(status, headers or {}, json.dumps({"error": said}).encode())


def business(**entry: Any) -> dict[str, str]:
    usages = {"1784": [{"type": "pages", "call_count": 1, "total_time": 2, **entry}]}
    return {"x-business-use-case-usage": json.dumps(usages)}


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"code": 190, "error_subcode": 458}, errors.AuthRevoked),
        ({"code": 190, "error_subcode": 460}, errors.AuthRevoked),
        ({"code": 190, "error_subcode": 463}, errors.AuthExpired),
        ({"code": 190, "error_subcode": 467}, errors.AuthRevoked),
        ({"code": 190, "error_subcode": 492}, LostRole),
        ({"code": 190}, errors.AuthRevoked),
        # A limit passes, but is no unknown outcome.
        ({"code": 4, "is_transient": True}, errors.RateLimited),
        ({"code": 17}, errors.RateLimited),
        ({"code": 32}, errors.RateLimited),
        ({"code": 613}, errors.RateLimited),
        ({"code": 80001}, errors.RateLimited),
        ({"code": 80014}, errors.RateLimited),
        ({"code": 9, "error_subcode": 2207042}, errors.RateLimited),
        ({"code": 506}, errors.Duplicate),
        ({"code": 368}, errors.PermissionDenied),
        ({"code": 10}, errors.PermissionDenied),
        ({"code": 200}, errors.PermissionDenied),
        ({"code": 299}, errors.PermissionDenied),
        ({"code": 100}, errors.InvalidContent),
        ({"code": 100, "error_subcode": 33}, errors.NotFound),
        ({"code": 1, "message": "THREADS_API__LINK_LIMIT_EXCEEDED"}, errors.InvalidContent),
        ({"code": 9007}, errors.Unavailable),
        ({"code": 987654}, errors.InvalidContent),
        ({"message": "without a code"}, errors.InvalidContent),
    ],
)
@pytest.mark.parametrize("write", [False, True])
def test_what_a_code_means(said: dict[str, Any], kind: type[Exception], write: bool) -> None:
    found = refusal(answer(**{"message": "said", **said}), write=write)

    assert type(found) is kind
    assert found.certainly_not_out
    assert str(said.get("message", "said")) in found.message


@pytest.mark.parametrize("said", [{"code": 1}, {"code": 2}, {"code": 77, "is_transient": True}])
def test_what_may_pass_is_unknown_only_where_something_was_sent(said: dict[str, Any]) -> None:
    assert type(refusal(answer(**said))) is errors.Unavailable
    assert type(refusal(answer(**said), write=True)) is errors.OutcomeUnknown


def test_a_body_that_is_no_json_goes_by_its_status() -> None:
    assert type(refusal(Answer(401, {}, b"<h1>no</h1>"))) is errors.AuthRevoked
    assert type(refusal(Answer(404, {}, b'{"error": "text"}'))) is errors.NotFound


@pytest.mark.parametrize("code", [None, 190])
def test_what_meta_repeats_is_not_repeated(code: int | None) -> None:
    token = "EAAB" + "x7Q" * 40
    address = "https://desk.example/media/abc?signature=0123456789abcdef"
    said = {"message": f"Malformed access token {token}; see {address}", "code": code}

    message = refusal(answer(**said)).message

    assert token not in message
    assert "abcdef" not in message
    assert "Malformed access token …; see https://desk.example/…" in message


def test_a_limit_says_when_it_ends() -> None:
    limited = answer(403, business(estimated_time_to_regain_access=25), code=80001)

    found = refusal(limited, now=NOW)

    assert isinstance(found, errors.RateLimited)
    assert found.retry_at == NOW + timedelta(minutes=25)


@pytest.mark.parametrize(
    ("headers", "percent", "wait"),
    [
        ({}, None, None),
        (business(call_count=79), 79, None),
        (business(call_count=80), 80, 10),
        (business(total_time=95, estimated_time_to_regain_access=7), 95, 7),
        ({"x-app-usage": '{"call_count": 81, "total_time": 3}'}, 81, 10),
        ({"x-ad-account-usage": '{"acc_id_util_pct": 99.5, "reset_time_duration": 120}'}, 99.5, 2),
        ({"x-app-usage": "no json"}, None, None),
        ({"x-app-usage": '{"call_count": true}'}, None, None),
    ],
)
def test_slow_down_from_eighty_per_cent(
    headers: dict[str, str], percent: float | None, wait: int | None
) -> None:
    findings = Findings()

    usage.note(headers, findings, NOW)

    assert usage.used(headers) == percent
    assert findings.slow_until == (None if wait is None else NOW + timedelta(minutes=wait))


def test_a_longer_pause_is_not_shortened() -> None:
    findings = Findings(slow_until=NOW + timedelta(hours=1))

    usage.note(business(call_count=90), findings, NOW)

    assert findings.slow_until == NOW + timedelta(hours=1)
