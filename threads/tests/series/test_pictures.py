"""Pictures of parts, drawn by a worker with the renderer that is built in."""

from __future__ import annotations

import pytest

from socialhub.models import JobState
from socialhub.services import jobs
from socialhub.services.errors import Conflict, Invalid
from socialhub.tests.factories import UserFactory
from threads.models import ImageTemplate
from threads.services import series as services
from threads.services.pictures import templates
from threads.services.series import PartData
from threads.tests.factories import make_series

pytestmark = pytest.mark.django_db
FIELDS = [{"name": "quote", "type": "text", "label": "Quote", "required": True}]


@pytest.fixture
def template(settings, tmp_path) -> ImageTemplate:
    settings.MEDIA_ROOT = tmp_path
    return templates.create(
        UserFactory(role="Marketer"),
        name="Quote",
        html="<p>{{ quote }}</p>",
        css=".canvas { background: white; }",
        fields=FIELDS,
        width=200,
        height=100,
    )


def with_picture(template, **data):
    picture = {"template": template.pk, "data": data, "alt_text": "“{{ quote }}”"}
    return make_series(parts=[PartData("One", picture=picture), PartData("Two")])


def test_a_picture_becomes_media_of_its_part(template):
    row = with_picture(template, quote="Sit down.")
    job = services.render_pictures(row, row.author)

    jobs.run(job.pk)

    job.refresh_from_db()
    assert (job.state, job.result, job.errors) == (JobState.DONE, {"pictures": 1}, [])
    part = row.parts.get(position=1)
    media = part.media.get()
    assert (part.picture, media.alt_text, media.mime) == ({}, "“Sit down.”", "image/png")
    assert [item.media for item in part.post.post_media.all()] == [media]
    assert services.problems(row) == []
    with pytest.raises(Conflict) as caught:
        services.render_pictures(row, row.author)
    assert caught.value.code == "nothing_to_draw"


def test_values_that_are_missing_are_named_with_their_part(template):
    row = with_picture(template)

    with pytest.raises(Invalid) as caught:
        services.render_pictures(row, row.author)

    assert caught.value.message.startswith("Part 1: ")


def test_a_picture_somebody_changed_meanwhile_is_not_taken_over(template):
    row = with_picture(template, quote="Sit down.")
    job = services.render_pictures(row, row.author)
    before = services.pictures._pending(row)[0]
    services.edit(row, row.author, parts=[PartData("One"), PartData("Two")])

    services.pictures.take_over(row, row.author, before, None)
    jobs.run(job.pk)

    assert [part.media.count() for part in row.parts.all()] == [0, 0]
    job.refresh_from_db()
    assert job.result == {"pictures": 0}
