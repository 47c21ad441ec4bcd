"""A picture from a template, made while a post is written."""

from __future__ import annotations

import json
import re
from decimal import Decimal

import pytest
from django.apps import apps

from socialhub.models import JobRun, MediaAsset
from socialhub.tests.factories import AccountFactory
from threads.tests.pages.rows import logged_in, words
from threads.tests.pictures.support import make_template, run, upload
from threads.tests.template_pages.rows import page_of

pytestmark = pytest.mark.django_db
SIZES = [
    {"name": "square", "width": 320, "height": 320},
    {"name": "portrait", "width": 320, "height": 400},
]


def address(template, part, query=""):
    return f"/admin/pictures/{template.pk}/{part}/{query}"


def values(response, place="pic"):
    """What stands in the blanks."""
    return {one.name: one.value for one in response.context["blanks"]} | {
        "alt": response.context["alt"]
    }


def chair():
    return apps.get_model("crm.Product").objects.create(
        name="Chair", price=Decimal("19.99"), currency="EUR", tax_included=True
    )


def test_the_blanks_begin_with_the_post_around_them():
    client, account = logged_in(), AccountFactory(platform="instagram")
    template = make_template(sizes=SIZES, width=None, height=None, alt_text="Offer: {{ title }}")
    sent = {"text": "A chair\nfor you", "link": "https://x.example", "accounts": account.pk}

    response = client.post(address(template, "fill"), sent)

    # A template for products takes nothing from a post.
    assert values(response) == {"title": "", "price": "", "alt": ""}
    assert (response.context["best"], response.context["size"]) == ("portrait", "portrait")


def test_a_product_in_the_post_fills_the_price_with_its_tax():
    client = logged_in()
    template = make_template(alt_text="{{ title }} for {{ price }}, {{ price_note }}")

    response = client.post(
        address(template, "fill"), {"text": "New!", "about": f"product:{chair().pk}"}
    )

    price = response.context["blanks"][1]
    assert values(response) == {
        "title": "Chair",
        "price": "19.99",
        "alt": "Chair for €19.99, tax included",
    }
    assert (price.currency, price.tax) == ("EUR", "true")


def test_prices_in_a_spanish_post_are_spanish():
    template = make_template(alt_text="{{ title }}, {{ price }}")
    sent = {"language": "es", "about": f"product:{chair().pk}"}

    response = logged_in().post(address(template, "fill"), sent)

    assert values(response)["alt"] == "Chair, 19,99 €"


def test_what_was_typed_stays_when_an_item_fills_the_rest():
    fields = [
        {"name": "title", "type": "text", "source": "product.title"},
        {"name": "author", "type": "text"},
    ]
    template = make_template(html="<p>{{ title }} {{ author }}</p>", css="", fields=fields)
    sent = {"pic-title": "Mine", "pic-author": "Ana", "pic-bind": f"product:{chair().pk}"}

    response = logged_in().post(address(template, "fill"), sent)

    assert values(response) == {"title": "Chair", "author": "Ana", "alt": ""}


def test_the_search_offers_what_a_source_has():
    template, product = make_template(), chair()

    page = (
        logged_in()
        .get(address(template, "find"), {"pic-source": "product", "pic-words": "cha"})
        .text
    )

    assert f"product:{product.pk}" in page.replace("\\u003A", ":") and "Chair" in page


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"pic-title": "Chair"}, "Say what the picture shows"),
        ({"pic-alt": "A chair"}, "This is needed."),
        ({"pic-title": "Chair", "pic-price": "12,5O", "pic-alt": "x"}, "“12,5O” is no price."),
        ({"pic-title": "C" * 41, "pic-alt": "x"}, "This is 1 character too long; at most 40."),
    ],
)
def test_what_is_wrong_is_said_at_its_blank_and_nothing_is_made(sent, told):
    template = make_template(alt_text="")

    response = logged_in().post(address(template, "make"), sent)

    assert (response["HX-Retarget"], told in words(response.text)) == ("#pic-body", True)
    assert not JobRun.objects.filter(kind="render_template").exists()
    typed = {name.removeprefix("pic-"): value for name, value in sent.items()}
    assert {**values(response), **typed} == values(response)


@pytest.mark.parametrize(
    ("alt", "own", "now"),
    [
        ("", "", "Offer: Chair"),
        ("Offer: A", "Offer: A", "Offer: Chair"),
        ("Mine", "Offer: A", None),
        # Somebody emptied it to write another one.
        ("", "Offer: A", None),
    ],
)
def test_the_alt_text_follows_the_values_until_a_person_writes_it(alt, own, now):
    template = make_template(alt_text="Offer: {{ title }}")
    sent = {"pic-title": "Chair", "pic-alt": alt, "pic-alt-own": own}

    page = logged_in().post(address(template, "preview"), sent).text

    shown = re.findall(r'name="pic-alt".*?>([^<]*)</textarea>', page, flags=re.DOTALL)
    assert shown == ([] if now is None else [now])


def test_the_form_around_hears_of_the_picture_that_was_made():
    client = logged_in()
    template = make_template(client.user)
    sent = {"pic-title": "Chair", "pic-alt": "A chair: {{ title }}"}

    waiting = client.post(address(template, "make"), sent)
    job = run(JobRun.objects.get(kind="render_template"))
    done = client.get(f"/admin/pictures/made/{job.pk}/")

    asset = MediaAsset.objects.get(alt_text="A chair: Chair")
    assert "HX-Trigger" not in waiting
    assert json.loads(done["HX-Trigger"]) == {"sh:picture-made": {"media": asset.pk}}
    row = client.get("/admin/socialhub/post/picture/", {"media": asset.pk}).text
    assert f'name="media" value="{asset.pk}"' in row and "A chair: Chair" in row


def test_a_picture_of_somebody_else_is_no_row_of_the_composer():
    client = logged_in("Marketer", AccountFactory())
    asset = upload(logged_in().user)

    for pk in (asset.pk, "0", "x", "9" * 30):
        found = client.get("/admin/socialhub/post/picture/", {"media": pk})
        assert found.status_code == 404


def test_a_picture_is_made_on_a_page_of_its_own_too():
    client = logged_in()
    template = make_template(client.user)
    assert 'name="page-title"' in client.get(page_of(template, "use")).text

    client.post(
        address(template, "make", "?place=page"), {"page-title": "Chair", "page-alt": "A chair"}
    )
    job = run(JobRun.objects.get(kind="render_template"))
    page = client.get(f"/admin/pictures/made/{job.pk}/?place=page").text

    media = MediaAsset.objects.get(alt_text="A chair")
    assert f"/admin/socialhub/post/add/?media={media.pk}" in page
    composer = client.get(f"/admin/socialhub/post/add/?media={media.pk}").text
    assert f'name="media" value="{media.pk}"' in composer
