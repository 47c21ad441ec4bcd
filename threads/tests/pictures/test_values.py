"""What may be in a field, and how it is shown."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import translation

from socialhub.models import AccountGrant
from socialhub.services.errors import Invalid
from socialhub.tests.factories import AccountFactory, UserFactory
from threads.services.pictures import amounts, fields, values
from threads.tests.pictures.support import upload

pytestmark = pytest.mark.django_db


def declared(*given):
    cleaned, wrong = fields.clean_fields(list(given))
    assert wrong == []
    return cleaned


ALL = [
    {"name": "title", "type": "text", "required": True, "max_length": 10},
    {"name": "points", "type": "lines", "max_length": 20},
    {"name": "number", "type": "number"},
    {"name": "price", "type": "price"},
    {"name": "day", "type": "date"},
    {"name": "tint", "type": "colour", "default": "#ABC"},
]


def test_values_are_kept_plain_and_shown_in_the_language():
    given = {
        "title": " Café ",
        "points": "one\n\n two",
        "number": "1.234,5",
        "price": {"amount": "19,99", "currency": "EUR", "tax_included": True},
        "day": "2026-12-01",
    }

    found = values.clean(declared(*ALL), given, None, "es")

    assert found.data == {
        "title": "Café",
        "points": ["one", "two"],
        "number": "1234.5",
        "price": {"amount": "19.99", "currency": "EUR", "tax_included": True},
        "day": "2026-12-01",
        "tint": "#aabbcc",
    }
    assert found.shown["price"] == "19,99\xa0€"
    assert (found.shown["number"], found.shown["day"]) == ("1.234,5", "1 de diciembre de 2026")
    again = values.clean(declared(*ALL), found.data, None, "en").shown
    assert (again["price"], again["price_note"]) == ("€19.99", "tax included")
    assert (again["number"], again["day"]) == ("1,234.5", "December 1, 2026")


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("title", "x" * 13, "This is 3 characters too long; at most 10."),
        ("title", "", "This is needed."),
        ("title", {"a": 1}, "This is no text."),
        ("points", ["x" * 15, "y" * 6], "This is 1 character too long; at most 20."),
        ("points", [1], "Give one text per line."),
        ("number", "12,5O", "“12,5O” is no number."),
        ("number", "–", "This number was not reported, so no picture is made of it."),
        ("price", "12,5O", "“12,5O” is no price."),
        ("price", -1, "“-1” is no price."),
        ("price", True, "“True” is no price."),
        ("price", "19.999 XAU PLUS", "“19.999 XAU PLUS” is no price."),
        ("day", "2026-02-30", "“2026-02-30” is no date. Write it like 2026-12-01."),
        ("tint", "red; x", "“red; x” is no colour. Write it like #1a7f5a."),
        ("secret", "x", "This template has no field of this name."),
    ],
)
def test_what_is_wrong_is_said_per_field(name, value, told):
    with pytest.raises(Invalid) as refused:
        values.clean(declared(*ALL), {"title": "x", name: value}, None, "en")

    assert refused.value.fields == {f"data.{name}": [told]}


def test_the_reason_is_in_the_language_of_who_asked():
    with translation.override("es"), pytest.raises(Invalid) as refused:
        values.clean(declared(*ALL), {"title": "x", "price": "12,5O"}, None, "es")

    assert list(refused.value.fields) == ["data.price"]


@pytest.mark.parametrize(
    ("given", "language", "read"),
    [
        ("1.234", "es", (Decimal(1234), "")),
        ("1,234", "en", (Decimal(1234), "")),
        ("1.234", "en", None),
        ("1.234.567,50 €", "es", (Decimal("1234567.50"), "EUR")),
        ("1,234.50", "es", (Decimal("1234.50"), "")),
        ("USD 5", "en", (Decimal(5), "USD")),
        ("1,2,3", "en", None),
        ("1.23,45", "es", None),
        (19.99, "en", (Decimal("19.99"), "")),
        ("1e3", "en", None),
        ("٣", "en", None),
    ],
)
def test_prices_are_read_strictly(given, language, read):
    assert amounts.price(given, language) == read


def test_a_picture_of_somebody_else_is_not_there():
    one, other = UserFactory(role="Marketer"), UserFactory(role="Marketer")
    AccountGrant.objects.create(user=other, account=AccountFactory())
    photo = upload(one)
    wanted = declared({"name": "photo", "type": "image", "required": True})

    found = values.clean(wanted, {"photo": str(photo.pk)}, one, "en")

    assert (found.data, found.shown) == ({"photo": photo.pk}, {"photo": f"media:{photo.sha256}"})
    with pytest.raises(Invalid) as refused:
        values.clean(wanted, {"photo": photo.pk}, other, "en")
    assert refused.value.fields == {"data.photo": ["There is no such picture."]}
