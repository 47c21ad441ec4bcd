"""A series from an address or a post of ours, through the job that people start."""

from __future__ import annotations

import pytest

from socialhub.models import JobRun
from socialhub.services import jobs, writing
from socialhub.services.errors import Invalid
from socialhub.services.writing import sources
from socialhub.tests.factories import AccountFactory, PostFactory, UserFactory
from socialhub.tests.writing.web import ARTICLE, serving
from socialhub.writing import Source, SourceKind

pytestmark = pytest.mark.django_db


def _run(user, kind, value, **more):
    bluesky = AccountFactory(platform="bluesky", server_url="https://bsky.social", handle="ana")
    job = writing.start_series(
        user, kind=kind, value=value, accounts=[bluesky], language="es", **more
    )
    jobs.run(job.pk)
    return JobRun.objects.get(pk=job.pk)


def test_a_page_becomes_parts_that_fit_with_their_numbers():
    with serving() as web:
        web.pages["/cafe"] = ("text/html", ARTICLE.replace("iso-8859-15", "utf-8").encode())
        job = _run(UserFactory(role="Marketer"), "url", f"{web.url}/cafe")

    parts = job.result.pop("parts")
    assert job.result == {
        "made_by": "deterministic",
        "note": "",
        "title": "Cómo elegir un buen café",
    }
    assert parts[0].startswith("Cómo elegir un buen café\n\nTres consejos de nuestros tostadores.")
    assert parts[-1].endswith(f"\n\nSigue leyendo: {web.url}/cafe")
    assert "La bolsa de 250 g cuesta 12,50 €, impuestos incluidos." in " ".join(parts)
    # The number "25/25" and its space are reserved.
    assert all(len(part) <= 300 - 6 for part in parts)


def test_a_private_address_ends_the_job_with_a_sentence():
    job = _run(UserFactory(role="Marketer"), "url", "http://10.1.2.3/admin")

    assert (job.state, job.result) == ("failed", None)
    assert job.errors == [
        {
            "code": "address_refused",
            "message": "This address cannot be read: it is private, or it is no page on the web.",
        }
    ]


def test_a_topic_is_not_made_up():
    job = _run(UserFactory(role="Marketer"), "topic", "Café")

    assert job.errors[0]["code"] == "nothing_known"
    assert "Give a text, an address or a product." in job.errors[0]["message"]


def test_what_a_person_may_not_see_is_not_there():
    post = PostFactory(text="Título\nEl texto.", language="es")

    found = sources.source_of(None, "post", str(post.pk), language="es")

    assert found == Source(SourceKind.POST, title="Título", text="El texto.", language="es")
    for key in (str(post.pk + 1), "x", "-1", ""):
        with pytest.raises(Invalid) as caught:
            sources.source_of(None, "post", key, language="es")
        assert caught.value.code in ("not_there", "empty")
    with pytest.raises(Invalid):
        sources.source_of(UserFactory(role=None), "post", str(post.pk))
