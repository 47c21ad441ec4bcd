"""Who is asking: a token for programs; people come with their session."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from knox import auth
from rest_framework.exceptions import AuthenticationFailed

from socialhub.models import ApiToken, Organisation, Preferences

# Not one write per request.
USED_EVERY = timedelta(minutes=1)


class TokenAuthentication(auth.TokenAuthentication):
    """`Authorization: Bearer TOKEN`. `request.auth` is the ApiToken."""

    def authenticate(self, request: Any) -> tuple[Any, ApiToken] | None:
        try:
            found = super().authenticate(request)
        except UnicodeDecodeError:
            raise AuthenticationFailed(_("Invalid token.")) from None
        if found is None:
            return None
        user, token = found
        _note_use(token)
        _use_preferences(user)
        return user, token

    def _cleanup_token(self, auth_token: ApiToken) -> bool:
        """Knox deletes expired tokens here; ours stay, so that the admin can show them."""
        return auth_token.expiry is not None and auth_token.expiry < timezone.now()


def _note_use(token: ApiToken) -> None:
    now = timezone.now()
    if token.last_used_at is not None and token.last_used_at > now - USED_EVERY:
        return
    ApiToken.objects.filter(
        Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - USED_EVERY), pk=token.pk
    ).update(last_used_at=now)


def _use_preferences(user: Any) -> None:
    """What PreferencesMiddleware does for sessions; it undoes the zone after the request."""
    chosen = Preferences.objects.filter(user=user).values_list("language", flat=True).first()
    if chosen:
        translation.activate(chosen)
    timezone.activate(Organisation.get().zone)
