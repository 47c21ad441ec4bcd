"""Making leads of what people write, and recognising those who already are one.

Nothing is made twice, however many ask at once: the keys of a person are held in the database
while it is decided (`identity.hold`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.models import Lead, LeadNote, LeadSource, LeadTouch, Product, Service, TouchKind
from crm.services import identity, leads, touches
from crm.services.told import TITLE_WORDS, LeadData, cleaned
from socialhub import policies
from socialhub.models import Account, Campaign, Interaction, Post, Publication, TrackedLink
from socialhub.services import events, webhooks
from socialhub.services.errors import Conflict


@dataclass(frozen=True, slots=True)
class Origin:
    """What of ours led them here. `at` None = now."""

    source: str
    interaction: Interaction | None = None
    link: TrackedLink | None = None
    account: Account | None = None
    post: Post | None = None
    publication: Publication | None = None
    campaign: Campaign | None = None
    variant_key: str = ""
    product: Product | None = None
    service: Service | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Keys:
    """What a person is recognised by; "" = unknown."""

    email: str = ""
    phone: str = ""
    person: str = ""

    @classmethod
    def of(cls, data: LeadData, interaction: Interaction | None) -> Keys:
        person = identity.person_key(interaction) if interaction is not None else ""
        return cls(identity.email_key(data.email), identity.phone_key(data.phone), person)


TOUCHES = {
    LeadSource.INTERACTION: TouchKind.INTERACTION,
    LeadSource.LINK: TouchKind.FORM,
    LeadSource.FORM: TouchKind.FORM,
    LeadSource.API: TouchKind.API,
    LeadSource.ADMIN: TouchKind.ADMIN,
}
# Filled in on a known lead where it has nothing yet.
FILLED = ("contact_name", "email", "phone", "company", "language")


# -- from an interaction ------------------------------------------------------------


def convert(interaction: Interaction, user: Any) -> tuple[Lead, bool]:
    """The lead of a comment, and whether it is new. Again: the same lead.

    Raises Forbidden; Conflict when the person is a lead this user may not see, or was erased.
    """
    if _was_erased(interaction):
        raise Conflict("erased", _("The data of this person was erased."))
    return capture(told_by(interaction), origin_of(interaction), user)


def _was_erased(interaction: Interaction) -> bool:
    """Nothing of it is left, and no lead either."""
    empty = not (interaction.author_handle or interaction.text)
    return empty and not LeadTouch.objects.filter(interaction=interaction).exists()


def convert_many(interactions: Iterable[Interaction], user: Any) -> dict[str, int]:
    """Each of them, as `convert` does. {"created", "existing", "refused"}."""
    policies.require(user, "capture_lead")
    counts = {"created": 0, "existing": 0, "refused": 0}
    for interaction in interactions:
        try:
            _lead, created = convert(interaction, user)
        except Conflict:
            counts["refused"] += 1
        else:
            counts["created" if created else "existing"] += 1
    return counts


def told_by(interaction: Interaction) -> LeadData:
    who = interaction.author_name or interaction.author_handle
    text = " ".join(interaction.text.split())
    post = interaction.publication.post if interaction.publication else None
    return LeadData(
        name=f"{who}: {text[:TITLE_WORDS]}" if text else who,
        contact_name=who,
        message=interaction.text,
        language=post.language if post else "",
    )


def origin_of(interaction: Interaction) -> Origin:
    """Where a comment stands; the product when its post is about exactly one."""
    publication = interaction.publication
    origin = Origin(
        LeadSource.INTERACTION,
        interaction=interaction,
        account=interaction.account,
        at=interaction.created_at,
    )
    return origin if publication is None else replace(origin, **published(publication))


def published(publication: Publication) -> dict[str, Any]:
    """The fields of Origin that a publication answers."""
    post = publication.post
    products, services = list(post.products.all()[:2]), list(post.services.all()[:2])
    only = len(products) + len(services) == 1
    return {
        "publication": publication,
        "post": post,
        "account": publication.account,
        "campaign": post.campaign,
        "variant_key": post.variant_key,
        "product": products[0] if only and products else None,
        "service": services[0] if only and services else None,
    }


def origin_of_link(link: TrackedLink, destination: str = "", source: str = LeadSource.LINK) -> Any:
    """Where somebody comes from who followed a link; `destination` is the key they got."""
    origin = Origin(source, link=link)
    if link.publication is not None:
        origin = replace(origin, **published(link.publication))
    elif link.post is not None:
        post = link.post
        origin = replace(origin, post=post, campaign=post.campaign, variant_key=post.variant_key)
    variant = destination if destination not in ("", "default") else origin.variant_key
    return replace(origin, campaign=link.campaign or origin.campaign, variant_key=variant)


# -- from anywhere --------------------------------------------------------------------


def capture(data: LeadData, origin: Origin, user: Any = None) -> tuple[Lead, bool]:
    """The lead of this person, and whether it is new; `user` None = a form, the machine.

    Somebody who already is an open lead, by network, e-mail or phone, gets a touch and, when
    they wrote something, a note for Odoo. Raises Forbidden, Conflict.
    """
    policies.require(user, "capture_lead")
    data = cleaned(data)
    keys = Keys.of(data, origin.interaction)
    with transaction.atomic():
        identity.hold(held(keys, origin))
        lead, created = _known(data, origin, keys, user), False
        if lead is None:
            lead, created = _made(data, origin, keys, user), True
    return lead, created


def held(keys: Keys, origin: Origin) -> list[str]:
    own = f"interaction:{origin.interaction.pk}" if origin.interaction else ""
    named = {"email": keys.email, "phone": keys.phone, "person": keys.person}
    return [own, *(f"{name}:{key}" for name, key in named.items() if key)]


def _known(data: LeadData, origin: Origin, keys: Keys, user: Any) -> Lead | None:
    if origin.interaction is not None:
        touch = LeadTouch.objects.filter(interaction=origin.interaction).first()
        if touch is not None:
            _require_visible(touch.lead, user)
            return touch.lead
    lead = identity.find(keys.email, keys.phone, keys.person, lock=True)
    if lead is not None:
        _require_visible(lead, user)
        note_down(lead, data, origin, keys)
    return lead


def _require_visible(lead: Lead, user: Any) -> None:
    if user is not None and not Lead.objects.visible_to(user).filter(pk=lead.pk).exists():
        raise Conflict(
            "known_elsewhere",
            _("This person is a lead of an account you may not use. Ask an administrator."),
        )


def _made(data: LeadData, origin: Origin, keys: Keys, user: Any) -> Lead:
    told = {name: getattr(data, name) for name in data.__slots__}
    lead = Lead.objects.create(
        **told,
        email_key=keys.email,
        phone_key=keys.phone,
        person_key=keys.person,
        source=origin.source,
        account=origin.account,
        post=origin.post,
        publication=origin.publication,
        campaign=origin.campaign,
        variant_key=origin.variant_key,
        product=origin.product,
        service=origin.service,
        created_by=user,
        created_at=timezone.now(),
        is_demo=bool(origin.account and origin.account.is_demo),
    )
    _touch(lead, origin)
    leads.send_by_itself(lead)
    webhooks.emit(events.LEAD_CREATED, lambda: _event(lead))
    return lead


def _event(lead: Lead) -> dict[str, Any]:
    """What other programs are told of a new lead: nothing of the person, only where it is."""
    return {
        "lead": lead.pk,
        "uuid": str(lead.uuid),
        "source": str(lead.source),
        "account": lead.account_id,
        "post": lead.post_id,
        "publication": lead.publication_id,
        "campaign": lead.campaign_id,
        "url": events.address("admin:crm_lead_change", lead.pk),
    }


def note_down(lead: Lead, data: LeadData, origin: Origin, keys: Keys) -> None:
    """What is new about a lead we know. Its row is locked by the caller."""
    _touch(lead, origin)
    text = _new_words(lead, data)
    if text:
        LeadNote.objects.create(
            lead=lead,
            interaction=origin.interaction,
            text=text,
            written_at=origin.at or timezone.now(),
        )
    filled = {
        name: getattr(data, name)
        for name in FILLED
        if getattr(data, name) and not getattr(lead, name)
    }
    known = {"email_key": keys.email, "phone_key": keys.phone, "person_key": keys.person}
    filled |= {name: key for name, key in known.items() if key and not getattr(lead, name)}
    if data.consent_at is not None:
        filled |= {"consent_text": data.consent_text, "consent_at": data.consent_at}
    for name, value in filled.items():
        setattr(lead, name, value)
    if filled:
        lead.save(update_fields=[*filled, "updated_at"])


def _new_words(lead: Lead, data: LeadData) -> str:
    """Their message, and details that differ from those we have: nothing told is lost."""
    labels = {"email": _("E-mail"), "phone": _("Phone"), "company": _("Company")}
    differing = [
        f"{label}: {getattr(data, name)}"
        for name, label in labels.items()
        if getattr(data, name)
        and getattr(lead, name)
        and _compared(name, getattr(data, name)) != _compared(name, getattr(lead, name))
    ]
    return "\n".join(part for part in (data.message.strip(), *differing) if part)


def _compared(name: str, value: str) -> str:
    """The same however it is written."""
    return identity.phone_key(value) or value if name == "phone" else value.casefold()


def _touch(lead: Lead, origin: Origin) -> LeadTouch:
    return touches.add(
        lead,
        TOUCHES[LeadSource(origin.source)],
        origin.at or timezone.now(),
        interaction=origin.interaction,
        link=origin.link,
        account=origin.account,
        post=origin.post,
        publication=origin.publication,
        campaign=origin.campaign,
        variant_key=origin.variant_key,
    )
