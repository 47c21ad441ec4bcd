"""Having a text shortened in the composer: proposed, taken over, taken back, by keyboard.

The worker runs in the same process as soon as a job is stored.
"""

from __future__ import annotations

import io

import pytest
from PIL import Image

from socialhub.tests.factories import AccountFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ADD = "/admin/socialhub/post/add/"
LONG = (
    "¡Hola a todos! Nuestro taller de café abre el lunes en la calle Mayor de Alcalá de Henares. "
    "El taller es para todos los públicos y no hace falta traer nada de casa. También habrá tapas "
    "de la casa para todos. La inscripción cuesta 45,50 €. ¿Te apuntas? Escríbenos y te guardamos "
    "un sitio."
)


def test_a_shorter_text_is_taken_over_and_back_by_keyboard(open_as):
    page = open_as("Marketer", width=390, dark=True)
    account = AccountFactory(platform="bluesky", server_url="https://bsky.social", handle="ana")
    page.goto(f"{ADD}?account={account.pk}")
    page.fill("#composer-text", LONG)
    page.fill("#composer-link", "https://ejemplo.es/taller")

    page.focus("button:has-text('Shorten'):visible")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=made without AI")

    assert page.input_value("#composer-text") == LONG
    proposed = page.locator("[data-proposal-text]").inner_text()
    assert proposed == LONG.removeprefix("¡Hola a todos! ")
    take = page.locator("[data-proposal-take]")
    take.focus()
    page.keyboard.press("Enter")
    assert page.input_value("#composer-text") == proposed
    # What is typed afterwards is not lost by taking the proposal back and forth.
    page.locator("#composer-text").press_sequentially("!")
    typed = page.input_value("#composer-text")
    take.focus()
    page.keyboard.press("Enter")
    assert page.input_value("#composer-text") == LONG
    page.keyboard.press("Enter")
    assert page.input_value("#composer-text") == typed
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_an_alt_text_is_suggested_for_its_picture_only(page):
    page.goto(ADD)
    content = io.BytesIO()
    Image.new("RGB", (64, 64), "blue").save(content, "PNG")
    for name in ("taza azul.png", "IMG_1.png"):
        picture = {"name": name, "mimeType": "image/png", "buffer": content.getvalue()}
        page.set_input_files("#composer-files", [picture])
        page.wait_for_selector(f".sh-media >> nth={0 if name.startswith('t') else 1}")
        content = io.BytesIO()
        Image.new("RGB", (64, 64), "red").save(content, "PNG")

    page.locator(".sh-suggest").nth(0).click()
    page.wait_for_selector("text=made without AI")
    page.locator("[data-proposal-take]").click()

    fields = page.locator(".sh-media textarea")
    assert [fields.nth(n).input_value() for n in (0, 1)] == ["Taza azul", ""]
