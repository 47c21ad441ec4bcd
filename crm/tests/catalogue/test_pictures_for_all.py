"""Pictures of products hang on no account: whoever sees the catalogue sees them."""

from __future__ import annotations

import pytest

from crm.tests.support import make_product
from socialhub.models import AccountGrant, MediaAsset
from socialhub.services.writing import describing
from socialhub.tests.factories import AccountFactory, UserFactory

pytestmark = pytest.mark.django_db


def picture(name: str) -> MediaAsset:
    return MediaAsset.objects.create(
        file=f"media/{name}.png", name=name, sha256=name * 64, mime="image/png", size=1
    )


def limited(role: str | None):
    user = UserFactory(role=role)
    AccountGrant.objects.create(user=user, account=AccountFactory())
    return user


def test_somebody_limited_to_an_account_sees_pictures_of_products():
    of_product, other = picture("a"), picture("b")
    make_product(image=of_product)

    seen = MediaAsset.objects.visible_to(limited("Analyst"))

    assert list(seen) == [of_product]
    assert other not in seen


def test_somebody_who_may_not_see_the_catalogue_does_not():
    make_product(image=picture("a"))

    assert not MediaAsset.objects.visible_to(limited(None)).exists()


def test_a_picture_is_called_by_its_product_for_who_may_see_it():
    asset = picture("a")
    make_product(name="Café Etiopía", image=asset)

    assert describing.known(asset, UserFactory(role="Marketer")) == "Café Etiopía"
    assert describing.known(asset, UserFactory(role=None)) == ""
    assert describing.known(picture("b"), UserFactory(role="Marketer")) == ""
