"""What people may see of the core because of tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from experiments.models import ABTest, ABTestVariantMedia


def variant_pictures(user: Any) -> Sequence[Any]:
    """Pictures of variants, for who sees the test; see registries.register_shared_media."""
    tests = ABTest.objects.visible_to(user).values("pk")
    return [ABTestVariantMedia.objects.filter(variant__test__in=tests).values("media")]
