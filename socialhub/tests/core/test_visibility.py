"""Whose rows are whose."""

import pytest
from django.contrib.auth.models import AnonymousUser

from socialhub.models import Post
from socialhub.tests.factories import PostFactory

pytestmark = pytest.mark.django_db


def test_a_post_without_an_author_is_no_strangers_own():
    PostFactory(author=None)

    assert not Post.objects.visible_to(AnonymousUser()).exists()
