"""Templates and their versions."""

from __future__ import annotations

import pytest

from socialhub.models import JobRun
from socialhub.services.errors import Conflict, Forbidden, Invalid
from socialhub.tests.factories import UserFactory
from threads.services.pictures import templates
from threads.tests.pictures.support import FIELDS, HTML, make_template

pytestmark = pytest.mark.django_db


def test_another_picture_is_another_version():
    user = UserFactory(role="Marketer")
    template = make_template(user)

    renamed = templates.change(template, user, name="Deal")
    changed = templates.change(template, user, version=1, css=".box { color: #fff; }")
    wider = templates.change(template, user, width=640)

    assert [renamed.version, changed.version, wider.version] == [1, 2, 3]
    assert [(v.number, v.css[:6], v.sizes[0]["width"]) for v in template.versions.all()] == [
        (3, ".box {", 640),
        (2, ".box {", 320),
        (1, ".title", 320),
    ]
    assert JobRun.objects.filter(kind="sample_template").count() == 3
    with pytest.raises(Conflict) as refused:
        templates.change(template, user, version=2, name="Late")
    assert refused.value.code == "stale"


def test_declarations_are_completed():
    template = make_template(
        sizes=[{"name": "wide", "width": 600, "height": 315}], width=None, height=None
    )

    assert (template.width, template.height) == (600, 315)
    assert template.fields[1] == {
        "name": "price",
        "label": "Price",
        "type": "price",
        "required": False,
        "default": "",
        "max_length": None,
        "source": "product.price",
    }


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"html": "<p>\n<script>alert(1)</script></p>"}, "html"),
        ({"html": '<iframe src="x"></iframe>'}, "html"),
        ({"html": '<meta http-equiv="refresh" content="0;url=http://x">'}, "html"),
        ({"html": '<img src="http://198.51.100.1/a.png">'}, "html"),
        ({"html": "{{ nothing }}"}, "html"),
        ({"html": " "}, "html"),
        ({"css": "@import url(http://x/y.css);"}, "css"),
        ({"css": ".a { background: url(file:///etc/passwd) }"}, "css"),
        ({"fields": [{"name": "x", "type": "video"}]}, "fields"),
        ({"fields": [{"name": "X y"}]}, "fields"),
        ({"fields": [*FIELDS, {"name": "price_note"}]}, "fields"),
        ({"fields": [*FIELDS, {"name": "day", "type": "date", "default": "soon"}]}, "fields"),
        ({"fields": "x"}, "fields"),
        ({"width": 20_000}, "sizes"),
        ({"sizes": [{"name": "a", "width": 100}]}, "sizes"),
        ({"alt_text": "{{ nothing }}"}, "alt_text"),
        ({"name": ""}, "name"),
    ],
)
def test_what_is_wrong_is_named(given, place):
    with pytest.raises(Invalid) as refused:
        make_template(**given)

    assert place in refused.value.fields


def test_the_line_is_named_with_what_to_do():
    with pytest.raises(Invalid) as refused:
        make_template(html=f"{HTML}\n<script>alert(1)</script>")

    assert refused.value.fields["html"][0] == (
        "Line 4: <script> is not possible in a picture. "
        "Use plain elements such as div, span and img."
    )


def test_only_those_who_may_change_templates():
    template = make_template()

    for user in (UserFactory(role="Analyst"), UserFactory(role="Approver")):
        with pytest.raises(Forbidden):
            templates.change(template, user, name="x")
        with pytest.raises(Forbidden):
            make_template(user)
