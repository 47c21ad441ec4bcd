"""Pages ask the database as often for three rows as for one."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from experiments.services.ab_tests import VariantData
from experiments.tests.factories import make_test, running, slots
from experiments.tests.pages.rows import LIST, logged_in, looked, page_of
from socialhub.tests.factories import AccountFactory

pytestmark = pytest.mark.django_db


def queries(client, path):
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(path).status_code == 200
    return len(caught)


def test_the_list_asks_as_often_for_three_tests_as_for_one():
    client = logged_in()
    looked(running(accounts=[slots(AccountFactory()), slots(AccountFactory())]), [[1, 2], [3, 4]])
    one = queries(client, LIST)
    for _n in range(2):
        looked(running(), [[1, 2], [3, 4]])
        make_test()

    assert queries(client, LIST) == one


@pytest.mark.parametrize("part", ["change", "verdict", "edit"])
def test_a_page_asks_as_often_for_three_variants_as_for_two(part):
    client = logged_in()
    texts = [VariantData(text=f"Text {n}") for n in range(4)]
    make = make_test if part == "edit" else running
    few = make(variants=texts[:2], planned_size=4)
    many = make(variants=texts, planned_size=8)
    if part != "edit":
        looked(few, [[1, 2]] * 2)
        for n in range(1, 4):
            looked(many, [[1, 2]] * 4, n)

    assert queries(client, page_of(many, part)) == queries(client, page_of(few, part))


def test_lists_of_looks_and_publications_are_constant():
    client = logged_in()
    looked(running(), [[1, 2], [3, 4]])
    paths = [f"/admin/experiments/abtest{name}/" for name in ("look", "publication")]
    before = [queries(client, path) for path in paths]
    for _n in range(2):
        looked(running(), [[1, 2], [3, 4]])

    assert [queries(client, path) for path in paths] == before
