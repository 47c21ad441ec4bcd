"""A hostile template is refused; drawn all the same, it reaches neither network nor disk."""

from __future__ import annotations

import urllib.request

import pytest
from PIL import Image

from threads.rendering import choosing, problems
from threads.rendering.chromium import ChromiumRenderer
from threads.tests.rendering.canary import MAGENTA, Canary, hostile, hostile_css, whole_page
from threads.tests.rendering.pages import opened, page


@pytest.fixture
def canary():
    canary = Canary()
    yield canary
    canary.close()


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "secret.png"
    Image.new("RGB", (400, 400), MAGENTA).save(path)
    return path


def colours(png: bytes) -> set[tuple[int, int, int]]:
    image = opened(png)
    return {colour for _, colour in image.getcolors(image.width * image.height)}


def test_every_piece_of_it_is_refused(picture):
    pieces = hostile("http://127.0.0.1:1", picture)
    # An image in the page itself is allowed; what it names outside is not fetched, see below.
    allowed = {"svg in data"}

    accepted = {name for name, html in pieces.items() if not problems(html, "", [])}
    accepted_css = [css for css in hostile_css("http://127.0.0.1:1") if not problems("", css, [])]

    assert accepted == allowed
    assert accepted_css == []


def test_the_canary_sees_whoever_comes(canary):
    urllib.request.urlopen(f"{canary.url}/seen").close()

    assert canary.hits == ["/seen"]


def test_the_built_in_renderer_reaches_nothing(takumi, canary, picture):
    drawn = takumi.render(whole_page(canary.url, picture))

    assert canary.hits == []
    assert MAGENTA not in colours(drawn.png)


@pytest.mark.browser
def test_chromium_reaches_nothing_and_ends_within_its_limits(canary, picture):
    program = choosing.chromium_program()
    if program is None:
        pytest.skip("Chromium is not installed (apt-get install chromium)")
    renderer = ChromiumRenderer(program)
    try:
        drawn = renderer.render(whole_page(canary.url, picture))
        after = renderer.render(page("<p>a</p>"))
    finally:
        renderer.close()

    assert canary.hits == []
    assert MAGENTA not in colours(drawn.png)
    assert opened(after.png).size == (540, 540)
