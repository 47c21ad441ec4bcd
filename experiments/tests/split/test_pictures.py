"""Pictures of our own page: public through it, and only as long as it shows them."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from django.utils import timezone
from PIL import Image

from experiments.models import ABTest, ABTestState, ABTestVariantMedia, Outcome
from experiments.services.ab_tests import VariantData
from experiments.tests import factories
from experiments.tests.split.people import A, B, Person, asset, page_test, path, shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def test(db) -> ABTest:
    return page_test(
        variants=[
            VariantData(text=A.text, link=A.link, media=[asset("red"), asset("pink")]),
            VariantData(text=B.text, link=B.link, media=[asset("blue")]),
        ]
    )


def addresses(test: ABTest) -> dict[str, list[str]]:
    """By variant."""
    found: dict[str, list[str]] = {"A": [], "B": []}
    for one in ABTestVariantMedia.objects.filter(variant__test=test).order_by("position"):
        found[one.variant.name].append(f"{path(test)}m/{one.pk}/")
    return found


def test_a_page_shows_the_pictures_of_its_variant_with_their_words(test):
    ana = Person()
    page = ana.look(test)
    html = page.content.decode()
    wanted = addresses(test)[shown(test, page)]

    sources = re.findall(r'<img src="([^"?]+)\?w=640"', html)
    assert sources == wanted
    assert re.findall(r'([^" ]+) 1600w"', html) == wanted
    assert "A &quot;" in html
    for source in sources:
        picture = ana.get(f"{source}?w=640")
        assert (picture.status_code, picture["Content-Type"]) == (200, "image/webp")
        assert picture["Cache-Control"] == "private, max-age=86400"
        with Image.open(BytesIO(b"".join(picture.streaming_content))) as shrunk:
            assert shrunk.width == 640


def test_a_picture_has_no_other_public_address(test):
    for one in ABTestVariantMedia.objects.filter(variant__test=test):
        assert Person().get(f"/media/{one.media_id}/").status_code == 404


def test_pictures_of_other_tests_and_of_drafts_are_not_shown(test):
    factories.approved(
        design="split", split_by="page", metric="clicks", variants=[A, B], page_slug="draft"
    )
    mine = addresses(test)["A"][0].rsplit("/", 2)[1]

    other = page_test()
    for slug in (other.page_slug, "draft"):
        assert Person().get(f"/v/{slug}/m/{mine}/").status_code == 404
    assert Person().get(f"{path(test)}m/999999999999999999/").status_code == 404


def test_after_the_end_only_the_pictures_of_what_is_shown_remain(test):
    test.state, test.outcome, test.decided_at = ABTestState.DECIDED, Outcome.WINNER, timezone.now()
    test.winner = test.variants.get(name="B")
    test.save()

    answers = {
        name: {Person().get(url).status_code for url in urls}
        for name, urls in addresses(test).items()
    }
    assert answers == {"A": {404}, "B": {200}}
