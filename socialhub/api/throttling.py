"""How often one person or address may ask.

A bucket per caller, full at first, refilled at the pace of its rate: "1200/min" allows 1,200
requests at once and 20 more each second. One number per caller tells when it will be full.
"""

from __future__ import annotations

import os
import threading
import time
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.conf import settings
from rest_framework import throttling
from rest_framework.request import Request

if TYPE_CHECKING:
    # It loads this module itself, by the settings.
    from rest_framework.views import APIView

# Microseconds throughout: whole numbers, which Lua's doubles hold exactly.
SECOND = 1_000_000
FEW = 10_000
# By Redis' own clock: several machines may ask. Answers how long to wait, 0 = go on.
SCRIPT = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now) + ARGV[1]
if full - now > tonumber(ARGV[2]) then return full - now - ARGV[2] end
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
return 0
"""


class InRedis:
    """Counted for all processes together, in one round trip.

    Each thread has a connection of its own: the library's pool, retries and statistics take
    longer than the question. They are there when that connection does not answer.
    """

    def __init__(self) -> None:
        self._own = threading.local()

    @cached_property
    def _client(self) -> Any:
        import redis

        return redis.Redis.from_url(settings.CACHES["default"]["LOCATION"])

    @cached_property
    def _take(self) -> Any:
        return self._client.register_script(SCRIPT)

    def take(self, key: str, each: int, most: int) -> int:
        """Microseconds to wait; 0 = one request taken."""
        import redis

        named = self._named(key)
        try:
            return int(self._ask("EVALSHA", self._take.sha, 1, named, each, most))
        except redis.RedisError:
            # Restarted since the last request, for instance, with its scripts gone.
            return int(self._take(keys=[named], args=[each, most]))

    def _ask(self, *command: Any) -> Any:
        own = self._own
        # A forked process must not share one.
        if getattr(own, "pid", None) != os.getpid():
            own.connection = self._client.connection_pool.make_connection()
            own.pid = os.getpid()
        # Connects when it has to, and drops the connection on an error.
        own.connection.send_command(*command)
        return own.connection.read_response()

    def clear(self) -> None:
        if known := list(self._client.scan_iter(self._named("*"))):
            self._client.delete(*known)

    @staticmethod
    def _named(key: str) -> str:
        prefix: str = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
        return f"{prefix}{key}"


class InProcess:
    """Counted per web process: the embedded shape has no Redis, and a database would be written
    to on every request."""

    def __init__(self) -> None:
        self._full: dict[str, int] = {}
        self._lock = threading.Lock()

    def take(self, key: str, each: int, most: int) -> int:
        """Microseconds to wait; 0 = one request taken."""
        now = time.monotonic_ns() // 1000
        with self._lock:
            full = max(self._full.get(key, 0), now) + each
            if full - now > most:
                return full - now - most
            if len(self._full) > FEW:
                self._full = {name: at for name, at in self._full.items() if at > now}
            self._full[key] = full
        return 0

    def clear(self) -> None:
        with self._lock:
            self._full.clear()


BUCKETS: InRedis | InProcess = InRedis() if settings.REDIS_URL else InProcess()


class _Buckets(throttling.SimpleRateThrottle):
    cache = BUCKETS

    def allow_request(self, request: Request, view: APIView) -> bool:
        key = self.get_cache_key(request, view)
        if self.rate is None or key is None:
            return True
        most = self.duration * SECOND
        self._wait = self.cache.take(key, most // self.num_requests, most)
        return not self._wait

    def wait(self) -> float:
        return self._wait / SECOND


class UserThrottle(_Buckets, throttling.UserRateThrottle):
    """Signed-in users, `API_RATE_USER`."""


class AnonThrottle(_Buckets, throttling.AnonRateThrottle):
    """Everybody else, by address, `API_RATE_ANON`."""


class LoginThrottle(_Buckets, throttling.UserRateThrottle):
    """Connecting an account tries a password at a network: `API_RATE_LOGIN`."""

    scope = "login"
