"""A comment becomes a lead, once."""

from __future__ import annotations

import pytest

from analytics.models import Conversion
from crm.models import Lead, LeadNote, LeadTouch
from crm.services import capture, touches
from crm.services.told import LeadData
from crm.tests.capture.rows import again, api_origin, comment, told, tracked_link
from crm.tests.support import make_lead, make_product
from socialhub.models import AccountGrant
from socialhub.services.errors import Conflict, Forbidden
from socialhub.tests.factories import (
    AccountFactory,
    CampaignFactory,
    PostFactory,
    PublicationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def marketer(db):
    return UserFactory(role="Marketer")


def test_a_lead_remembers_what_it_came_from(marketer):
    campaign = CampaignFactory()
    post = PostFactory(approved=True, campaign=campaign, variant_key="b", language="es")
    product = make_product()
    product.posts.add(post)
    asked = comment(
        author_name="Ana Ruiz", publication=PublicationFactory(post=post, published=True)
    )

    lead, created = capture.convert(asked, marketer)

    assert created
    assert (lead.name, lead.contact_name) == ("Ana Ruiz: How much is it?", "Ana Ruiz")
    assert (lead.message, lead.language, lead.source) == ("How much is it?", "es", "interaction")
    assert (lead.account, lead.post, lead.publication) == (
        asked.account,
        post,
        asked.publication,
    )
    assert (lead.campaign, lead.variant_key, lead.product) == (campaign, "b", product)
    assert lead.created_by == marketer
    assert lead.first_touch == lead.last_touch == LeadTouch.objects.get(lead=lead)
    assert (lead.first_touch.interaction, lead.first_touch.at) == (asked, asked.created_at)
    booked = Conversion.objects.get(key=f"crm:lead:{lead.uuid}")
    assert (booked.publication, booked.campaign, booked.variant_key) == (
        asked.publication,
        campaign,
        "b",
    )


def test_converting_again_gives_the_same_lead(marketer):
    asked = comment()
    first, _created = capture.convert(asked, marketer)

    second, created = capture.convert(asked, marketer)

    assert (second, created) == (first, False)
    assert LeadTouch.objects.count() == 1
    assert LeadNote.objects.count() == 0


def test_the_same_comment_stays_with_its_lead_after_it_was_won(marketer):
    asked = comment()
    lead, _created = capture.convert(asked, marketer)
    Lead.objects.filter(pk=lead.pk).update(outcome="won")

    assert capture.convert(asked, marketer) == (lead, False)


def test_another_comment_of_the_person_becomes_a_touch_and_a_note(marketer):
    first = comment()
    lead, _created = capture.convert(first, marketer)
    later = again(first)

    found, created = capture.convert(later, marketer)

    assert (found, created) == (lead, False)
    lead.refresh_from_db()
    assert lead.message == "How much is it?"
    assert (lead.first_touch.interaction, lead.last_touch.interaction) == (first, later)
    note = LeadNote.objects.get()
    assert (note.lead, note.interaction, note.text) == (lead, later, "And in blue?")
    assert (note.written_at, note.state) == (later.created_at, "waiting")


def test_a_name_on_another_server_is_another_person(marketer):
    here = comment(publication=_on("http://one.example"))
    there = comment(publication=_on("http://two.example"))

    assert capture.convert(here, marketer)[0] != capture.convert(there, marketer)[0]


def _on(server: str):
    return PublicationFactory(account=AccountFactory(server_url=server), published=True)


def test_several_at_once(marketer):
    first = comment()
    known = comment("bo", publication=first.publication)
    capture.convert(known, marketer)

    counts = capture.convert_many([first, again(first), known], marketer)

    assert counts == {"created": 1, "existing": 2, "refused": 0}
    assert Lead.objects.count() == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"email": "ana@shop.example"}, {"email": " ANA@shop.example"}),
        ({"phone": "+34 600 112 233"}, {"phone": "0034600112233"}),
        ({"email": "a@b.example", "phone": "600112233"}, {"phone": "600 11 22 33"}),
    ],
)
def test_the_same_e_mail_or_phone_is_the_same_person(first, second):
    lead, _created = capture.capture(told(**first), api_origin())

    found, created = capture.capture(told(message="Me again", **second), api_origin())

    assert (found, created) == (lead, False)
    assert LeadNote.objects.get().text == "Me again"
    assert lead.touches.count() == 2


def test_details_that_differ_are_told_in_the_note():
    lead, _created = capture.capture(
        told(email="ana@shop.example", phone="600112233", company="Shop"), api_origin()
    )

    capture.capture(told(email="ana@home.example", phone="600112233"), api_origin())

    lead.refresh_from_db()
    assert lead.email == "ana@shop.example"
    assert LeadNote.objects.get().text == "E-mail: ana@home.example"


def test_what_a_known_lead_lacks_is_filled_in(marketer):
    asked = comment()
    lead, _created = capture.convert(asked, marketer)
    Lead.objects.filter(pk=lead.pk).update(email="ana@shop.example", email_key="ana@shop.example")

    capture.capture(told(email="ana@shop.example", phone="600112233"), api_origin())

    lead.refresh_from_db()
    assert (lead.phone, lead.phone_key) == ("600112233", "600112233")
    assert lead.contact_name == "ana"


def test_a_lead_from_a_link_knows_the_publication_and_the_variant():
    publication = PublicationFactory(
        published=True, post=PostFactory(approved=True, campaign=CampaignFactory())
    )
    link = tracked_link(publication=publication, post=publication.post, keys=("a", "b"))

    lead, _created = capture.capture(told(), capture.origin_of_link(link, "b"))

    assert (lead.source, lead.publication, lead.post) == ("link", publication, publication.post)
    assert (lead.campaign, lead.variant_key) == (publication.post.campaign, "b")
    assert lead.last_touch.link == link


def test_the_last_touch_moves_until_the_lead_is_decided():
    lead, _created = capture.capture(told(), api_origin())
    first = lead.first_touch
    second = touches.add(lead, "api", first.at)
    earlier = touches.add(lead, "visit", first.at.replace(year=2020))
    Lead.objects.filter(pk=lead.pk).update(outcome="lost")

    touches.add(lead, "api", first.at.replace(year=2090))

    lead.refresh_from_db()
    assert (lead.first_touch, lead.last_touch) == (earlier, second)


def test_texts_are_cut_and_cleaned():
    data = told(
        name=" \x00Two\nlines\ud800 ", message="a\x00b\ufffe\tc", email="x" * 300, phone="1" * 99
    )

    lead, _created = capture.capture(data, api_origin())

    lead.refresh_from_db()
    assert (lead.name, lead.message) == ("Two lines", "ab\tc")
    assert (len(lead.email), len(lead.phone)) == (254, 60)


def test_a_lead_without_a_title_gets_one():
    assert capture.capture(LeadData(message="Hi there"), api_origin())[0].name == "Hi there"
    assert capture.capture(LeadData(), api_origin())[0].name == "Lead"


def test_only_some_roles_make_leads():
    asked = comment()

    for role in ("Approver", "Analyst"):
        with pytest.raises(Forbidden):
            capture.convert(asked, UserFactory(role=role))
    assert Lead.objects.count() == 0


def test_a_lead_of_an_account_that_is_not_granted_is_not_shown_and_not_doubled(marketer):
    lead, _created = capture.capture(
        told(email="ana@shop.example"), api_origin(account=AccountFactory())
    )
    AccountGrant.objects.create(user=marketer, account=AccountFactory())

    with pytest.raises(Conflict) as refused:
        capture.capture(told(email="ana@shop.example"), api_origin(), marketer)

    assert refused.value.code == "known_elsewhere"
    assert (Lead.objects.count(), lead.touches.count()) == (1, 1)


def test_a_lead_by_hand_may_be_known_already(marketer):
    from crm.services import leads

    known = make_lead(email="ana@shop.example")

    assert leads.create(marketer, name="Ana", email="Ana@shop.example") == known
    made = leads.create(marketer, name="Bo", email="bo@shop.example")
    assert (made.source, made.created_by) == ("admin", marketer)
