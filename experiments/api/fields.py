"""Numbers as JSON has them: a text that looks like one is none."""

from __future__ import annotations

import math
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


class NumberField(serializers.FloatField):
    """A finite number; neither "0.95" nor true."""

    default_error_messages = {"invalid": _("Enter a number.")}

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        try:
            value = float(data)
        except OverflowError:
            value = math.inf
        if not math.isfinite(value):
            self.fail("invalid")
        return value


class WholeField(serializers.IntegerField):
    """A whole number; neither "3" nor 3.0 nor true."""

    default_error_messages = {"invalid": _("Enter a whole number.")}

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return data


@extend_schema_field(OpenApiTypes.INT64)
class CountField(serializers.Field):
    """Whatever was sent: `counts.checked` says what is wrong, and of which variant."""

    def to_internal_value(self, data: Any) -> Any:
        return data

    def to_representation(self, value: Any) -> Any:
        return value
