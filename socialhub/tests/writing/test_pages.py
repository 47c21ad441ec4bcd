"""Reading a page: a real server on the other side, and nothing it does may hurt."""

from __future__ import annotations

import pytest

from socialhub.services.errors import Invalid
from socialhub.services.writing import pages
from socialhub.tests.writing.web import ARTICLE, serving


@pytest.fixture
def web():
    with serving() as server:
        yield server


def _refusal(url):
    with pytest.raises(Invalid) as caught:
        pages.read(url)
    assert caught.value.fields == {"value": [caught.value.message]}
    return caught.value.code


def test_a_spanish_article_without_what_stands_around_it(web):
    # Its own character set, as its header says, and behind a redirect.
    web.pages["/cafe"] = ("text/html; charset=iso-8859-15", ARTICLE.encode("iso-8859-15"))
    web.moved["/"] = "/cafe#consejos"

    assert pages.read(f"{web.url}/") == pages.PageText(
        title="Cómo elegir un buen café",
        description="Tres consejos de nuestros tostadores.",
        text=(
            "¿Sabías que el café de especialidad cambia en cada cosecha? En nuestra tienda lo "
            "tostamos cada semana, y eso se nota desde el primer sorbo de la mañana.\n\n"
            "La bolsa de 250 g cuesta 12,50 €, impuestos incluidos. Dura unas tres semanas en "
            "casa si se guarda cerrada y lejos de la luz, el calor y la humedad.\n\n"
            "- Mira la fecha de tueste\n- Pregunta por el origen\n\n"
            "¡Y muele solo lo que vayas a tomar! Así conserva todo su aroma, que es lo que más "
            "nos gusta de un buen café recién hecho."
        ),
        url=f"{web.url}/cafe",
        language="es",
    )


def test_a_private_address_is_not_asked_not_even_by_a_redirect(web):
    with serving("127.0.0.2") as private:
        private.pages["/"] = ("text/html", ARTICLE.encode())
        web.moved["/"] = private.url

        assert _refusal(private.url) == "address_refused"
        assert _refusal(f"{web.url}/") == "address_refused"
        assert private.asked == []


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://[::1", "http://", "ftp://a.b/c"])
def test_what_is_no_page_on_the_web(url):
    assert _refusal(url) in ("address_refused", "bad_address")


def test_50_megabytes_are_not_read(web):
    assert _refusal(f"{web.url}/huge") == "page_too_large"
    # What was under way when we hung up; sockets hold a few megabytes.
    assert web.sent < 20_000_000


def test_an_endless_redirect_ends(web):
    web.moved["/a"] = "/b"
    web.moved["/b"] = "/a"

    assert _refusal(f"{web.url}/a") == "too_many_redirects"
    assert web.asked == ["/a", "/b"] * 3


@pytest.mark.parametrize(
    ("mime", "body", "code"),
    [
        ("image/png", b"\x89PNG\r\n\x1a\n\0\0", "not_a_page"),
        ("text/html", b"\x7fELF\0\0\0" * 1000, "not_a_page"),
        ("application/pdf", b"%PDF-1.7", "not_a_page"),
        ("text/html", b"", "no_text"),
        ("text/html", b"<html><body><script>let a = 1</script></body></html>", "no_text"),
    ],
)
def test_what_holds_no_text(web, mime, body, code):
    web.pages["/"] = (mime, body)

    assert _refusal(f"{web.url}/") == code


def test_a_page_that_is_not_there(web):
    assert _refusal(f"{web.url}/nowhere") == "page_refused"


def test_a_page_made_to_break_readers_gives_its_text_or_none(web):
    """Deep nesting, and an element whose attributes would keep the parser busy for minutes."""
    deep = "<div>" * 100_000 + "hola " * 100 + "</div>" * 100_000
    wide = f"<p {' '.join(f'a{n}' for n in range(200_000))}>hola</p>"
    web.pages["/deep"] = ("text/html", f"<html><body>{deep}</body></html>".encode())
    web.pages["/wide"] = ("text/html", f"<html><body>{wide}</body></html>".encode())

    assert _refusal(f"{web.url}/deep") == "no_text"
    assert _refusal(f"{web.url}/wide") == "no_text"
