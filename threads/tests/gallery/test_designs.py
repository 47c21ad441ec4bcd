"""The starter designs: allowed, readable, and good in every size and language."""

from __future__ import annotations

import re
from io import BytesIO
from itertools import cycle, product

import pytest
from django.utils import translation
from PIL import Image

from socialhub.models import Organisation
from socialhub.tests.factories import UserFactory
from threads import gallery
from threads.gallery.loading import FOLDER
from threads.gallery.showing import TALLER_NORTE, page
from threads.gallery.words import DESIGNS, LABELS
from threads.rendering import Brand, choosing, fitting
from threads.services.pictures import templates
from threads.tests.gallery import longest
from threads.tests.rendering.comparing import difference

SIZES = [size["name"] for size in gallery.SIZES]
LANGUAGES = ["en", "es"]
ALL = pytest.mark.parametrize("design", gallery.designs(), ids=lambda one: one.slug)
# Smaller than this is not read on a phone.
LEAST_PIXELS = 28
# Inks for white paper, and black or white as it reads on a brand colour.
INKS = {"#17171c", "#52525c", *(f"var(--on-brand-{n})" for n in (1, 2, 3))}
# The one sign in a brand colour; it says nothing.
SIGN = "color-mix(in srgb, var(--brand-2) 82%, var(--on-brand-1))"
NAMELESS = Brand("", "", ("#ffffff", "#ffe500", "#101014"))


def test_every_folder_and_every_field_has_its_words():
    used = {field["name"] for design in gallery.designs() for field in design.fields}

    assert {folder.name for folder in FOLDER.iterdir()} == set(DESIGNS)
    assert used == set(LABELS)


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_design_can_be_copied_into_a_template(language):
    Organisation.objects.update_or_create(pk=1, defaults={"language": language})
    user = UserFactory(role="Marketer")

    copies = [templates.copy_design(user, slug) for slug in DESIGNS]

    with translation.override(language):
        assert [
            (copy.name, copy.html, copy.css, copy.fields, copy.sizes, copy.alt_text)
            for copy in copies
        ] == [
            (str(one.name), one.html, one.css, one.fields, one.sizes, one.alt_text)
            for one in gallery.designs()
        ]


@ALL
def test_nothing_is_too_small_to_read(design):
    ranges = re.findall(r'data-fit="([^"]*)"', design.html)
    sizes = [int(pixels) for pixels in re.findall(r"font-size: (\d+)px", design.css)]

    assert ranges
    assert min([low for low, _high in map(fitting.sizes, ranges)] + sizes) >= LEAST_PIXELS


@ALL
def test_texts_have_a_colour_that_reads_on_any_brand(design):
    inks = set(re.findall(r"(?<![-\w])color: ([^;]+);", design.css))

    assert inks - {SIGN} <= INKS
    assert (SIGN in inks) == (design.slug == "quote")


@pytest.mark.parametrize(
    ("design", "shape"),
    zip(gallery.designs(), cycle(product(SIZES, LANGUAGES)), strict=False),
    ids=lambda one: getattr(one, "slug", ""),
)
def test_a_sample_fits(design, shape, takumi):
    size, language = shape

    picture = takumi.render(page(design, size, language))

    assert (picture.overflow, opened(picture.png).size) == ((), pixels(size))


@pytest.mark.thorough
@ALL
def test_the_longest_texts_fit_in_every_size(design, takumi):
    full = {}
    ways = (True, False) if design.sample_images else (True,)
    for size, language, with_pictures in product(SIZES, LANGUAGES, ways):
        data = longest.values(design, language)
        whole = page(design, size, language, data=data, with_pictures=with_pictures)
        full[size, language, with_pictures] = takumi.render(whole).overflow

    assert full == dict.fromkeys(full, ())


@pytest.mark.thorough
@ALL
def test_samples_fit_in_every_size_and_are_what_the_gallery_shows(design, takumi):
    for size, language in product(SIZES, LANGUAGES):
        pictures = [
            takumi.render(page(design, size, language, brand=brand))
            for brand in (TALLER_NORTE, NAMELESS)
        ]
        assert [picture.overflow for picture in pictures] == [(), ()]
        if language == "en":
            assert apart(pictures[0].png, shown(design.slug, size)) < 2.5


def test_the_gallery_has_a_picture_of_every_design_in_every_size():
    shapes = {
        (design.slug, size): shown(design.slug, size).size
        for design in gallery.designs()
        for size in SIZES
    }

    assert set(shapes.values()) == {(480, 480), (384, 480), (480, 252)}
    assert len(shapes) == len(DESIGNS) * len(SIZES)


@pytest.mark.browser
@pytest.mark.parametrize("slug", ["price", "event", "list", "testimonial"])
def test_chromium_draws_a_design_like_the_built_in_renderer(slug, takumi, chromium):
    design = next(one for one in gallery.designs() if one.slug == slug)

    for size in SIZES:
        whole = page(design, size, "es")
        ours, theirs = takumi.render(whole).png, chromium.render(whole).png
        found = difference(opened(ours), opened(theirs))
        assert found.mean < 4, (size, found)
        assert found.visible < 0.04, (size, found)


@pytest.fixture(scope="module")
def chromium():
    program = choosing.chromium_program()
    if program is None:
        pytest.skip("Chromium is not installed (apt-get install chromium)")
    from threads.rendering.chromium import ChromiumRenderer

    renderer = ChromiumRenderer(program)
    yield renderer
    renderer.close()


def opened(png: bytes) -> Image.Image:
    return Image.open(BytesIO(png)).convert("RGB")


def pixels(size: str) -> tuple[int, int]:
    found = next(one for one in gallery.SIZES if one["name"] == size)
    return found["width"], found["height"]


def shown(slug: str, size: str) -> Image.Image:
    """The picture the gallery shows."""
    name = f"static/threads/designs/{slug}-{size}.webp"
    return Image.open(FOLDER.parents[2] / name).convert("RGB")


def apart(png: bytes, small: Image.Image) -> float:
    return difference(opened(png).resize(small.size, Image.Resampling.LANCZOS), small).mean
