"""The System page: one line per part, jobs, versions."""

from __future__ import annotations

import platform
import sys
from typing import Any

import django
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from socialhub.models import Account, AccountStatus, JobRun, JobState
from socialhub.services import accounts, health, packages, publishing
from socialhub.views import desk

TEMPLATE = "socialhub/system/system.html"


@require_GET
@desk.needs_verb("view_system")
def show(request: HttpRequest) -> HttpResponse:
    return desk.page(
        request,
        TEMPLATE,
        _("System"),
        **_parts(),
        punctuality=publishing.punctuality(timezone.now()),
        packages=packages.installed(),
        python=platform.python_version(),
        django=django.get_version(),
        system=f"{platform.system()} {platform.machine()}, {sys.implementation.name}",
    )


@require_GET
@desk.needs_verb("view_system")
def parts(request: HttpRequest) -> HttpResponse:
    """The live part again."""
    return desk.fragment(request, f"{TEMPLATE}#live", **_parts())


def _parts() -> dict[str, Any]:
    now = timezone.now()
    required = health.required(now)
    return {
        "required": required,
        "dead": [part for part in required if not part.ok],
        "others": [*health.others(now), *accounts.parts(now)],
        "reconnect": Account.objects.filter(status=AccountStatus.NEEDS_RECONNECT),
        "jobs": JobRun.objects.exclude(state=JobState.DONE).select_related("owner")[:20],
        "now": now,
    }
