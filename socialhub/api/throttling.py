"""How often one person or address may ask."""

from __future__ import annotations

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from rest_framework import throttling


def _counters() -> BaseCache:
    """Redis where there is one. A cache in the database would write on every request, so the
    embedded shape counts per web process."""
    return caches["default"] if settings.REDIS_URL else LocMemCache("api-throttle", {})


class UserThrottle(throttling.UserRateThrottle):
    """Signed-in users, `API_RATE_USER`."""

    cache = _counters()


class AnonThrottle(throttling.AnonRateThrottle):
    """Everybody else, by address, `API_RATE_ANON`."""

    cache = _counters()


class LoginThrottle(throttling.UserRateThrottle):
    """Connecting an account tries a password at a network: `API_RATE_LOGIN`."""

    scope = "login"
    cache = _counters()
