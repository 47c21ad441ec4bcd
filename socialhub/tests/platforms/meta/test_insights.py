"""Values of metrics, names that are switched off, tokens and versions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from socialhub.platforms.base import Findings
from socialhub.platforms.errors import Unavailable
from socialhub.platforms.meta import insights, tokens, versions

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)


def entry(value: Any, **more: Any) -> dict[str, Any]:
    return {"name": "views", "values": [{"value": value}], **more}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([], {}),
        ([entry(0)], {"views": 0}),
        ([entry(12)], {"views": 12}),
        ([entry({"like": 3, "love": 4})], {"views": 7}),
        ([entry({})], {}),
        ([entry(None)], {}),
        ([{"name": "views", "values": []}], {}),
        ([{"name": "views", "total_value": {"value": 5}}], {"views": 5}),
        # The life of a post counts, in whatever order it comes.
        ([entry(2, period="day"), entry(9, period="lifetime")], {"views": 9}),
        ([entry(9, period="lifetime"), entry(2, period="day")], {"views": 9}),
    ],
)
def test_values(said: list[dict[str, Any]], expected: dict[str, int]) -> None:
    assert insights.values(said) == expected


def test_switched_off_adds_to_what_is_known_and_forgets_after_a_week() -> None:
    today = datetime.now(UTC).date()
    off = {
        "old": (today - timedelta(days=7)).isoformat(),
        "young": (today - timedelta(days=6)).isoformat(),
        "odd": "not a day",
    }
    findings = Findings()

    insights.switch_off("new", findings, off)

    assert findings.learned == {
        "metrics_off": {"young": off["young"], "new": today.isoformat()},
    }
    assert insights.asked({"a": "new", "b": "old", "c": "young"}, findings, off) == {"b": "old"}


@pytest.mark.parametrize(
    ("version", "day", "months", "ok"),
    [
        ("v24.0", date(2027, 4, 7), 17, True),
        ("v24.0", date(2027, 4, 8), 18, False),
        ("v19.0", date(2026, 11, 27), 34, False),
        # Older than the table: at least as old as its first line.
        ("v3.1", date(2026, 11, 27), 57, False),
        ("v26.0", date(2026, 11, 27), None, True),
        ("v1.0", date(2026, 11, 27), None, True),
        ("", date(2026, 11, 27), None, True),
    ],
)
def test_age_of_a_version(version: str, day: date, months: int | None, ok: bool) -> None:
    assert versions.age(version, day) == months
    assert versions.check(version, day).ok == ok


def test_a_token_answer() -> None:
    said = {"access_token": "t", "token_type": "bearer", "expires_in": 5_184_000}

    assert tokens.kept(said, NOW) == {
        "access_token": "t",
        "expires_at": (NOW + timedelta(days=60)).isoformat(),
    }
    assert tokens.kept({"access_token": "t", "expires_in": 0}) == {"access_token": "t"}
    with pytest.raises(Unavailable):
        tokens.kept({"expires_in": 3600})


def test_a_young_token_is_not_renewed() -> None:
    secrets = {"access_token": "t", "expires_at": (NOW + timedelta(days=59, hours=1)).isoformat()}

    # No request: the address is nobody's.
    assert tokens.renewed("http://127.0.0.1:9", "ig_refresh_token", secrets, NOW) is None


@pytest.mark.parametrize(
    ("server", "host"),
    [
        ("https://graph.facebook.com/", "https://www.facebook.com"),
        ("", "https://www.facebook.com"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
    ],
)
def test_one_setting_moves_the_login_too(server: str, host: str) -> None:
    api, own = "https://graph.facebook.com", "https://www.facebook.com"

    assert tokens.login_host(server, api, own) == host
