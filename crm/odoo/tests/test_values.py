"""Values in and out, as docs/odoo-api.md section 3 has them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from crm.odoo import FieldInfo, html
from crm.odoo.values import MAX_TEXT, Html, for_fields, incoming, outgoing, read_value

NOON = datetime(2026, 11, 23, 12, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "sent", "read"),
    [
        ("boolean", False, False),
        ("boolean", True, True),
        ("char", False, None),
        ("char", "", ""),
        ("text", "line", "line"),
        ("html", "<p>x</p>", "<p>x</p>"),
        ("selection", False, None),
        ("selection", "lead", "lead"),
        ("many2one", False, None),
        ("many2one", [2, "Administrator"], (2, "Administrator")),
        ("many2one", 2, 2),
        ("many2one", [2, False], (2, "")),
        ("many2many", [], ()),
        ("many2many", [3, 1], (3, 1)),
        ("one2many", False, ()),
        ("integer", 0, 0),
        ("float", 0.0, Decimal("0.0")),
        ("float", 19.999, Decimal("19.999")),
        ("monetary", 20, Decimal("20")),
        ("datetime", False, None),
        ("datetime", "2026-11-23 12:00:05", NOON),
        ("date", "2026-11-23", date(2026, 11, 23)),
        ("binary", b"aGVsbG8=", "aGVsbG8="),
        ("json", {"a": 1}, {"a": 1}),
    ],
)
def test_what_odoo_sends_is_read(kind, sent, read):
    found = read_value(sent, kind)

    assert found == read
    assert type(found) is type(read)


def test_a_record_is_read_by_its_fields_and_keeps_its_id():
    fields = {"active": FieldInfo("boolean"), "email_from": FieldInfo("char")}

    record = incoming({"id": 4, "active": False, "email_from": False}, fields)

    assert record == {"id": 4, "active": False, "email_from": None}


def test_a_value_that_cannot_be_read_is_named_not_quoted():
    with pytest.raises(ValueError, match="the value of date_closed is no datetime") as raised:
        incoming({"date_closed": "soon"}, {"date_closed": FieldInfo("datetime")})
    assert "soon" not in str(raised.value)


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (None, False),
        (True, True),
        (0, 0),
        (2**31 - 1, 2**31 - 1),
        (2**31, "2147483648"),
        (114_000_000_000_000_000, "114000000000000000"),
        (Decimal("19.99"), 19.99),
        (date(2026, 11, 23), "2026-11-23"),
        (NOON, "2026-11-23 12:00:05"),
        (NOON.astimezone(timezone(timedelta(hours=1))), "2026-11-23 12:00:05"),
        (NOON.replace(microsecond=900_000), "2026-11-23 12:00:05"),
        (("id", "in", (1, 2)), ["id", "in", [1, 2]]),
        ({"name": None}, {"name": False}),
        ("a\x00b\x08c\td\ne\rf", "abc\td\ne\rf"),
        ("lone \ud83d surrogate", "lone  surrogate"),
        ("\ufffe\uffff", ""),
        ("niño 🎉", "niño 🎉"),
    ],
)
def test_what_is_sent_can_be_taken(given, sent):
    found = outgoing(given)

    assert found == sent
    assert type(found) is type(sent)


@pytest.mark.parametrize(
    "given", [float("nan"), Decimal("Infinity"), NOON.replace(tzinfo=None), object()]
)
def test_what_nobody_could_read_is_not_sent(given):
    with pytest.raises(ValueError):
        outgoing(given)


def test_a_long_text_is_cut_between_characters():
    sent = outgoing("x" + "€" * MAX_TEXT)

    # 1 + 3 · 21,845 = 65,536: the next one would not fit.
    assert sent == "x" + "€" * 21_845
    assert outgoing("xx" + "€" * MAX_TEXT) == "xx" + "€" * 21_844


def test_text_becomes_html():
    assert html("a < b & c\nnext\r\nlast") == "a &lt; b &amp; c<br>next<br>last"


def test_html_stays_as_it_is():
    fields = {"description": FieldInfo("html"), "name": FieldInfo("char")}

    sent = for_fields({"description": Html("<b>x</b>"), "name": "<b>"}, fields)

    assert sent == {"description": "<b>x</b>", "name": "<b>"}


def test_text_for_an_html_field_is_escaped_once():
    fields = {"description": FieldInfo("html")}

    once = for_fields({"description": "<b>"}, fields)

    assert for_fields(once, fields) == once == {"description": "&lt;b&gt;"}


@pytest.mark.parametrize("unit", ["<", "\n", "€", "&"])
@pytest.mark.parametrize("start", ["", "x", "xy", "xyz"])
def test_long_html_is_cut_where_no_entity_and_no_tag_is_split(unit, start):
    sent = html(start + unit * MAX_TEXT)

    whole = {"<": "&lt;", "\n": "<br>", "€": "€", "&": "&amp;"}[unit]
    assert len(sent.encode()) <= MAX_TEXT
    assert sent == start + whole * sent.count(whole)
