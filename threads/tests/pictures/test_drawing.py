"""Pictures really drawn, by the built-in renderer."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from socialhub.models import JobRun, MediaAsset
from socialhub.services import media
from socialhub.services.errors import Invalid
from socialhub.tests.factories import UserFactory, organisation
from threads.models import RenderedImage
from threads.services.pictures import drawing, templates
from threads.tests.pictures.support import CSS, make_template, run

pytestmark = pytest.mark.django_db
DATA = {"title": "Lamp", "price": "19.99"}


@pytest.fixture
def user():
    return UserFactory(role="Marketer")


def draw(user, template, data=DATA, alt_text="{{ title }}, {{ price }}", version=None):
    row = templates.version_of(template, version)
    return drawing.draw(user, row, "", data, alt_text, "es")


def test_the_same_input_again_is_the_same_picture(user):
    template = make_template(user)

    first, again = draw(user, template), draw(user, template)
    told = draw(user, template, alt_text="Our lamp")

    assert again == first
    assert (told.sha256, told.milliseconds) == (first.sha256, first.milliseconds)
    assert sorted(MediaAsset.objects.values_list("alt_text", flat=True)) == [
        "Lamp, 19,99 €",
        "Our lamp",
    ]
    with Image.open(BytesIO(media.file_for(first.media).read())) as shown:
        assert (shown.size, shown.format) == ((320, 200), "PNG")
    assert first.data["price"] == {"amount": "19.99", "currency": "EUR", "tax_included": None}


def test_a_changed_brand_or_version_is_another_picture(user):
    template = make_template(user)
    first = draw(user, template)

    organisation(brand_colours=["#ff0000"])
    in_red = draw(user, template)
    template = templates.change(template, user, css=f"{CSS} .box {{ background-color: #0f0; }}")
    in_green, old = draw(user, template), draw(user, template, version=1)

    assert len({first.sha256, in_red.sha256, in_green.sha256}) == 3
    assert (old, in_green.version.number) == (in_red, 2)


def test_text_that_does_not_fit_is_refused_and_shown(user):
    template = make_template(
        user,
        fields=[{"name": "title", "max_length": 900}],
        html=('<div class="title" data-fit="20 60">{{ title }}</div>'),
    )

    with pytest.raises(drawing.TooLong) as refused:
        draw(user, template, {"title": "many words here " * 40}, "x")

    [error] = refused.value.errors
    assert (error["code"], error["field"]) == ("overflow", "title")
    assert error["message"].startswith("“Title” does not fit its box. Shorten it by about ")
    assert refused.value.picture.png.startswith(b"\x89PNG")
    assert RenderedImage.objects.count() == MediaAsset.objects.count() == 0


def test_a_version_from_before_a_stricter_rule_is_not_drawn(user):
    template = make_template(user)
    template.versions.update(html='<img src="http://198.51.100.1/a.png">{{ title }}')

    with pytest.raises(Invalid) as refused:
        draw(user, template)

    assert refused.value.fields["html"][0].startswith("Line 1: “http://198.51.100.1/a.png”")


def test_the_sample_of_a_copied_design_is_drawn(user):
    template = templates.copy_design(user, "product")

    first = run(JobRun.objects.get(kind="sample_template"))
    template = templates.change(template, user, css=f"{template.css} .x {{ color: red; }}")
    run(JobRun.objects.get(kind="sample_template", state="queued"))

    template.refresh_from_db()
    assert (first.state, template.sample.width, template.sample.alt_text) == (
        "done",
        template.width,
        template.name,
    )
    # The same picture once more: nothing is left over.
    assert list(MediaAsset.objects.all()) == [template.sample]


def test_the_sample_of_a_template_that_left_its_design_is_drawn_too(user):
    template = templates.copy_design(user, "quote")
    JobRun.objects.all().delete()
    kept = [one for one in template.fields if one["required"]]
    html = " ".join(f"{{{{ {one['name']} }}}}" for one in kept)

    templates.change(template, user, html=html, fields=[{**one, "max_length": 5} for one in kept])

    assert run(JobRun.objects.get(kind="sample_template")).state == "done"
