"""A year of the dashboard over HTTP: kept in this process, made anew, and a view that does nothing.

The WSGI application is called as a server would, in this process, so that its CPU is all there is
besides PostgreSQL's. All variants pass the same middleware, authentication and limits.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.cache import caches
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpResponse
from django.test.utils import override_settings
from django.urls import include, path
from rest_framework.request import Request
from rest_framework.views import APIView

from bench.analytics import timing
from bench.analytics.generator import LAST_DAY
from bench.analytics.reads import WINDOWS
from socialhub.models import ApiToken

DASHBOARD, EMPTY, OPEN = "/api/analytics/dashboard/", "/api/bench/empty/", "/api/bench/open/"
REPEATS = 9
# Requests of one timing: what is kept takes a millisecond.
QUICK = 10


class Empty(APIView):
    """Asks who it is and whether that role may see numbers, as the dashboard does."""

    verbs = {"get": "view_metrics"}

    def get(self, request: Request) -> HttpResponse:
        return HttpResponse(b"{}", content_type="application/json")


def nothing(request: Any) -> HttpResponse:
    """Asks nobody."""
    return HttpResponse(b"{}", content_type="application/json")


urlpatterns = [
    path(EMPTY[1:], Empty.as_view()),
    path(OPEN[1:], nothing),
    path("", include("socialhub.urls")),
]


class Caller:
    """A program with a token of an analyst."""

    def __init__(self) -> None:
        user = get_user_model().objects.create(username="bench", email="bench@example.org")
        user.groups.add(Group.objects.get(name="Analyst"))
        _row, token = ApiToken.objects.create(user)
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        self.application = get_wsgi_application()
        self.headers = {"HTTP_AUTHORIZATION": f"Bearer {token}"}
        self.query = urlencode({"from": WINDOWS[365].isoformat(), "to": LAST_DAY.isoformat()})

    def get(self, address: str, wanted: int = 200, **headers: str) -> tuple[bytes, dict[str, str]]:
        """Body and headers. Raises RuntimeError on another status than `wanted`."""
        said: list[Any] = []
        answer = self.application(
            {**_environ(address, self.query), **self.headers, **headers},
            lambda status, found, *_error: said.extend((status, dict(found))),
        )
        body = b"".join(answer)
        # Ends the request, as servers do.
        answer.close()
        if not said[0].startswith(str(wanted)):
            raise RuntimeError(f"{address} answered {said[0]}: {body[:200]!r}")
        return body, said[1]


def measure() -> dict[str, Any]:
    """{way: milliseconds of one request}, and bytes of the answer."""
    if connection.vendor == "postgresql":
        # One backend for all requests: its clock is read.
        connection.close()
        connection.settings_dict["CONN_MAX_AGE"] = None
    with override_settings(ROOT_URLCONF="bench.analytics.served"):
        caller = Caller()
        body, headers = caller.get(DASHBOARD)
        ways = _ways(caller, headers["ETag"])
        found = timing.interleaved(timing.Clock(_pid()), ways, REPEATS)
    for way, one in found.items():
        if way != "uncached":
            one.update({name: value / QUICK for name, value in one.items() if name != "n"})
    return {"ways": found, "bytes": len(body)}


def _ways(caller: Caller, etag: str) -> dict[str, Callable[[], Any]]:
    def uncached() -> None:
        caches["local"].clear()
        caller.get(DASHBOARD)

    return {
        "uncached": uncached,
        "cached": lambda: _times(lambda: caller.get(DASHBOARD)),
        "not modified": lambda: _times(lambda: caller.get(DASHBOARD, 304, HTTP_IF_NONE_MATCH=etag)),
        "empty": lambda: _times(lambda: caller.get(EMPTY)),
        "empty, nobody asked": lambda: _times(lambda: caller.get(OPEN)),
    }


def _times(work: Callable[[], Any]) -> None:
    for _ in range(QUICK):
        work()


def _environ(address: str, query: str) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": address,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_ACCEPT": "application/json",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def _pid() -> list[int]:
    if connection.vendor == "sqlite":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return [cursor.fetchone()[0]]
