"""The composer's help with writing: proposals, never a changed text."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client
from django.urls import reverse

from socialhub.models import JobRun, MediaAsset, Post
from socialhub.services import jobs
from socialhub.tests.factories import AccountFactory, UserFactory

pytestmark = pytest.mark.django_db
START = "/admin/socialhub/post/writing/"
LINK = "https://ejemplo.es/una/direccion/bastante/larga/para/contar"
# 280 without the link: too long for Bluesky with it, not for the sandbox.
LONG = (
    "¡Hola a todos! Nuestro taller de café abre el lunes en la calle Mayor de Alcalá de Henares. "
    "El taller es para todos los públicos y no hace falta traer nada de casa. También habrá "
    "tapas. La inscripción cuesta 45,50 €. ¿Te apuntas? Escríbenos y te guardamos un sitio ya."
)
SHORT = (
    "Nuestro taller de café abre el lunes en la calle Mayor de Alcalá de Henares. El taller es "
    "para todos los públicos y no hace falta traer nada de casa. La inscripción cuesta 45,50 €. "
    "¿Te apuntas? Escríbenos y te guardamos un sitio ya."
)


@pytest.fixture
def marketer():
    return UserFactory(role="Marketer")


@pytest.fixture
def client(marketer):
    client = Client()
    client.force_login(marketer)
    return client


@pytest.fixture
def bluesky():
    return AccountFactory(platform="bluesky", server_url="https://bsky.social", handle="ana")


def _picture(user, name, alt_text=""):
    return MediaAsset.objects.create(
        name=name,
        file="cup.jpg",
        sha256="a" * 64,
        mime="image/jpeg",
        size=1,
        width=1,
        height=1,
        alt_text=alt_text,
        uploaded_by=user,
    )


def _ask(client, **typed):
    """The finished proposal's page, after the worker and one poll; and what was sent to it."""
    response = client.post(START, {"language": "es", "field": "text", **typed})
    assert response.status_code == 200
    job = JobRun.objects.get()
    assert 'hx-get="' in response.content.decode()
    follow = html.unescape(re.search('hx-get="([^"]+)"', response.content.decode())[1])
    jobs.run(job.pk)
    return client.get(follow).content.decode()


def _proposal(page):
    found = re.search(r"data-proposal-text>(.*?)</p>", page, re.DOTALL)
    return html.unescape(found[1]) if found else None


def test_shortened_to_the_strictest_network_with_the_link_counted(client, bluesky):
    page = _ask(
        client,
        task="shorten",
        text=LONG,
        link=LINK,
        accounts=[bluesky.pk, AccountFactory().pk],
    )

    assert _proposal(page) == SHORT
    assert "made without AI" in page
    assert f"{len(SHORT) + 2 + len(LINK)} / 300" in page
    assert Post.objects.count() == 0


def test_a_text_that_fits_as_it_is_gets_no_proposal(client):
    page = _ask(client, task="shorten", text=LONG, link=LINK, accounts=[AccountFactory().pk])

    assert _proposal(page) is None
    assert "The text fits as it is." in page


def test_the_text_of_one_account_is_varied_for_that_account(client, bluesky, settings):
    settings.PUBLIC_URL = "https://hub.example"
    sandbox = AccountFactory()
    page = _ask(
        client,
        task="vary",
        field=f"override_{bluesky.pk}",
        text="Otra cosa.",
        link=LINK,
        track_link="on",
        accounts=[bluesky.pk, sandbox.pk],
        **{f"override_{bluesky.pk}": f"Nuestra tienda abre hoy. Más en {LINK}"},
    )

    made = _proposal(page)
    assert "Nuestra tienda abre hoy. Más en" in made
    # The address the person typed, whatever was counted for it.
    assert made.count(LINK) == 1
    assert "hub.example" not in made
    assert f'data-field="override_{bluesky.pk}"' in page
    assert JobRun.objects.get().arguments["accounts"] == [bluesky.pk]


def test_the_wording_of_one_field_is_proposed_for_another(client):
    account = AccountFactory()
    page = _ask(
        client,
        task="vary",
        field="variant-1-text",
        source="variant-0-text",
        accounts=[account.pk],
        **{"variant-0-text": "Nuestra tienda abre hoy.", "variant-1-text": "Otra cosa."},
    )

    assert "Nuestra tienda abre hoy." in _proposal(page)
    assert 'data-field="variant-1-text"' in page


@pytest.mark.parametrize(
    ("name", "earlier", "suggested"),
    [
        ("taza-azul_sobre la mesa.jpg", "", "Taza azul sobre la mesa"),
        ("IMG_2041.jpg", "", None),
        ("IMG_2041.jpg", "Una taza azul", "Una taza azul"),
    ],
)
def test_an_alt_text_from_what_is_known(client, marketer, name, earlier, suggested):
    asset = _picture(marketer, name)
    if earlier:
        _picture(marketer, "other.png", earlier)

    page = _ask(client, task="alt_text", picture=asset.pk)

    assert _proposal(page) == suggested
    assert ("Too little is known" in page) is (suggested is None)
    assert (f'data-field="alt_{asset.pk}"' in page) is (suggested is not None)


def test_a_refusal_says_what_is_missing(client):
    response = client.post(START, {"task": "shorten", "text": "Hola", "field": "text"})

    assert "Choose at least one account" in response.content.decode()
    assert JobRun.objects.count() == 0


def test_only_own_jobs_and_only_for_those_who_write(client, bluesky):
    client.post(START, {"task": "vary", "text": "Hola a todos.", "accounts": [bluesky.pk]})
    mine = reverse("admin:socialhub_post_proposal", args=[JobRun.objects.get().pk])
    other = Client()
    other.force_login(UserFactory(role="Marketer"))
    analyst = Client()
    analyst.force_login(UserFactory(role="Analyst"))

    assert client.get(mine).status_code == 200
    assert other.get(mine).status_code == 404
    assert analyst.post(START, {"task": "vary", "text": "Hola."}).status_code == 403
