"""Forms on other people's websites: made here, answered by strangers."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import caches
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.models import CrmSettings, Lead, LeadForm, LeadSource
from crm.services import capture, identity
from crm.services.told import LeadData, writable
from socialhub import policies
from socialhub.models import RateBudget, TrackedLink
from socialhub.services import budgets
from socialhub.services.errors import Invalid

PATH = "/lead-forms/"
# Answers in one window, from one address and of one form.
WINDOW_SECONDS = 600.0
PER_ADDRESS, PER_FORM = 10, 120
BUDGET = "lead-form:"
KEEP_BUDGETS = timedelta(days=1)
# A field that people do not see; programs fill it in.
HONEYPOT = "website"
LIMITS = {"name": 300, "email": 254, "phone": 60, "company": 300, "message": 10_000}
FIELDS = (
    *("name", "heading", "button", "thanks", "language", "sites", "asks_phone", "asks_company"),
    *("consent_text", "campaign", "product", "service", "is_active"),
)
SITES_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """What a visitor sent, checked; `is_robot` = to be thanked and forgotten."""

    values: Mapping[str, str]
    errors: Mapping[str, str]
    is_robot: bool = False


# -- making them --------------------------------------------------------------------


@transaction.atomic
def create(user: Any, **fields: Any) -> LeadForm:
    """A form; without words of its own it asks for the consent of the settings."""
    policies.require(user, "manage_lead_forms")
    fields.setdefault("consent_text", CrmSettings.get().consent_text)
    return _saved(LeadForm(), fields)


@transaction.atomic
def change(form: LeadForm, user: Any, **fields: Any) -> LeadForm:
    policies.require(user, "manage_lead_forms")
    return _saved(LeadForm.objects.select_for_update().get(pk=form.pk), fields)


def _saved(form: LeadForm, fields: Mapping[str, Any]) -> LeadForm:
    unknown = sorted(set(fields) - set(FIELDS))
    if unknown:
        raise Invalid("invalid", _("This field cannot be written."), {unknown[0]: [unknown[0]]})
    for name, value in fields.items():
        setattr(form, name, origins(value) if name == "sites" else value)
    try:
        form.full_clean()
    except ValidationError as exc:
        found = exc.message_dict
        raise Invalid("invalid", next(iter(found.values()))[0], found) from None
    form.save()
    return form


def origins(sites: Any) -> list[str]:
    """ "shop.example/contact" → "https://shop.example"; each site once. Raises Invalid."""
    given = sites.splitlines() if isinstance(sites, str) else sites
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        message = _("Give a list of sites, like https://shop.example.")
        raise Invalid("invalid", message, {"sites": [message]})
    return list(dict.fromkeys(_origin(one) for one in given if one.strip()))


def _origin(site: str) -> str:
    text = site.strip().lower()
    found = origin_of(text if "://" in text else f"https://{text}")
    # A wildcard or a word of a policy would open the form to everybody.
    plain = found and all(one.isalnum() or one in ".-:[]" for one in found.partition("//")[2])
    if not plain or not found.isascii():
        message = _("“%(site)s” is no site. Write it like https://shop.example.") % {"site": site}
        raise Invalid("invalid", message, {"sites": [message]})
    return found


def origin_of(url: str) -> str:
    """scheme://host[:port] as browsers write it; "" when it is no web address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = port in (None, 443 if parts.scheme == "https" else 80)
    return f"{parts.scheme}://{host}" if usual else f"{parts.scheme}://{host}:{port}"


def address(form: LeadForm) -> str:
    """The form's own page."""
    return f"{settings.PUBLIC_URL}{PATH}{form.key}/"


def snippet(form: LeadForm) -> str:
    """What the owner of a website puts into a page."""
    return f'<script src="{settings.PUBLIC_URL}{PATH}{form.key}.js" async></script>'


# -- answers ------------------------------------------------------------------------


def consent_version(form: LeadForm) -> str:
    """Names the words a visitor saw, so that they agree to no others."""
    return hashlib.sha256(form.consent_text.encode()).hexdigest()[:16]


def read(form: LeadForm, given: Mapping[str, Any]) -> Answer:
    """Check what was sent, in the active language. Unknown names are ignored."""
    values = {name: _text(given.get(name)) for name in LIMITS}
    if _text(given.get(HONEYPOT)):
        return Answer(values, {}, is_robot=True)
    errors = {
        name: _("At most %(limit)s characters.") % {"limit": limit}
        for name, limit in LIMITS.items()
        if len(values[name]) > limit
    }
    if not values["name"]:
        errors.setdefault("name", _("Please tell us your name."))
    try:
        validate_email(values["email"])
    except ValidationError:
        errors["email"] = _("Please enter your e-mail address, like ana@shop.example.")
    if values["phone"] and not identity.phone_key(values["phone"]):
        errors.setdefault("phone", _("This is no phone number."))
    if form.consent_text.strip():
        seen = _text(given.get("consent_version"))
        if not _ticked(given.get("consent")):
            errors["consent"] = _("Please agree, or we may not keep your message.")
        elif seen and seen != consent_version(form):
            errors["consent"] = _("These words have changed. Please read them again.")
    return Answer(values, errors)


def _text(value: Any) -> str:
    return writable(value).strip() if isinstance(value, str) else ""


def _ticked(value: Any) -> bool:
    return value is True or (isinstance(value, str) and value.lower() in ("true", "on", "1", "yes"))


def store(
    form: LeadForm, answer: Answer, *, link: TrackedLink | None, destination: str, language: str
) -> Lead:
    """The lead of a checked answer, with the words agreed to."""
    if answer.errors or answer.is_robot:
        raise ValueError("only a checked answer of a person is stored")
    values, now = answer.values, timezone.now()
    words = form.consent_text if form.consent_text.strip() else ""
    subject = form.product or form.service or form
    data = LeadData(
        name=f"{values['name']}: {subject}",
        contact_name=values["name"],
        email=values["email"],
        phone=values["phone"],
        company=values["company"],
        message=values["message"],
        language=language,
        consent_text=words,
        consent_at=now if words else None,
    )
    return capture.capture(data, _origin_of_answer(form, link, destination))[0]


def _origin_of_answer(form: LeadForm, link: TrackedLink | None, destination: str) -> Any:
    if link is None:
        origin = capture.Origin(LeadSource.FORM)
    else:
        origin = capture.origin_of_link(link, destination)
    return replace(
        origin,
        campaign=origin.campaign or form.campaign,
        product=form.product or (None if form.service else origin.product),
        service=form.service or (None if form.product else origin.service),
    )


# -- limits -------------------------------------------------------------------------


def wait_until(form: LeadForm, ip: str, now: datetime) -> datetime | None:
    """When this address may send to this form again; None = now. Counts the try."""
    return budgets.take(
        f"{BUDGET}{hashed(ip, now)}", 1, PER_ADDRESS, WINDOW_SECONDS, now
    ) or budgets.take(f"{BUDGET}{form.pk}", 1, PER_FORM, WINDOW_SECONDS, now)


def hashed(ip: str, now: datetime) -> str:
    """An address that cannot be read back, and is another one tomorrow."""
    try:
        found = ipaddress.ip_address(ip)
    except ValueError:
        found = None
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is None:
        # One household has a whole network of them.
        ip = str(ipaddress.ip_network((found, 64), strict=False))
    secret = settings.SECRET_KEY.encode()
    return hmac.new(secret, f"{now:%Y-%m-%d} {ip}".encode(), hashlib.sha256).hexdigest()[:32]


def forget_budgets(now: datetime) -> int:
    """Remove counters of windows long past."""
    old = RateBudget.objects.filter(
        key__startswith=BUDGET, window_started_at__lt=now - KEEP_BUDGETS
    )
    return old.delete()[0]


# -- the way of a visitor -----------------------------------------------------------


def marks(link: TrackedLink, destination: str, url: str) -> dict[str, str]:
    """What a short link adds to an address that leads to a form, so that its origin is known.

    On our own page `l` and `d`; on sites that embed a form `sh_l` and `sh_d`, which the script
    hands on.
    """
    where = origin_of(url)
    if where == origin_of(settings.PUBLIC_URL) and urlsplit(url).path.startswith(PATH):
        names = ("l", "d")
    elif where in _embedding_sites():
        names = ("sh_l", "sh_d")
    else:
        return {}
    found = {names[0]: link.slug}
    return found if destination == "default" else {**found, names[1]: destination}


def _embedding_sites() -> frozenset[str]:
    cache = caches["local"]
    found: frozenset[str] | None = cache.get("crm:embedding-sites")
    if found is None:
        listed = LeadForm.objects.filter(is_active=True).values_list("sites", flat=True)
        found = frozenset(site for sites in listed for site in sites)
        cache.set("crm:embedding-sites", found, SITES_SECONDS)
    return found


def origin_link(slug: str, destination: str) -> tuple[TrackedLink | None, str]:
    """The link somebody came by and the destination they got; what does not exist is ignored."""
    rows = TrackedLink.objects.select_related(
        "post__campaign", "publication__post__campaign", "publication__account", "campaign"
    )
    link = rows.filter(slug=slug[:40]).first() if slug else None
    if link is None:
        return None, ""
    known = link.destinations.filter(key=destination[:64]).exists() if destination else False
    return link, destination if known else ""
