"""A price that changed flags the posts that are not out yet."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from crm.models import PriceFlag, Product
from crm.services import catalogue
from crm.tests.catalogue.support import TEMPLATE, finished, make
from crm.tests.support import make_product, make_service
from socialhub import signals
from socialhub.models import Notice, PublicationStatus
from socialhub.tests.factories import PostFactory, PublicationFactory, UserFactory

UNSENT = ("draft", "scheduled", "missed", "failed")


def set_price(item, price) -> None:
    catalogue.change(item, None, price=Decimal(price) if price else None)


def flags() -> list[tuple[int, Decimal | None, Decimal | None]]:
    rows = PriceFlag.objects.filter(settled_at__isnull=True).order_by("post_id")
    return list(rows.values_list("post_id", "old_price", "new_price"))


def published(post) -> None:
    PublicationFactory(post=post, published=True)


@pytest.mark.django_db
def test_only_posts_that_are_not_out_everywhere_are_flagged():
    lamp = make_product(price=Decimal(10))
    draft, out, half, foreign, filed = (PostFactory() for _ in range(5))
    lamp.posts.add(draft, out, half, filed)
    published(out)
    published(half)
    PublicationFactory(post=half)
    filed.is_archived = True
    filed.save()

    set_price(lamp, "12.50")

    wanted = [(post.pk, Decimal("10.00"), Decimal("12.50")) for post in (draft, half)]
    assert flags() == wanted
    assert foreign.price_flags.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("status", PublicationStatus.values)
def test_by_state_of_the_publication(status):
    service = make_service(price=Decimal(10))
    post = PostFactory()
    if status == "published":
        PublicationFactory(post=post, published=True)
    else:
        now = timezone.now()
        needed = {
            "publishing": {"claim_token": uuid4(), "claimed_at": now},
            "unknown": {"next_look_at": now},
        }
        PublicationFactory(post=post, status=status, **needed.get(status, {}))
    service.posts.add(post)

    set_price(service, "11")

    # Nothing of a cancelled post is out either.
    expected = status in (*UNSENT, "cancelled")
    assert bool(flags()) is expected


@pytest.mark.django_db
def test_a_second_change_moves_the_open_flag_and_the_old_price_settles_it():
    lamp = make_product(price=Decimal(10))
    post = PostFactory()
    lamp.posts.add(post)

    set_price(lamp, "12")
    set_price(lamp, "15")
    assert flags() == [(post.pk, Decimal("10.00"), Decimal("15.00"))]

    set_price(lamp, "10")
    assert flags() == []
    assert PriceFlag.objects.get().settled_at is not None

    set_price(lamp, None)
    assert flags() == [(post.pk, Decimal("10.00"), None)]


@pytest.mark.django_db
def test_another_currency_is_another_price():
    lamp = make_product(price=Decimal(10), currency="EUR")
    lamp.posts.add(PostFactory())

    catalogue.change(lamp, None, currency="USD")

    assert PriceFlag.objects.values_list("old_price", "new_price", "currency").get() == (
        Decimal("10.00"),
        Decimal("10.00"),
        "USD",
    )


@pytest.mark.django_db
def test_another_name_flags_nothing():
    lamp = make_product()
    lamp.posts.add(PostFactory())

    catalogue.change(lamp, None, name="Lamp, oak")

    assert flags() == []


@pytest.mark.django_db(transaction=True)
def test_a_price_changed_in_odoo_is_told(odoo, connection):
    lamp = make(odoo, "Lamp", list_price=10)
    finished(connection, "products")
    item, post = Product.objects.get(), PostFactory(author=UserFactory(role="Marketer"))
    item.posts.add(post)
    heard = []

    def hear(sender, **said):
        heard.append((sender, said["kind"], said["item_id"], said["old"], said["new"]))

    signals.price_changed.connect(hear)
    try:
        odoo.change(TEMPLATE, lamp, list_price=12)
        finished(connection, "products")
    finally:
        signals.price_changed.disconnect(hear)

    assert flags() == [(post.pk, Decimal("10.00"), Decimal("12.00"))]
    assert heard == [
        (Product, "product", item.pk, (Decimal("10.00"), "EUR"), (Decimal("12.00"), "EUR"))
    ]
    assert Notice.objects.filter(post=post, resolved_at__isnull=True).count() == 1

    catalogue.settle_flag(PriceFlag.objects.get(), post.author)

    assert flags() == []
    assert PriceFlag.objects.get().settled_by == post.author
    assert Notice.objects.filter(post=post, resolved_at__isnull=True).count() == 0


@pytest.mark.django_db
def test_many_changes_cost_a_fixed_number_of_statements(django_assert_num_queries):
    from crm.services import prices

    def changed(count: int) -> list[prices.Change]:
        items = [make_product(price=Decimal(10)) for _ in range(count)]
        for item in items:
            item.posts.add(PostFactory())
            item.price = Decimal(11)
        return [prices.Change(item, (Decimal(10), "EUR")) for item in items]

    few, many = changed(2), changed(20)

    # Open flags, posts, flags made.
    for changes in (few, many):
        with django_assert_num_queries(3):
            prices.changed(changes)

    assert len(flags()) == 22
