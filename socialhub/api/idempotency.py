"""`Idempotency-Key`: a create that is repeated gives the first answer again.

The key's row is claimed by INSERT before anything happens; the unique constraint decides who
is first. Object and stored answer commit together, so a crash leaves both or neither.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from functools import wraps
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from socialhub.api.errors import InProgress
from socialhub.models import IdempotencyKey
from socialhub.services.errors import Conflict, Invalid

HEADER = "Idempotency-Key"
MAX_KEY = 200
# A request lives far shorter; what is older belonged to a process that died.
ABANDONED_AFTER = timedelta(minutes=5)
KEPT_FOR = timedelta(days=7)

PARAMETER = OpenApiParameter(
    HEADER,
    str,
    OpenApiParameter.HEADER,
    description="Repeat a create safely: the same key and body give the first answer again.",
)


def idempotent(method: Callable[..., Response] | None = None, *, atomic: bool = True) -> Any:
    """Make a view method honour the header.

    `atomic=False` for a method that waits for a worker, which must see the rows before.
    """
    if method is None:
        return lambda found: idempotent(found, atomic=atomic)

    @wraps(method)
    def answered_once(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            return method(view, request, *args, **kwargs)
        claimed, earlier = _claim(request, key)
        if earlier is not None:
            return earlier
        return _carry_out(claimed, lambda: method(view, request, *args, **kwargs), atomic)

    return answered_once


def _claim(request: Request, key: str) -> tuple[IdempotencyKey, Response | None]:
    """(our row, None) when this request is the first, else (its row, the answer to repeat)."""
    if not key.strip() or len(key) > MAX_KEY or not key.isprintable():
        message = _("Use 1 to %(most)s printable characters.") % {"most": MAX_KEY}
        raise Invalid("bad_idempotency_key", message, {HEADER: [message]})
    user, now, digest = request.user, timezone.now(), _digest(request.data)
    IdempotencyKey.objects.filter(user=user, created_at__lt=now - KEPT_FOR).delete()
    row = IdempotencyKey(user=user, key=key, path=request.path[:200], body_hash=digest)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        return _earlier(row)
    return row, None


def _earlier(wanted: IdempotencyKey) -> tuple[IdempotencyKey, Response | None]:
    row = IdempotencyKey.objects.filter(user=wanted.user, key=wanted.key).first()
    if row is None:
        # The first one failed and was forgotten at this very moment.
        raise _in_progress()
    if (row.path, row.body_hash) != (wanted.path, wanted.body_hash):
        message = _("This key was used for another request. Use a new key.")
        raise Conflict("idempotency_key_reused", message, {HEADER: [message]})
    if row.status is not None:
        return row, Response(
            row.answer, status=row.status, headers={"Idempotency-Replayed": "true"}
        )
    now = timezone.now()
    if row.created_at > now - ABANDONED_AFTER:
        raise _in_progress()
    # Its process died without an answer: exactly one of those who see that takes over.
    taken = IdempotencyKey.objects.filter(
        pk=row.pk, status__isnull=True, created_at=row.created_at
    ).update(created_at=now)
    if not taken:
        raise _in_progress()
    row.created_at = now
    return row, None


def _in_progress() -> InProgress:
    return InProgress("in_progress", _("The same request is being carried out. Ask again soon."))


def _carry_out(row: IdempotencyKey, run: Callable[[], Response], atomic: bool) -> Response:
    ours = IdempotencyKey.objects.filter(pk=row.pk, status__isnull=True, created_at=row.created_at)
    try:
        with transaction.atomic() if atomic else nullcontext():
            response = run()
            if response.status_code < 400:
                answer = json.loads(JSONRenderer().render(response.data))
                if not ours.update(status=response.status_code, answer=answer) and atomic:
                    # We stood still so long that another request took over: undo ours.
                    raise _in_progress()
    except BaseException:
        ours.delete()
        raise
    if response.status_code >= 400:
        # A failed try leaves nothing behind: the corrected request may use the key again.
        ours.delete()
    return response


def _digest(data: Any) -> str:
    """SHA-256 of a parsed body; files by their content."""
    if isinstance(data, QueryDict):
        plain: Any = {name: [_plain(v) for v in values] for name, values in data.lists()}
    else:
        plain = data
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if not isinstance(value, UploadedFile):
        return str(value)
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return {"name": value.name, "sha256": digest.hexdigest()}
