"""What somebody told about themselves, as our columns and Odoo can hold it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from crm.services import identity

# What no text column and no Odoo takes: control characters but tab and line ends, surrogates.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
LONGEST_TITLE, LONGEST_NAME, LONGEST_PHONE = 300, 300, 60
LONGEST_TEXT = 64_000
TITLE_WORDS = 80


@dataclass(frozen=True, slots=True)
class LeadData:
    """What somebody told about themselves."""

    name: str = ""
    contact_name: str = ""
    email: str = ""
    phone: str = ""
    company: str = ""
    message: str = ""
    language: str = ""
    consent_text: str = ""
    consent_at: datetime | None = None


def cleaned(data: LeadData) -> LeadData:
    """As the columns can hold it; a lead without a title gets one."""

    def cut(text: str, most: int) -> str:
        return writable(text)[:most].strip()

    data = replace(
        data,
        contact_name=cut(data.contact_name, LONGEST_NAME),
        email=cut(data.email, identity.LONGEST_EMAIL),
        phone=cut(data.phone, LONGEST_PHONE),
        company=cut(data.company, LONGEST_NAME),
        message=cut(data.message, LONGEST_TEXT),
        language=cut(data.language, 8),
    )
    words = " ".join(data.message.split())[:TITLE_WORDS]
    titles = (data.name, data.contact_name, data.company, data.email, words, _("Lead"))
    title = next(text for text in titles if text.strip())
    return replace(data, name=cut(" ".join(title.split()), LONGEST_TITLE))


def writable(text: str) -> str:
    """Without characters that a database or Odoo refuses."""
    return UNWRITABLE.sub("", text)
