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


@extend_schema_field({"type": "array", "items": {"type": "array", "items": {}}})
class TableField(serializers.Field):
    """Rows of counts: hours, slots or looks; a cell for each variant, in their order.

    A cell is [engagements, impressions] or {"engagements", "impressions"}; a row may also be
    {"variants": [cells]}, or {name: cell}. `pasted.read` says what is wrong.
    """

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, list):
            raise serializers.ValidationError(_("Enter a list of rows."))
        return data

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field({"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2})
class PriorField(serializers.Field):
    """[a, b] of a beta distribution; {"a", "b"} and {"alpha", "beta"} say the same."""

    default_error_messages = {"invalid": _("Enter two numbers above 0.")}

    def to_internal_value(self, data: Any) -> list[float]:
        for names in ({"a", "b"}, {"alpha", "beta"}):
            if isinstance(data, dict) and set(data) == names:
                data = [data[name] for name in sorted(names)]
        if not isinstance(data, list) or len(data) != 2:
            self.fail("invalid")
        pair = [NumberField().run_validation(value) for value in data]
        if min(pair) <= 0:
            self.fail("invalid")
        return pair

    def to_representation(self, value: Any) -> Any:
        return value
