"""Can a network fetch our pictures? Asked from outside in, as far as this machine can."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from socialhub import http
from socialhub.platforms.base import Check
from socialhub.services import media

SECONDS = 10.0
JPEG = b"\xff\xd8\xff"


def check() -> Check:
    """Fetch a signed picture through the public address, as a network would."""
    problem = _address() or _fetched()
    return Check("public_media", not problem, problem or urlsplit(_base()).netloc)


def _base() -> str:
    return str(settings.PUBLIC_MEDIA_URL)


def _address() -> str:
    """What is wrong with the address itself, "" when nothing is."""
    parts = urlsplit(_base())
    if parts.scheme != "https" and not http.is_listed(parts.hostname or ""):
        return _("%(address)s does not begin with https://.") % {"address": _base()}
    return ""


def _fetched() -> str:
    """Why the picture did not come; the address holds a signature, so it is not quoted."""
    host = urlsplit(_base()).netloc
    try:
        answer = http.request("GET", media.probe_url(SECONDS * 6), timeout=SECONDS)
    except http.AddressRefused:
        return _("%(host)s is a private address, which no network reaches.") % {"host": host}
    except (http.RequestNotSent, http.AnswerLost):
        return _("%(host)s does not answer this machine.") % {"host": host}
    if answer.status != 200 or not answer.content.startswith(JPEG):
        return _("%(host)s answers HTTP %(status)s and no picture.") % {
            "host": host,
            "status": answer.status,
        }
    return ""
