"""What fills a template: offers, posts, numbers of the week."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.apps import apps
from django.utils import timezone

from analytics.models import ActivityDay
from socialhub import registries
from socialhub.models import AccountGrant, PostMedia
from socialhub.services.errors import Invalid
from socialhub.tests.factories import AccountFactory, PostFactory, UserFactory
from threads.services.pictures import binding, fields, values
from threads.tests.pictures.support import upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return UserFactory(role="Marketer")


def declared(*given):
    return fields.clean_fields(list(given))[0]


def test_a_product_fills_the_fields_that_name_it(user):
    photo = upload(user)
    product = apps.get_model("crm.Product").objects.create(
        name="Lamp",
        description="Warm light. " * 10,
        price=Decimal("1234.50"),
        currency="EUR",
        tax_included=True,
        image=photo,
        url="https://shop.example/lamp",
    )
    wanted = declared(
        {"name": "headline", "source": "service.title"},
        {"name": "text", "max_length": 30},
        {"name": "cost", "type": "price", "source": "product.price"},
        {"name": "photo", "type": "image", "source": "product.image"},
        {"name": "note"},
    )
    source = registries.data_source("product")

    [item] = source.find(user, "lam", 5)
    data = binding.values_of(wanted, "product", item)

    assert (item.key, item.label) == (str(product.pk), "Lamp")
    assert data == {
        "headline": "Lamp",
        "text": "Warm light. Warm light. Warm…",
        "cost": {"amount": "1234.50", "currency": "EUR", "tax_included": True},
        "photo": photo.pk,
    }
    assert values.clean(wanted, data, user, "es").shown["cost"] == "1.234,50\xa0€"
    assert source.find(UserFactory(), "", 5) == [] and source.get(UserFactory(), item.key) is None
    assert [source.get(user, key) for key in ("0", "x", "9" * 30)] == [None] * 3


def test_a_post_gives_its_first_line_as_title_to_who_sees_it(user):
    post, photo = PostFactory(text="Open day\n\nCome and see.", author=user), upload(user)
    PostMedia.objects.create(post=post, media=photo, position=1)
    other = UserFactory(role="Marketer")
    AccountGrant.objects.create(user=other, account=AccountFactory())
    source = registries.data_source("post")

    found = source.get(user, str(post.pk)).values

    assert {name: found[name] for name in ("title", "text", "image", "url")} == {
        "title": "Open day",
        "text": "Come and see.",
        "image": photo.pk,
        "url": "",
    }
    assert [item.key for item in source.find(user, "open SEE", 5)] == [str(post.pk)]
    assert source.get(other, str(post.pk)) is None and source.find(other, "", 5) == []


def test_the_number_of_the_week_is_what_happened_in_it(user):
    today = timezone.now().date()
    monday = today - timedelta(days=today.weekday() + 7)
    account = AccountFactory()
    for day, likes in ((monday - timedelta(days=7), 10), (monday, 4), (monday + timedelta(6), 8)):
        ActivityDay.objects.create(
            local_day=day,
            account=account,
            platform="sandbox",
            content_type="text",
            likes=likes,
        )
    source = registries.data_source("metric")
    wanted = declared(
        {"name": "label"},
        {"name": "number", "type": "number", "required": True},
        {"name": "change"},
    )

    items = {item.label: item for item in source.find(user, "", 20)}
    likes = binding.values_of(wanted, "metric", items["Likes"])

    assert likes == {"label": "Likes", "number": "12", "change": "+20 % on the week before"}
    assert source.get(user, items["Likes"].key) == items["Likes"]
    assert source.get(user, f"likes:{monday + timedelta(days=1)}") is None
    # Nobody reported clicks: that is not 0, and no picture is made of it.
    missing = binding.values_of(wanted, "metric", items["Clicks"])
    assert missing == {"label": "Clicks", "number": "–"}
    with pytest.raises(Invalid) as refused:
        values.clean(wanted, missing, user, "en")
    assert refused.value.fields["data.number"] == [
        "This number was not reported, so no picture is made of it."
    ]
