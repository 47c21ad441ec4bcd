"""One shape for everything that goes wrong: {"type", "title", "detail", "fields"}.

`type` is a stable code for programs, `title` names the kind of error, `detail` says what to do,
`fields` maps input names ("destinations.0.url") to lists of messages.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from django.views import defaults
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from socialhub.services.errors import Conflict, Forbidden, ServiceError

log = logging.getLogger(__name__)

API_ROOT = "/api/"
# What DRF and Django call errors of no single field.
GENERAL = ("non_field_errors", "__all__")


class InProgress(Conflict):
    """The same request is being carried out right now; ask again after `retry_after` seconds."""

    retry_after = 2


def body(status_code: int, code: str, detail: str, fields: Any = None) -> dict[str, Any]:
    """The error as JSON."""
    return {
        "type": code,
        "title": _title(status_code),
        "detail": str(detail),
        "fields": dict(fields or {}),
    }


def _title(status_code: int) -> str:
    titles = {
        400: _("Invalid input"),
        401: _("Not signed in"),
        403: _("Not allowed"),
        404: _("Not found"),
        405: _("Method not allowed"),
        406: _("Format not available"),
        409: _("Conflict"),
        415: _("Format not accepted"),
        429: _("Too many requests"),
        503: _("Not available"),
    }
    return titles.get(status_code) or (_("Server error") if status_code >= 500 else _("Error"))


def handle(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler. None = a fault of ours, answered by `server_error`."""
    if isinstance(exc, ServiceError):
        return _service_error(exc)
    if isinstance(exc, IntegrityError):
        # The constraint decided a race that the checks before it could not see.
        log.warning("a constraint refused an API request", exc_info=exc)
        message = _("This contradicts what is stored, or somebody else was first. Read it again.")
        return Response(body(409, "conflict", message), status=409)
    if isinstance(exc, Http404):
        exc = exceptions.NotFound(_nothing_here())
    response = exception_handler(exc, context)
    if response is None:
        return None
    if isinstance(exc, exceptions.ValidationError):
        response.data = _invalid(exc)
    else:
        code, detail = _described(exc)
        response.data = body(response.status_code, code, detail)
    return response


def _service_error(exc: ServiceError) -> Response:
    code = status.HTTP_400_BAD_REQUEST
    if isinstance(exc, Forbidden):
        code = status.HTTP_403_FORBIDDEN
    elif isinstance(exc, Conflict):
        code = status.HTTP_409_CONFLICT
    headers = {"Retry-After": str(exc.retry_after)} if isinstance(exc, InProgress) else None
    data = body(code, exc.code, exc.message, exc.fields)
    return Response(data, status=code, headers=headers)


def _described(exc: Exception) -> tuple[str, str]:
    detail = getattr(exc, "detail", None)
    if isinstance(detail, exceptions.ErrorDetail):
        return str(detail.code), str(detail)
    if isinstance(detail, dict):
        # Some libraries wrap theirs: {"detail": …, "code": …}.
        return str(detail.get("code", "error")), str(detail.get("detail", ""))
    return "permission_denied", str(exc) or _("You may not do this.")


def _invalid(exc: exceptions.ValidationError) -> dict[str, Any]:
    fields: dict[str, list[str]] = {}
    codes, general = set(), []
    for name, error in _leaves(exc.detail):
        codes.add(str(error.code))
        if not name:
            general.append(str(error))
        else:
            fields.setdefault(name, []).append(str(error))
    named = [f"{name}: {' '.join(messages)}" for name, messages in fields.items()]
    code = codes.pop() if len(codes) == 1 else "invalid"
    return body(400, code, " ".join([*general, *named]), fields)


def _leaves(detail: Any, path: str = "") -> Iterator[tuple[str, exceptions.ErrorDetail]]:
    """(dotted name, message) of every error, however deep."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            inside = path if name in GENERAL else f"{path}.{name}".lstrip(".")
            yield from _leaves(inner, inside)
    elif isinstance(detail, list | tuple):
        nested = any(isinstance(item, dict | list) for item in detail)
        for number, item in enumerate(detail):
            yield from _leaves(item, f"{path}.{number}".lstrip(".") if nested else path)
    else:
        yield path, detail


def _nothing_here() -> str:
    return _("There is nothing here, or you may not see it.")


# -- outside the views of the API: unknown addresses and faults ---------------------------


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """handler404: JSON under /api/, the usual page elsewhere."""
    if not request.path.startswith(API_ROOT):
        return defaults.page_not_found(request, exception)
    return JsonResponse(body(404, "not_found", _nothing_here()), status=404)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """handler400: a request that Django itself refused (too large, wrong host)."""
    if not request.path.startswith(API_ROOT):
        return defaults.bad_request(request, exception)
    message = _("The request cannot be read, or is too large.")
    return JsonResponse(body(400, "bad_request", message), status=400)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """handler500: says nothing about our insides; the log has the rest."""
    if not request.path.startswith(API_ROOT):
        return defaults.server_error(request)
    message = _("Something went wrong inside SocialHub. The log says what.")
    return JsonResponse(body(500, "server_error", message), status=500)
