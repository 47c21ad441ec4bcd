"""Our own page in a real browser: small, dark, and without JavaScript."""

from __future__ import annotations

import pytest

from experiments.services import splitting
from experiments.services.ab_tests import VariantData
from experiments.tests.split.people import BROWSER, asset, page_test, path

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG = "Chairs for every table.\n\n" + "Donaudampfschifffahrtsgesellschaft" * 4


@pytest.fixture
def open_page(browser, live_server):
    contexts, said = [], []

    def make(**options):
        context = browser.new_context(
            viewport={"width": 390, "height": 800},
            base_url=live_server.url,
            # Without a name of its own it says it is a robot.
            user_agent=BROWSER,
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
        return page

    yield make
    for context in contexts:
        context.close()
    assert said == []


@pytest.mark.parametrize("dark", [False, True])
def test_a_narrow_screen_without_scripts(open_page, live_server, dark):
    one = VariantData(text=LONG, link=f"{live_server.url}/healthz", media=[asset("red")])
    test = page_test(variants=[one, one])
    page = open_page(
        color_scheme="dark" if dark else "light", java_script_enabled=False, locale="es"
    )
    page.goto(path(test))

    picture, button = page.locator("img"), page.get_by_role("link")
    for part in (picture, button, page.get_by_text("Chairs for every table.")):
        box = part.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    assert button.bounding_box()["height"] >= 44
    # Loaded, and shaped before it was.
    assert picture.bounding_box()["height"] == pytest.approx(358 / 2, abs=1)
    assert picture.evaluate("it => it.naturalWidth") > 0
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(255, 255, 255)") is not dark

    button.click()
    page.wait_for_url("**/healthz?*")
    page.go_back()
    page.reload()
    assert sorted(splitting.counts(test)) == [(0, 0), (1, 1)]
