"""The demo's series and pictures: made by the product itself, and gone without a trace."""

from __future__ import annotations

import pytest
from django.apps import apps

from socialhub.models import Post, Publication
from socialhub.services import demo
from socialhub.tests.factories import UserFactory
from socialhub.tests.support.demo import seeded_demo
from threads.models import ImageTemplate, RenderedImage, SeriesState, ThreadSeries

# The demo refuses PostgreSQL.
pytestmark = [pytest.mark.django_db, pytest.mark.thorough, pytest.mark.one_database]


@pytest.fixture(scope="module", autouse=True)
def seeded(tmp_path_factory, django_db_setup, django_db_blocker):
    folder = tmp_path_factory.mktemp("demo")
    with seeded_demo(folder, django_db_blocker, ("analytics", "crm", "threads")) as server:
        yield server


def test_one_series_is_out_as_a_chain_and_others_wait(seeded):
    found = ThreadSeries.objects.filter(is_demo=True).with_state()
    states = {series.title: series.state for series in found}

    assert states == {
        "De la aceituna a la botella": SeriesState.PUBLISHED,
        "Por qué pica el aceite": SeriesState.IN_REVIEW,
        "Tres recetas con arbequina": SeriesState.SCHEDULED,
    }
    out = found.get(title="De la aceituna a la botella")
    rows = Publication.objects.filter(post__thread_part__series=out)
    feed = {post["id"]: post["parent_id"] for post in seeded.posts()}
    assert rows.count() == 10
    assert {row.remote_id: row.parent and row.parent.remote_id for row in rows} == {
        row.remote_id: feed[row.remote_id] for row in rows
    }


def test_a_draft_shows_a_product_in_a_picture():
    image = RenderedImage.objects.get()
    post = Post.objects.get(media=image.media)

    assert ImageTemplate.objects.filter(is_demo=True).count() == 4
    assert (image.width, image.height, post.status) == (1080, 1080, "draft")
    assert image.media.alt_text


def test_removing_the_demo_leaves_nothing_of_it():
    demo.remove_demo(UserFactory(role="Administrator"))

    left = {
        model._meta.label: model._default_manager.count()
        for model in apps.get_app_config("threads").get_models()
    }
    assert {label: count for label, count in left.items() if count} == {}
