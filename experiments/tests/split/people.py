"""Running splits and the people who visit them, through the public addresses only."""

from __future__ import annotations

import re
import uuid
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from django.core.files.base import ContentFile
from django.test import Client
from PIL import Image

from experiments.models import ABTest
from experiments.services.ab_tests import VariantData
from experiments.tests import factories
from socialhub.models import MediaAsset
from socialhub.services import media
from socialhub.views.visitors import COOKIE

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
SHARED = Client()
A = VariantData(text="Chairs for every table.", link="https://shop.example/a?size=1#top")
B = VariantData(text="Sit well.", link="https://shop.example/b")


def page_test(user: Any = None, **fields: Any) -> ABTest:
    """A running split by page; clicks on its button are compared."""
    given = {"design": "split", "split_by": "page", "metric": "clicks", "variants": [A, B]}
    return factories.running(user, **{**given, **fields})


def link_test(user: Any = None, **fields: Any) -> ABTest:
    """A running split by link; leads are compared."""
    given = {"design": "split", "split_by": "link", "metric": "leads", "variants": [A, B]}
    return factories.running(user, **{**given, **fields})


def asset(colour: str) -> MediaAsset:
    out = BytesIO()
    Image.new("RGB", (1600, 800), colour).save(out, "PNG")
    file = ContentFile(out.getvalue(), f"{colour}.png")
    return media.upload(None, file, alt_text=f'A "{colour}" chair')


def path(test: ABTest) -> str:
    """Of what splits the visitors."""
    return f"/v/{test.page_slug}/" if test.page_slug else f"/l/{test.link.slug}"


class Person:
    """A browser of their own. With `number` they were here before; without cookies never."""

    def __init__(
        self, number: uuid.UUID | None = None, *, agent: str = BROWSER, keeps_cookies: bool = True
    ) -> None:
        self.client, self.agent, self.keeps_cookies = Client(), agent, keeps_cookies
        # Putting the middleware together takes longer than a visit.
        self.client.handler = SHARED.handler
        if number is not None:
            self.client.cookies[COOKIE] = str(number)

    def get(self, url: str, **headers: str) -> Any:
        response = self.client.get(url, headers={"User-Agent": self.agent, **headers})
        if not self.keeps_cookies:
            self.client.cookies.clear()
        return response

    def look(self, test: ABTest, **headers: str) -> Any:
        return self.get(path(test), **headers)

    def click(self, page: Any, **headers: str) -> str:
        """Press the button of a page; where it leads."""
        href = re.search(r'class="button"\s+href="([^"]+)"', page.content.decode())[1]
        response = self.get(href.replace("&amp;", "&"), **headers)
        assert response.status_code == 302
        return response["Location"]


def shown(test: ABTest, page: Any) -> str:
    """The name of the variant on the page."""
    html = page.content.decode()
    return next(one.name for one in test.variants.all() if f">{one.text}<" in html)


def host_and_path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}"
