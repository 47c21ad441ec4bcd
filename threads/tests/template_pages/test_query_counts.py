"""Pages ask the database as often for three rows as for one."""

from __future__ import annotations

import pytest

from socialhub.tests.factories import UserFactory
from threads.services.pictures import batches, templates
from threads.services.pictures.batches import Wanted
from threads.tests.pages.rows import logged_in, queries
from threads.tests.pictures.support import HTML, make_template, upload
from threads.tests.template_pages.rows import GALLERY, PANEL, RUNS, page_of

pytestmark = pytest.mark.django_db


def sampled(user):
    """A template with its picture in the gallery."""
    template = make_template(user)
    type(template).objects.filter(pk=template.pk).update(sample=upload(user))
    return template


def table(rows: int) -> bytes:
    return b"title;price\n" + b"Chair;12\n" * rows


@pytest.mark.parametrize("path", [GALLERY, f"{PANEL}?list=1"])
def test_lists_of_templates_are_constant(path):
    client = logged_in()
    sampled(client.user)
    one = queries(client, path)
    for _n in range(2):
        sampled(UserFactory(role="Marketer"))

    assert queries(client, path) == one


def test_versions_of_a_template_are_constant():
    client = logged_in()
    template = sampled(client.user)
    one = queries(client, page_of(template))
    for n in range(2):
        person = UserFactory(role="Marketer")
        templates.change(template, person, html=f"{HTML}<p>{n}</p>")

    assert queries(client, page_of(template)) == one


def test_runs_and_their_rows_are_constant():
    client = logged_in()
    template, wanted = make_template(client.user), Wanted(alt_text="{{ title }}")
    first = batches.from_csv(client.user, template, table(1), wanted)
    one = [queries(client, path) for path in (RUNS, f"{RUNS}{first.pk}/change/")]
    for _n in range(2):
        last = batches.from_csv(client.user, template, table(3), wanted)

    assert [queries(client, path) for path in (RUNS, f"{RUNS}{last.pk}/change/")] == one
