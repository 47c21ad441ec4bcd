"""A new installation is led to its first account; demo data goes in one click."""

from __future__ import annotations

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from socialhub.models import (
    Account,
    Campaign,
    Interaction,
    MediaAsset,
    Organisation,
    PayloadGeneration,
    Post,
    PostMedia,
    Publication,
    PublicationAttempt,
    PublicationStatus,
)
from socialhub.services import demo, setup
from socialhub.services.errors import Conflict, Forbidden
from socialhub.tests.factories import (
    AccountFactory,
    CampaignFactory,
    InteractionFactory,
    PostFactory,
    PublicationFactory,
    organisation,
)

HTMX = {"HX-Request": "true"}


@pytest.fixture
def boss(person):
    user, client = person("Administrator")
    organisation(name="", setup_done=False)
    return user, client


def test_today_leads_to_the_first_steps_until_they_are_done(boss):
    _user, client = boss
    url = reverse("admin:first-steps")
    assert url in client.get(reverse("admin:index")).text

    client.post(reverse("admin:first-steps-done"))

    assert url not in client.get(reverse("admin:index")).text


def test_only_administrators_are_led(person):
    _user, client = person("Marketer")
    organisation(setup_done=False)

    assert reverse("admin:first-steps") not in client.get(reverse("admin:index")).text
    assert client.get(reverse("admin:first-steps")).status_code == 403
    assert client.post(reverse("admin:first-steps-done")).status_code == 403


def test_the_organisation_is_saved(boss):
    _user, client = boss
    asked = {"name": "Aceites", "timezone": "America/Lima", "language": "es", "currency": "PEN"}

    client.post(reverse("admin:first-steps"), asked)

    row = Organisation.get()
    assert (row.name, row.timezone, row.currency) == ("Aceites", "America/Lima", "PEN")
    assert [step.key for step in setup.steps() if step.done] == ["organisation"]


@pytest.mark.parametrize(
    ("field", "value"), [("timezone", "Madrid"), ("currency", "euro"), ("name", "")]
)
def test_a_wrong_organisation_is_not_saved(boss, field, value):
    _user, client = boss
    asked = {"name": "Aceites", "timezone": "America/Lima", "language": "es", "currency": "PEN"}

    page = client.post(reverse("admin:first-steps"), {**asked, field: value})

    assert page.context["form"].errors[field]
    assert Organisation.get().name == ""


def test_the_test_mail_is_sent_by_a_job(boss, django_capture_on_commit_callbacks):
    user, client = boss

    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("admin:first-steps-mail"), headers=HTMX)
    page = client.get(reverse("admin:first-steps"))

    assert mail.outbox[0].to == [user.email]
    assert page.context["steps"]["mail"].done


def test_somebody_without_an_address_is_told_so(boss):
    user, client = boss
    user.email = ""
    user.save()

    answer = client.post(reverse("admin:first-steps-mail"), headers=HTMX)

    assert "no e-mail address" in answer["HX-Trigger"]


# -- demo data ------------------------------------------------------------------------


@pytest.fixture
def demo_data(db):
    """A demo post on a demo account with everything that can hang on it."""
    account = AccountFactory(is_demo=True)
    campaign = CampaignFactory(is_demo=True)
    post = PostFactory(approved=True, is_demo=True, campaign=campaign)
    picture = MediaAsset(sha256="0" * 64, mime="image/png", size=3, is_demo=True)
    picture.file.save("demo.png", ContentFile(b"png"))
    PostMedia.objects.create(post=post, media=picture, position=1)
    publication = PublicationFactory(post=post, account=account, published=True)
    generation = PayloadGeneration.objects.create(
        publication=publication,
        number=1,
        content_hash="0" * 64,
        client_key="00000000-0000-4000-8000-000000000001",
        text="x",
        body={},
        frozen_at=timezone.now(),
    )
    PublicationAttempt.objects.create(
        publication=publication,
        generation=generation,
        number=1,
        claim_token="00000000-0000-4000-8000-000000000002",
        started_at=timezone.now(),
        outcome="accepted",
    )
    comment = InteractionFactory(publication=publication)
    answer = PostFactory(approved=True, is_reply=True)
    PublicationFactory(post=answer, account=account, answers=comment, published=True)
    PublicationFactory(account=account, parent=publication, post__is_demo=True)
    return post


def test_demo_data_goes_and_own_work_stays(person, demo_data, django_capture_on_commit_callbacks):
    user, client = person("Administrator")
    own = PublicationFactory(post__text="Our own")
    on_demo_account = PublicationFactory(post=own.post, account=Account.objects.get(is_demo=True))
    file = MediaAsset.objects.get().file
    assert "demo data" in client.get(reverse("admin:index")).text

    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("admin:remove-demo"))

    assert not demo.present()
    assert list(Publication.objects.all()) == [own]
    assert list(Post.objects.all()) == [own.post]
    assert list(Account.objects.all()) == [own.account]
    assert not Publication.objects.filter(pk=on_demo_account.pk).exists()
    for model in (Interaction, MediaAsset, Campaign, PayloadGeneration):
        assert not model.objects.exists()
    assert not file.storage.exists(file.name)
    assert Post.history.filter(id=demo_data.pk).count() == 0
    assert "demo data." not in client.get(reverse("admin:index")).text
    assert user.is_active


def test_a_demo_picture_in_a_real_post_stays(person, demo_data):
    user, _client = person("Administrator")
    PostMedia.objects.create(post=PostFactory(), media=MediaAsset.objects.get(), position=1)

    demo.remove_demo(user)

    assert MediaAsset.objects.count() == 1


def test_demo_data_stays_while_something_is_being_sent(person, demo_data):
    user, _client = person("Administrator")
    before = Publication.objects.count()
    Publication.objects.filter(status=PublicationStatus.SCHEDULED).update(
        status=PublicationStatus.UNKNOWN, needs_person=True
    )

    with pytest.raises(Conflict):
        demo.remove_demo(user)

    assert Publication.objects.count() == before


def test_a_marketer_cannot_remove_it(person, demo_data):
    user, client = person("Marketer")

    assert client.post(reverse("admin:remove-demo")).status_code == 403
    with pytest.raises(Forbidden):
        demo.remove_demo(user)
    assert demo.present()
