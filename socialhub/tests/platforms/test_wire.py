"""Reading headers and statuses that other people's servers send."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from socialhub.http import Answer
from socialhub.platforms import errors, wire

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "90"}, NOW + timedelta(seconds=90)),
        ({"retry-after": "-5"}, NOW),
        ({"retry-after": "Sun, 01 Mar 2026 12:05:00 GMT"}, NOW + timedelta(minutes=5)),
        ({"ratelimit-reset": "1772367000"}, NOW + timedelta(minutes=10)),
        ({"x-ratelimit-reset": "2026-03-01T12:10:00.123Z"}, NOW + timedelta(seconds=600.123)),
        ({"x-rate-limit-reset": "1772367000"}, NOW + timedelta(minutes=10)),
        ({"retry-after": "5", "ratelimit-reset": "1772367000"}, NOW + timedelta(seconds=5)),
        ({"retry-after": "inf"}, None),
        ({"ratelimit-reset": "nan"}, None),
        ({"retry-after": "1e300"}, None),
    ],
)
def test_retry_at(headers, expected):
    assert wire.retry_at(headers, NOW) == expected


def test_clock_skew():
    assert wire.clock_skew({"date": "Sun, 01 Mar 2026 12:00:30 GMT"}, NOW) == 30.0
    assert wire.clock_skew({"date": "yesterday"}, NOW) == 0.0
    assert wire.clock_skew({}, NOW) == 0.0


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, errors.InvalidContent),
        (401, errors.AuthRevoked),
        (402, errors.OutOfCredit),
        (403, errors.PermissionDenied),
        (404, errors.NotFound),
        (409, errors.Duplicate),
        (410, errors.NotFound),
        (418, errors.PermissionDenied),
        (422, errors.InvalidContent),
        (429, errors.RateLimited),
    ],
)
def test_refusals(status, error):
    refusal = wire.refusal(Answer(status, {}, b""), "because")

    assert type(refusal) is error
    assert (refusal.http_status, refusal.message) == (status, f"HTTP {status}: because")


@pytest.mark.parametrize("content", [b"", b"{", b'"text"', b"\xff"])
def test_a_body_that_is_no_json_object(content):
    with pytest.raises(errors.OutcomeUnknown):
        wire.body(Answer(200, {}, content), write=True)
    with pytest.raises(errors.Unavailable):
        wire.body(Answer(200, {}, content))
