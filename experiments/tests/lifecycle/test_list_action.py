""" "A/B test this" on the list of posts."""

from __future__ import annotations

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.messages import get_messages

from experiments.models import ABTest
from experiments.tests.factories import make_test
from socialhub.models import MediaAsset
from socialhub.tests.admin.conftest import person  # noqa: F401
from socialhub.tests.factories import PostFactory, UserFactory

pytestmark = pytest.mark.django_db
POSTS = "/admin/socialhub/post/"


def run(client, *posts):
    chosen = [post.pk for post in posts]
    return client.post(POSTS, {"action": "ab_test_this", ACTION_CHECKBOX_NAME: chosen})


def test_one_post_opens_the_form_of_its_test(person):  # noqa: F811
    _user, client = person("Marketer")
    post = PostFactory(text="New chairs")

    response = run(client, post)

    test = ABTest.objects.get()
    assert (response.status_code, str(test.pk) in response.url) == (302, True)
    assert test.source_post == post
    assert [one.text for one in test.variants.all()] == ["New chairs", "New chairs"]


def test_of_several_each_gets_a_test_and_refusals_are_counted(person):  # noqa: F811
    _user, client = person("Marketer")
    tested = PostFactory()
    make_test(source_post=tested)

    response = run(client, PostFactory(), PostFactory(), tested)

    said = [str(one) for one in get_messages(response.wsgi_request)]
    assert ABTest.objects.count() == 3
    assert said[0].startswith("2 tests prepared, 1 refused: This post is in a test")


@pytest.mark.parametrize("role", ["Approver", "Analyst"])
def test_it_is_offered_only_to_who_may_write_tests(person, role):  # noqa: F811
    _user, client = person(role)
    post = PostFactory()

    assert "A/B test this" not in client.get(POSTS).content.decode()
    run(client, post)
    assert not ABTest.objects.exists()


def test_pictures_of_a_test_are_seen_by_who_sees_the_test():
    from experiments.services.ab_tests import VariantData
    from socialhub.models import AccountGrant

    owner, other = UserFactory(role="Marketer"), UserFactory(role="Marketer")
    pictures = [
        MediaAsset.objects.create(
            file=f"{n}.png", sha256=f"{n}" * 64, mime="image/png", size=1, uploaded_by=owner
        )
        for n in range(2)
    ]
    variants = [VariantData(text="One", media=[pictures[0]]), VariantData(text="Two")]
    test = make_test(owner, variants=variants)
    AccountGrant.objects.create(user=other, account=test.accounts.get())

    assert list(MediaAsset.objects.visible_to(other)) == [pictures[0]]
