"""What a start fixes and makes."""

from __future__ import annotations

import pytest

from experiments.tests.factories import running

pytestmark = pytest.mark.django_db


def test_a_paired_test_owns_its_publications():
    test = running()

    assert test.publications.count() == 8
