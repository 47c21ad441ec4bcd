"""Products and services: Odoo's and our own, posts about them, changed prices."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.http import QueryDict

from crm.models import OdooSyncRun, PriceFlag, Product
from crm.tests.pages.rows import logged_in, offline, said, words
from crm.tests.support import make_product, make_service
from crm.views import catalogue
from socialhub.models import Post
from socialhub.tests.factories import PostFactory, PublicationFactory

pytestmark = pytest.mark.django_db


def flagged(post, product):
    return PriceFlag.objects.create(
        post=post,
        product=product,
        old_price=Decimal("5"),
        old_currency="EUR",
        new_price=Decimal("6"),
        currency="EUR",
    )


def test_a_product_is_written_here():
    response = logged_in().post(
        "/admin/crm/product/add/",
        {"name": "Oil 500 ml", "price": "14.90", "currency": "eur", "is_active": "on"},
        follow=True,
    )

    row = Product.objects.get()
    assert (row.name, row.price, row.currency) == ("Oil 500 ml", Decimal("14.90"), "EUR")
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"price": "-1", "currency": "EUR"}, "greater than or equal to 0"),
        ({"price": "1", "currency": "euro"}, "at most 3 characters"),
        ({"price": "1", "currency": "E1"}, "A currency is three letters"),
        ({"name": ""}, "This field is required"),
        ({"url": "javascript:alert(1)"}, "Enter a valid URL"),
    ],
)
def test_what_makes_no_sense_is_said_beside_the_field(fields, said):
    data = {"name": "Oil", "is_active": "on", **fields}

    response = logged_in().post("/admin/crm/product/add/", data)

    assert response.status_code == 200
    assert said in response.text
    assert not Product.objects.exists()


def test_a_product_of_odoo_is_changed_there():
    row = make_product(connection=offline(), odoo_id=3, name="Oil", price=Decimal("14.90"))
    client = logged_in()

    text = client.get(f"/admin/crm/product/{row.pk}/change/").text
    client.post(f"/admin/crm/product/{row.pk}/change/", {"name": "Other", "price": "1"})

    assert "Odoo is master of name, description, price and picture." in text
    assert 'name="price"' not in text
    row.refresh_from_db()
    # What the form has was taken (the tick was not sent), what Odoo owns was not.
    assert (row.name, row.price, row.is_active) == ("Oil", Decimal("14.90"), False)


def test_write_a_post_about_this_opens_a_prefilled_draft():
    row = make_product(name="Oil 500 ml", price=Decimal("14.90"), url="https://shop.example/oil")

    response = logged_in().post(f"/admin/crm/product/{row.pk}/write/")

    post = Post.objects.get()
    assert response["Location"] == f"/admin/socialhub/post/{post.pk}/change/"
    assert "Oil 500 ml" in post.text and "€14.90" in post.text
    assert (post.link, post.status, list(row.posts.all())) == (
        "https://shop.example/oil",
        "draft",
        [post],
    )


def test_what_is_not_offered_gets_no_post():
    row = make_service(is_active=False)

    response = logged_in().post(f"/admin/crm/service/{row.pk}/write/", follow=True)

    assert said(response) == ["This is not offered at the moment."]
    assert not Post.objects.exists()
    assert "Write a post about this" not in response.text.split("Posts about it")[0]


def test_an_analyst_writes_no_post():
    row = make_product()

    assert logged_in("Analyst").post(f"/admin/crm/product/{row.pk}/write/").status_code == 403


def test_the_page_lists_the_posts_with_their_numbers():
    row = make_product()
    publication = PublicationFactory(published=True, post__text="About the oil")
    row.posts.add(publication.post, PostFactory(text="Only a draft"))

    text = words(logged_in().get(f"/admin/crm/product/{row.pk}/change/").text)

    assert "About the oil 1 – 0 –" in text
    assert "Only a draft 0 – 0 –" in text


def test_lists_filter_what_is_offered_and_where_it_is_written():
    make_product(name="Ours")
    make_product(name="Theirs", connection=offline(), odoo_id=1)
    make_product(name="Gone", is_available=False)
    client = logged_in("Analyst")

    def shown(query):
        text = client.get(f"/admin/crm/product/?{query}").text
        return [name for name in ("Ours", "Theirs", "Gone") if f">{name}<" in text]

    assert shown("") == ["Ours", "Theirs", "Gone"]
    assert shown("offered=no") == ["Gone"]
    assert shown("master=odoo") == ["Theirs"]


def test_selected_products_are_read_now():
    connection = offline()
    mine, theirs = make_product(), make_product(connection=connection, odoo_id=1)
    client = logged_in()

    def act(*rows):
        data = {"action": "read_selected", "_selected_action": [row.pk for row in rows]}
        return said(client.post("/admin/crm/product/", data, follow=True))

    assert act(mine) == ["None of these comes from Odoo."]
    assert act(mine, theirs)[0].startswith("1 is being read.")
    run = OdooSyncRun.objects.get()
    assert (run.kind, run.selected, run.started_by) == ("products", [theirs.pk], client.user)
    assert "read_selected" not in logged_in("Analyst").get("/admin/crm/product/").text


# -- the composer -----------------------------------------------------------------------


def test_insert_offers_what_is_found():
    make_product(name="Oil", price=Decimal("14.90"), url="https://shop.example/oil")
    make_service(name="Tasting")
    make_product(name="Gone oil", is_available=False)
    client = logged_in()

    whole = client.get("/admin/crm/insert/").text
    found = client.get("/admin/crm/insert/?catalogue-search=oil").text

    assert "Oil" in whole and "Tasting" in whole and "Gone oil" not in whole
    assert "Tasting" not in found and "<details" not in found
    assert 'data-insert-text="Oil\n\n€14.90"' in found
    assert 'data-insert-link="https://shop.example/oil"' in found


def test_an_inserted_price_is_written_as_the_post_is_and_says_whether_tax_is_in_it():
    make_product(name="Oil", price=Decimal("14.90"), tax_included=True)
    client = logged_in()

    texts = [
        re.findall(r'data-insert-text="([^"]*)"', client.get(f"/admin/crm/insert/{query}").text)
        for query in ("?language=es", "?language=en", "", "?language=xx")
    ]

    english = ["Oil\n\n€14.90, tax included"]
    assert texts == [["Oil\n\n14,90 €, impuestos incluidos"], english, english, english]


def saved_with(client, about: list[str], text: str) -> Post:
    client.post(
        "/admin/socialhub/post/add/",
        {"text": text, "language": "en", "verb": "save", "about": about},
    )
    return Post.objects.get()


def test_an_inserted_product_is_linked_when_the_post_is_saved():
    row, service = make_product(name="Oil"), make_service(name="Tasting")

    post = saved_with(
        logged_in(),
        [f"product:{row.pk}", f"service:{service.pk}", f"product:{row.pk}"],
        "Our Oil\n\n€14.90",
    )

    assert list(row.posts.all()) == [post]
    # It was taken out of the text again.
    assert not service.posts.exists()


@pytest.mark.parametrize("about", ["product:", "product:x", "user:1", "product:99999999999", ""])
def test_what_nobody_could_insert_changes_nothing(about):
    row = make_product(name="Oil")

    saved_with(logged_in(), [about], "Our Oil")

    assert not row.posts.exists()


def test_a_refusal_of_the_link_keeps_the_post():
    row, post = make_product(name="Oil"), PostFactory(text="Oil")
    other = PublicationFactory().account
    PublicationFactory(post=post, account=other)
    client = logged_in("Marketer", PublicationFactory().account)

    # Nothing is raised: the account is not granted.
    catalogue.note_inserted(post, QueryDict(f"about=product:{row.pk}"), client.user)

    assert not row.posts.exists()


# -- changed prices ------------------------------------------------------------------------


def test_the_post_says_that_a_price_changed_and_is_checked_by_one_click():
    post, row = PostFactory(), make_product(name="Oil")
    flag, client = flagged(post, row), logged_in()
    page = client.get(f"/admin/socialhub/post/{post.pk}/change/").text
    assert f'hx-get="/admin/crm/post/{post.pk}/"' in page

    before = words(client.get(f"/admin/crm/post/{post.pk}/").text)
    response = client.post(f"/admin/crm/price/{flag.pk}/settle/", headers={"hx-request": "true"})

    assert "The price of Oil changed 5.00 EUR → 6.00 EUR" in before
    assert response.text == "" and "Checked." in response["HX-Trigger"]
    flag.refresh_from_db()
    assert flag.settled_by == client.user
    assert words(client.get(f"/admin/crm/post/{post.pk}/").text) == ""


def test_an_analyst_checks_no_price():
    flag = flagged(PostFactory(), make_product())

    assert logged_in("Analyst").post(f"/admin/crm/price/{flag.pk}/settle/").status_code == 403


def test_a_flag_of_a_post_one_may_not_see_is_not_found():
    publication = PublicationFactory()
    flag = flagged(publication.post, make_product())
    client = logged_in("Marketer", PublicationFactory().account)

    assert client.post(f"/admin/crm/price/{flag.pk}/settle/").status_code == 404
