"""Answering a request whose work the worker does: wait a while, then hand out the job."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.response import Response

from socialhub.api import errors
from socialhub.models import JobRun, JobState
from socialhub.services import jobs

# Under the web server's limit of 30 s.
SECONDS = 25
# Which input an error of the job is about.
FIELDS = {
    "auth_revoked": "secret",
    "auth_expired": "secret",
    "secret_missing": "secret",
    "private_address": "server_url",
    "no_such_server": "server_url",
    "bad_address": "server_url",
    "not_found": "server_url",
    "unavailable": "server_url",
}


def answer(job: JobRun, done: Callable[[dict[str, Any]], Response]) -> Response:
    """`done(result)`; 400 with the reason when the job failed; 202 while it is at work."""
    row = jobs.wait(job, SECONDS)
    if row.state == JobState.DONE:
        return done(row.result or {})
    if row.state == JobState.FAILED:
        return _failed(row)
    headers = {"Location": f"/api/jobs/{row.pk}/"}
    return Response({"job": str(row.pk)}, status=202, headers=headers)


def _failed(row: JobRun) -> Response:
    first = row.errors[0] if row.errors else {"code": "failed", "message": _("It did not work.")}
    code, message = str(first["code"]), str(first["message"])
    status = 500 if code == "internal" else 400
    fields = {FIELDS[code]: [message]} if code in FIELDS else {}
    return Response(errors.body(status, code, message, fields), status=status)
