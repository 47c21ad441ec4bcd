"""The gallery and the editor: copy, change, look, put back. Nothing typed is lost."""

from __future__ import annotations

import html
import re

import pytest
from django.contrib.staticfiles import finders

from socialhub.models import JobRun
from socialhub.tests.factories import UserFactory
from threads import gallery
from threads.models import ImageTemplate
from threads.services.pictures import templates
from threads.tests.pages.rows import logged_in, words
from threads.tests.pictures.support import CSS, HTML, make_template, run
from threads.tests.template_pages.rows import ADD, GALLERY, LIVE, page_of, typed

pytestmark = pytest.mark.django_db
LONG = "A sentence that is much longer than its box, however small it is written " * 3


def polled(client, response):
    """What the page shows once a worker has drawn."""
    [address] = re.findall(r'hx-get="([^"]+)"', response.text)
    run(JobRun.objects.get(kind="preview_template"))
    return client.get(html.unescape(address)).text


def test_the_gallery_shows_every_starter_design_with_its_picture():
    page = logged_in("Analyst").get(GALLERY).text

    missing = [
        one.slug
        for one in gallery.designs()
        if f"threads/designs/{one.slug}-square.webp" not in page
        or not finders.find(f"threads/designs/{one.slug}-square.webp")
    ]
    assert (len(gallery.designs()) >= 12, missing) == (True, [])


def test_a_design_becomes_a_template_of_ones_own():
    client = logged_in()

    response = client.post(f"{GALLERY}designs/quote/copy/")

    template = ImageTemplate.objects.get()
    assert (response.url, template.design) == (page_of(template), "quote")
    assert client.post(f"{GALLERY}designs/nothing/copy/").status_code == 404


def test_a_change_is_saved_as_a_new_version():
    client = logged_in()
    template = make_template(client.user)
    sent = typed(template, html=f"{HTML}\r\n<p>{{{{ note }}}}</p>", name="Offer 2")
    sent |= {"field": ["0", "1", "7"], "field-7-name": "note", "field-7-type": "text"}
    sent |= {"field-1-drop": "on", "html": sent["html"].replace("{{ price }} {{ price_note }}", "")}

    response = client.post(page_of(template), sent)

    template.refresh_from_db()
    assert (response.status_code, template.version, template.name) == (302, 2, "Offer 2")
    assert [(one["name"], one["type"], one["max_length"]) for one in template.fields] == [
        ("title", "text", 40),
        ("note", "text", 200),
    ]
    assert "\r" not in template.html
    assert template.sizes == [{"name": "320x200", "width": 320, "height": 200}]


def test_what_is_wrong_is_said_and_everything_typed_is_still_there():
    client = logged_in()
    sent = typed(name="Mine", html='<p>\n{{ nobody }}</p><script src="//x"></script>', css="p {}")

    response = client.post(ADD, sent)

    told = words(response.text)
    assert (response.status_code, ImageTemplate.objects.count()) == (400, 0)
    assert "Nothing you typed is lost" in told and "nobody" in told
    assert html.escape(sent["html"]) in response.text
    assert 'value="Mine"' in response.text and "p {}</textarea>" in response.text


def test_what_somebody_else_saved_is_not_written_over():
    client = logged_in()
    template = make_template(client.user)
    sent = typed(template, css=".box { color: red; }")
    templates.change(template, UserFactory(role="Marketer"), css=".title { color: blue; }")

    response = client.post(page_of(template), sent)

    template.refresh_from_db()
    assert (response.status_code, template.css) == (409, ".title { color: blue; }")
    assert ".box { color: red; }" in response.text


def test_an_old_version_is_put_back_as_a_new_one():
    client = logged_in()
    other = UserFactory(role="Marketer")
    template = make_template(client.user)
    templates.change(template, other, css=".title { color: blue; }")
    shown = words(client.get(page_of(template)).text)
    assert f"· {other}" in shown and f"· {client.user}" in shown

    client.post(page_of(template, "versions/1/restore"))

    template.refresh_from_db()
    assert (template.version, template.css) == (3, CSS)
    assert client.post(page_of(template, "versions/9/restore")).status_code == 404


def test_problems_name_the_line_they_are_in():
    client = logged_in()

    response = client.post(LIVE, typed(html="<p>\n</p>\n<p>{{ nobody }}</p>", css="p {}"))

    assert re.findall(r'data-tpl-line="(\d+)"\s+data-tpl-where="(\w+)"', response.text) == [
        ("3", "html")
    ]
    assert not JobRun.objects.filter(kind="preview_template").exists()


def test_the_picture_is_drawn_of_what_is_typed_and_stored_nowhere():
    client = logged_in()

    page = polled(client, client.post(LIVE, typed(size="landscape")))

    [address] = re.findall(r'src="([^"]+)"', page)
    picture = client.get(address)
    assert "1200 × 630" in words(page)
    assert (picture["Content-Type"], picture.content[:4]) == ("image/png", b"\x89PNG")
    assert ImageTemplate.objects.count() == 0


def test_what_does_not_fit_is_shown_with_its_picture():
    client = logged_in()
    sent = typed(
        make_template(client.user), **{"field-0-sample": LONG, "field-0-max_length": "900"}
    )

    page = polled(client, client.post(LIVE, sent))

    assert "does not fit its box. Shorten it by about" in words(page)
    assert "<img" in page
