"""Both renderers draw the same page alike, as stored, and to the same bytes each time."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from threads.rendering import Page, choosing
from threads.rendering.chromium import ChromiumRenderer
from threads.tests.rendering.comparing import difference
from threads.tests.rendering.pages import opened, page, photo, sheet

REFERENCES = Path(__file__).parent / "references"


@pytest.fixture(scope="module")
def chromium():
    program = choosing.chromium_program()
    if program is None:
        pytest.skip("Chromium is not installed (apt-get install chromium)")
    renderer = ChromiumRenderer(program)
    yield renderer
    renderer.close()


def reference(name: str) -> Image.Image:
    return Image.open(REFERENCES / f"{name}.png").convert("RGB")


def close(png: bytes, other: Image.Image, *, mean: float, visible: float) -> bool:
    apart = difference(opened(png), other)
    print(apart)
    return apart.mean <= mean and apart.visible <= visible


def test_a_foreign_sheet_is_drawn_as_stored_and_to_the_same_bytes(takumi):
    first, again = takumi.render(sheet()), takumi.render(sheet())

    assert first.png == again.png
    assert close(first.png, reference("takumi"), mean=0.5, visible=0.005)
    assert close(first.png, reference("chromium"), mean=2, visible=0.025)


def test_an_image_under_the_same_name_is_drawn_anew(takumi):
    def drawn(content: bytes) -> Image.Image:
        return opened(takumi.render(page('<img src="a">', a=content)).png)

    assert drawn(photo()).getpixel((0, 0)) == (220, 30, 60)
    assert drawn(photo(30, 20, "JPEG")).getpixel((200, 100)) == (255, 255, 255)


@pytest.mark.browser
def test_chromium_draws_like_the_built_in_one_and_starts_once(takumi, chromium):
    first, again = chromium.render(sheet()), chromium.render(sheet())

    assert first.png == again.png
    assert chromium.starts == 1
    assert close(first.png, reference("chromium"), mean=1, visible=0.01)
    assert close(first.png, opened(takumi.render(sheet()).png), mean=2, visible=0.025)


def test_a_page_has_a_size_that_can_be_drawn():
    with pytest.raises(ValueError, match="2160"):
        Page("", "", 20_000, 100)
