"""`/lead-forms/{key}/`: a form for strangers. It takes answers and gives nothing away.

No login and no cookie: what arrives here can only become a lead, so there is nothing that a
forged request could do in somebody's name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from crm.models import LeadForm
from crm.services import forms
from crm.services.told import writable
from socialhub.api import errors

LARGEST = 64_000
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
JSON_TYPE = "application/json"
PREFLIGHT_SECONDS = 600


class Refused(Exception):
    """The request is answered with this status and sentence."""

    def __init__(self, status: int, code: str, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.fields: dict[str, list[str]] = {}


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST", "OPTIONS"])
def page(request: HttpRequest, key: str) -> HttpResponse:
    """The form, and what becomes of an answer."""
    form = _form(key)
    with translation.override(_language(request, form)):
        if request.method == "OPTIONS":
            response = _preflight(request, form)
        elif request.method == "POST":
            response = _answered(request, form)
        else:
            response = _shown(request, form, sent=request.GET.get("sent") == "1")
    response["Cache-Control"] = "no-store"
    _open_to(response, request, form)
    return response


@require_safe
def script(request: HttpRequest, key: str) -> HttpResponse:
    """Puts the form's page into the website that loads this."""
    form = _form(key)
    title = form.heading or form.name
    response = render(
        request, "lead_forms/embed.js", {"title": title}, content_type="text/javascript"
    )
    response["Cache-Control"] = "public, max-age=3600"
    # Other sites load it: that is what it is for.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _form(key: str) -> LeadForm:
    rows = LeadForm.objects.select_related("campaign", "product", "service")
    form = rows.filter(key=key, is_active=True).first()
    if form is None:
        raise Http404
    return form


def _language(request: HttpRequest, form: LeadForm) -> str:
    known = dict(settings.LANGUAGES)
    return form.language if form.language in known else translation.get_language() or "en"


# -- showing ------------------------------------------------------------------------


def _shown(
    request: HttpRequest,
    form: LeadForm,
    *,
    sent: bool = False,
    values: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
    trouble: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "sent": sent,
        "values": values or {},
        "errors": wrong or {},
        "trouble": trouble,
        "consent": form.consent_text.strip(),
        "consent_version": forms.consent_version(form),
        "honeypot": forms.HONEYPOT,
        "limits": forms.LIMITS,
        "embedded": request.GET.get("embed") == "1",
        "query": urlencode(_carried(request)),
        "language": translation.get_language(),
    }
    return render(request, "lead_forms/page.html", context, status=status)


def _carried(request: HttpRequest) -> dict[str, str]:
    """What belongs to the visit and goes along."""
    found = {name: request.GET.get(name, "") for name in ("embed", "l", "d")}
    return {name: value for name, value in found.items() if value}


# -- answers ------------------------------------------------------------------------


def _answered(request: HttpRequest, form: LeadForm) -> HttpResponse:
    wants_json = _wants_json(request)
    try:
        given = _given(request, form)
    except Refused as exc:
        return _refusal(request, form, exc, wants_json)
    answer = forms.read(form, given)
    if answer.errors:
        if wants_json:
            return _invalid(answer.errors)
        values = {**answer.values, "consent": "on" if given.get("consent") else ""}
        return _shown(request, form, values=values, wrong=answer.errors, status=400)
    if not answer.is_robot:
        _store(request, form, answer, given)
    if wants_json:
        return JsonResponse({"ok": True, "message": _thanks(form)}, status=201)
    query = urlencode({**_carried(request), "sent": "1"})
    return HttpResponseRedirect(f"{request.path}?{query}", status=303)


def _store(
    request: HttpRequest, form: LeadForm, answer: forms.Answer, given: Mapping[str, Any]
) -> None:
    slug, key = (_said(request, given, name) for name in ("l", "d"))
    link, destination = forms.origin_link(slug, key)
    language = translation.get_language() or ""
    forms.store(form, answer, link=link, destination=destination, language=language)


def _said(request: HttpRequest, given: Mapping[str, Any], name: str) -> str:
    value = given.get(name) or request.GET.get(name, "")
    return writable(value) if isinstance(value, str) else ""


def _thanks(form: LeadForm) -> str:
    return form.thanks or _("Thank you. We will be in touch soon.")


def _given(request: HttpRequest, form: LeadForm) -> Mapping[str, Any]:
    """The fields of the body. Raises Refused."""
    if not _is_welcome(request, form):
        raise Refused(403, "site_not_listed", _("This site may not use this form."))
    if _length(request) > LARGEST:
        raise Refused(413, "too_large", _("This is too long."))
    until = forms.wait_until(form, _address(request), timezone.now())
    if until is not None:
        seconds = max(1, round((until - timezone.now()).total_seconds()))
        detail = _("Too many messages from here. Please try again in a few minutes.")
        raise Refused(429, "too_many", detail, Retry_After=str(seconds))
    if request.content_type in FORM_TYPES:
        return _fields(request)
    if request.content_type != JSON_TYPE:
        raise Refused(415, "bad_format", _("Send the form as JSON or as a web form."))
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError):
        found = None
    except RequestDataTooBig:
        raise Refused(413, "too_large", _("This is too long.")) from None
    if not isinstance(found, dict):
        raise Refused(400, "unreadable", _("The message cannot be read."))
    return found


def _length(request: HttpRequest) -> int:
    said = str(request.META.get("CONTENT_LENGTH") or "")
    return int(said) if said.isdecimal() and len(said) < 12 else 0


def _fields(request: HttpRequest) -> Mapping[str, Any]:
    try:
        return request.POST.dict()
    except (MultiPartParserError, RequestDataTooBig, UnicodeDecodeError):
        raise Refused(400, "unreadable", _("The message cannot be read.")) from None


def _address(request: HttpRequest) -> str:
    """Whose request it is. Behind the proxy of a production set-up its last entry counts."""
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    direct = str(request.META.get("REMOTE_ADDR", ""))
    return direct if settings.EMBEDDED or not forwarded else forwarded


# -- answers that are no thanks -----------------------------------------------------


def _wants_json(request: HttpRequest) -> bool:
    return request.content_type == JSON_TYPE or JSON_TYPE in request.headers.get("Accept", "")


def _invalid(wrong: Mapping[str, str]) -> HttpResponse:
    fields = {name: [message] for name, message in wrong.items()}
    detail = " ".join(wrong.values())
    return JsonResponse(errors.body(400, "invalid", detail, fields), status=400)


def _refusal(request: HttpRequest, form: LeadForm, exc: Refused, wants_json: bool) -> HttpResponse:
    if wants_json:
        body = errors.body(exc.status, exc.code, exc.detail)
        response: HttpResponse = JsonResponse(body, status=exc.status)
    else:
        response = _shown(request, form, trouble=exc.detail, status=exc.status)
    for name, value in exc.headers.items():
        response[name] = value
    return response


# -- who may ask --------------------------------------------------------------------


def _is_welcome(request: HttpRequest, form: LeadForm) -> bool:
    """A browser says where a form was sent from; programs without an origin are no browsers."""
    origin = request.headers.get("Origin")
    return origin is None or origin in {*form.sites, *_own(request)}


def _own(request: HttpRequest) -> set[str]:
    here = f"{request.scheme}://{request.get_host()}"
    return {forms.origin_of(here), forms.origin_of(settings.PUBLIC_URL)}


def _preflight(request: HttpRequest, form: LeadForm) -> HttpResponse:
    response = HttpResponse(status=204)
    response["Allow"] = "GET, HEAD, POST, OPTIONS"
    if request.headers.get("Origin") in form.sites:
        response["Access-Control-Allow-Methods"] = "POST"
        response["Access-Control-Allow-Headers"] = "Content-Type, Accept"
        response["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
    return response


def _open_to(response: HttpResponse, request: HttpRequest, form: LeadForm) -> None:
    """Let the listed sites, and no others, read answers and show the page in a frame."""
    origin = request.headers.get("Origin")
    if origin in form.sites:
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Expose-Headers"] = "Retry-After"
    response.headers["Vary"] = ", ".join(
        part for part in (response.headers.get("Vary", ""), "Origin") if part
    )
    # X-Frame-Options can name no site; the policy can.
    response.xframe_options_exempt = True  # type: ignore[attr-defined]
    response._csp_replace = {  # type: ignore[attr-defined]
        "frame-ancestors": ["'self'", *form.sites]
    }
