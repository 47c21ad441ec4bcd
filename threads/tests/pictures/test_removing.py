"""Templates of the demo go with it; what real work made of them stays a picture."""

from __future__ import annotations

import pytest

from socialhub.models import MediaAsset
from socialhub.services import demo, posts
from socialhub.tests.factories import UserFactory
from threads.models import ImageBatch, ImageTemplate, RenderedImage
from threads.services.pictures import batches, drawing, templates
from threads.services.pictures.batches import Wanted
from threads.tests.pictures.support import make_template, run

pytestmark = pytest.mark.django_db


def test_the_demos_templates_pictures_and_runs_are_removed():
    admin = UserFactory(role="Administrator")
    own, theirs = make_template(admin), make_template(admin, name="Demo", is_demo=True)
    drawn = [
        drawing.draw(admin, templates.current(template), "", {"title": title}, title, "en")
        for template, title in ((own, "Own"), (theirs, "Demo"), (theirs, "Used"))
    ]
    post = posts.create(admin, text="Real", media=[drawn[2].media])
    batch = batches.from_csv(admin, theirs, b"title\nDemo row\n", Wanted(alt_text="x"))
    run(batches.start(batch, admin))

    demo.remove_demo(admin)

    assert list(ImageTemplate.objects.all()) == [own]
    assert list(RenderedImage.objects.all()) == [drawn[0]]
    assert ImageBatch.objects.count() == 0
    assert set(MediaAsset.objects.all()) == {drawn[0].media, drawn[2].media}
    assert list(post.media.all()) == [drawn[2].media]
