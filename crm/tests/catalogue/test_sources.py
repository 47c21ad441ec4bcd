"""Products as a source for writers: the price as the language of the series writes it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crm.tests.support import make_product
from socialhub.services.errors import Invalid
from socialhub.services.writing import sources
from socialhub.tests.factories import UserFactory
from socialhub.writing import Source, SourceKind

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "tax_included", "price"),
    [("en", True, "€1,234.50, tax included"), ("en", False, "€1,234.50 plus tax")],
)
def test_a_product_with_its_price(language, tax_included, price):
    row = make_product(
        name="Molino",
        description="De acero.",
        price=Decimal("1234.50"),
        currency="EUR",
        tax_included=tax_included,
        url="https://ejemplo.es/molino",
    )

    found = sources.source_of(
        UserFactory(role="Marketer"), "product", str(row.pk), language=language
    )

    assert found == Source(
        SourceKind.PRODUCT,
        title="Molino",
        text="De acero.",
        price=price,
        url="https://ejemplo.es/molino",
        language=language,
    )
    assert sources.price({"price": row.price, "currency": "EUR"}, "es") == "1.234,50 €"
    with pytest.raises(Invalid):
        sources.source_of(UserFactory(role=None), "product", str(row.pk))
