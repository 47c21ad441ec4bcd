"""Products and services without Odoo, and posts about them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crm.models import OdooConnection, Product, Service
from crm.services import catalogue
from crm.tests.support import make_product, make_service
from socialhub import registries
from socialhub.models import Organisation
from socialhub.services.errors import Conflict, Forbidden, Invalid
from socialhub.tests.factories import PostFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def marketer():
    return UserFactory(role="Marketer")


def from_odoo(**fields) -> Product:
    url = "https://odoo.example.org"
    connection = OdooConnection.objects.create(url=url, database="odoo", login="bot")
    return make_product(connection=connection, odoo_id=7, **fields)


def test_a_local_item_is_usable_without_odoo(marketer):
    item = catalogue.create(marketer, Service, name="Repair", price=Decimal("45"))

    assert (item.currency, item.is_offered, item.odoo_id) == ("EUR", True, None)

    catalogue.deactivate(item, marketer)

    item.refresh_from_db()
    assert not item.is_offered


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"name": ""}, "name"),
        ({"price": Decimal("-1")}, "price"),
        ({"price": Decimal("1"), "currency": "EURO"}, "currency"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "ftp://shop.example/lamp"}, "url"),
    ],
)
def test_bad_input_is_named(marketer, fields, named):
    with pytest.raises(Invalid) as refused:
        catalogue.create(marketer, Product, **{"name": "Lamp", **fields})

    assert named in refused.value.fields
    assert Product.objects.count() == 0


def test_only_those_who_may_change_the_catalogue():
    with pytest.raises(Forbidden):
        catalogue.create(UserFactory(role="Analyst"), Product, name="Lamp")
    with pytest.raises(Forbidden):
        catalogue.change(make_product(), UserFactory(role="Approver"), name="Lamp")


def test_what_odoo_is_master_of_is_changed_there(marketer):
    item = from_odoo(name="Lamp")

    with pytest.raises(Conflict) as refused:
        catalogue.change(item, marketer, name="Lamp, oak", price=item.price)

    assert list(refused.value.fields) == ["name"]
    post = PostFactory(author=marketer)
    catalogue.change(item, marketer, is_active=False, name="Lamp", linked=[post])
    item.refresh_from_db()
    assert (item.is_active, list(item.posts.all())) == (False, [post])


def test_a_draft_is_written_in_the_language_of_the_organisation(marketer):
    Organisation.get()
    Organisation.objects.update(language="es")
    item = make_product(
        name="Lámpara",
        description="Luz cálida.\n\nHecha de roble en Galicia.",
        price=Decimal("1234.50"),
        url="https://shop.example/lamp",
    )

    post = catalogue.write_post(item, marketer)

    assert post.text == "Lámpara\n\nLuz cálida.\n\n1.234,50 €"
    assert (post.language, post.content_type, post.status) == ("es", "product", "draft")
    assert (post.link, post.author) == (item.url, marketer)
    assert list(item.posts.all()) == [post]


def test_a_draft_says_what_is_known_of_tax():
    assert catalogue.price_text(make_product(price=Decimal("20"))) == "€20"
    known = make_product(price=Decimal("20"), tax_included=True)
    assert catalogue.price_text(known) == "€20, tax included"
    without = make_product(price=Decimal("20"), tax_included=False)
    assert catalogue.price_text(without) == "€20 plus tax"
    assert catalogue.price_text(make_product(price=None, currency="")) == ""


def test_a_long_description_is_cut_between_words():
    found = catalogue.short("word " * 100)

    assert len(found) <= catalogue.SHORT
    assert found.endswith("word…")


def test_no_post_about_what_is_not_offered(marketer):
    for fields in ({"is_active": False}, {"is_available": False}):
        with pytest.raises(Conflict):
            catalogue.write_post(make_product(**fields), marketer)


def test_the_composer_finds_what_is_offered(marketer):
    make_product(name="Oak lamp", url="https://shop.example/lamp")
    make_product(name="Oak chair", is_active=False)
    make_service(name="Repair of oak")
    make_service(name="Repair of pine")
    offered = registries.provider("catalogue")

    found = offered(marketer, "oak")

    assert [(item["kind"], item["name"]) for item in found] == [
        ("product", "Oak lamp"),
        ("service", "Repair of oak"),
    ]
    assert found[0]["text"] == "Oak lamp\n\n€10"
    assert found[0]["link"] == "https://shop.example/lamp"
    assert len(offered(marketer, limit=2)) == 2
