"""Field types of the API: instants, lists of rows, texts per account."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

MAX_ID = 2**63 - 1
# A year like 9999 leaves the range of dates as soon as a zone is applied.
FARTHEST = timedelta(days=3_660)


class InstantField(serializers.DateTimeField):
    """ISO 8601 with an offset. Without one nobody knows which hour is meant, so it is refused."""

    default_error_messages = {
        "naive": _("Give the time with its offset from UTC, like 2026-12-01T09:00:00+01:00."),
        "too_far": _("This time is too far away."),
    }

    def enforce_timezone(self, value: datetime) -> datetime:
        if timezone.is_naive(value):
            self.fail("naive")
        return super().enforce_timezone(value)

    def to_internal_value(self, value: Any) -> datetime:
        instant: datetime = super().to_internal_value(value)
        if abs(instant - timezone.now()) > FARTHEST:
            self.fail("too_far")
        return instant


class RowsField(serializers.ListField):
    """Ids in, rows out, in the order given; one query however many.

    `rows(user)` gives what this user may name; `ids(instance)` what is shown.
    """

    default_error_messages = {
        "unknown": _("There is no {name} with the id {ids}."),
        "twice": _("An id is given twice."),
    }

    def __init__(
        self,
        *,
        name: str,
        rows: Callable[[Any], QuerySet[Any]],
        ids: Callable[[Any], Iterable[int]],
        **kwargs: Any,
    ) -> None:
        self._name, self._rows, self._ids = name, rows, ids
        kwargs.setdefault("child", serializers.IntegerField(min_value=1, max_value=MAX_ID))
        kwargs.setdefault("max_length", 100)
        super().__init__(**kwargs)

    def get_attribute(self, instance: Any) -> list[int]:
        return list(dict.fromkeys(self._ids(instance)))

    def to_internal_value(self, data: Any) -> list[Model]:  # type: ignore[override]
        ids = super().to_internal_value(data)
        if len(set(ids)) < len(ids):
            self.fail("twice")
        found = self._rows(self.context["request"].user).in_bulk(ids)
        unknown = [str(pk) for pk in ids if pk not in found]
        if unknown:
            self.fail("unknown", name=self._name, ids=", ".join(unknown))
        return [found[pk] for pk in ids]


class OverridesField(serializers.DictField):
    """{account id: text}; JSON makes the keys strings."""

    child = serializers.CharField(allow_blank=True, trim_whitespace=False)
    default_error_messages = {"bad_key": _("“{sent}” is no account id.")}

    def get_attribute(self, instance: Any) -> dict[str, str]:
        return {
            str(p.account_id): p.text_override
            for p in instance.publications.all()
            if p.text_override
        }

    def to_internal_value(self, data: Any) -> dict[int, str]:  # type: ignore[override]
        return {self._id(key): text for key, text in super().to_internal_value(data).items()}

    def _id(self, key: str) -> int:
        if not (key.isascii() and key.isdigit() and 0 < int(key[:20]) <= MAX_ID):
            self.fail("bad_key", sent=key[:40])
        return int(key)
