"""Who is asking: a token for programs; people come with their session."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from knox import auth, crypto
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from socialhub.api import callers
from socialhub.models import ApiToken

# Not one write per request.
USED_EVERY = timedelta(minutes=1)


class TokenAuthentication(auth.TokenAuthentication):
    """`Authorization: Bearer TOKEN`. `request.auth` is the ApiToken.

    Expired tokens stay, so that the admin can show them; Knox would delete them.
    A view may have a method `along(request)`: what it wants read in the same query.
    """

    _along: callers.Along | None = None

    def authenticate(self, request: Request) -> tuple[Any, ApiToken] | None:
        # One authenticator is made for each request.
        view = request.parser_context.get("view")
        self._along = view.along(request) if hasattr(view, "along") else None
        found: tuple[Any, ApiToken] | None = super().authenticate(request)
        return found

    def authenticate_credentials(self, token: bytes) -> tuple[Any, ApiToken]:
        try:
            digest = crypto.hash_token(token.decode())
        except UnicodeDecodeError:
            raise AuthenticationFailed(_("Invalid token.")) from None
        now = timezone.now()
        # By the hash of all of it: there is nothing of the token to compare, and to guess.
        found = callers.holder(digest, now, now - USED_EVERY, self._along)
        if found is None:
            raise AuthenticationFailed(_("Invalid token."))
        self.validate_user(found.token)
        if found.is_unnoted:
            _note_use(found.token, now)
        # What PreferencesMiddleware does for sessions; it undoes the zone after the request.
        if found.language:
            translation.activate(found.language)
        timezone.activate(found.zone)
        return found.user, found.token


def _note_use(token: ApiToken, now: datetime) -> None:
    ApiToken.objects.filter(
        Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - USED_EVERY), pk=token.pk
    ).update(last_used_at=now)
