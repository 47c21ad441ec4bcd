"""What every page of the desk shares: the shell, fragments, and verbs with their answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.utils.cache import patch_vary_headers

from socialhub import policies
from socialhub.services.errors import Forbidden, ServiceError

View = Callable[..., HttpResponse]


def needs_verb(verb: str) -> Callable[[View], View]:
    """403 for people whose role lacks `verb`."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not policies.can(request.user, verb):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return wrap


def page(request: HttpRequest, template: str, title: Any, **context: Any) -> TemplateResponse:
    """A whole page in the admin's shell."""
    site = admin.site
    request.current_app = site.name  # type: ignore[attr-defined]
    shell = site.each_context(request)
    return TemplateResponse(request, template, {**shell, "title": title, **context})


def fragment(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    """A part of a page ("page.html#part") for an HTMX swap."""
    response = render(request, template, context)
    # The same address serves the whole page; a browser must not show one for the other.
    patch_vary_headers(response, ["HX-Request"])
    return response


def wants_fragment(request: HttpRequest) -> bool:
    """Is it HTMX that asks? Going back in the history wants the whole page again."""
    htmx = request.htmx  # type: ignore[attr-defined]
    return bool(htmx) and not htmx.history_restore_request


def attempt(request: HttpRequest, verb: Callable[[], object], done: Any = "") -> bool:
    """Call a service; `done` or the reason of a refusal is shown by `answered`.

    True when it worked.
    """
    try:
        verb()
    except ServiceError as exc:
        level = messages.WARNING if isinstance(exc, Forbidden) else messages.ERROR
        messages.add_message(request, level, exc.message)
        return False
    if done:
        messages.success(request, str(done))
    return True


def answered(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Hand the messages of this request to socialhub.js, which shows them as toasts."""
    said = [
        {"level": message.level_tag or "info", "text": str(message)}
        for message in messages.get_messages(request)
    ]
    if said:
        response["HX-Trigger"] = json.dumps({"sh:say": {"messages": said}})
    return response
