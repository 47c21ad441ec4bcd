"""Pictures that belong to templates, not to accounts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from socialhub import policies
from threads.models import ImageTemplate


def samples(user: Any) -> Sequence[Any]:
    """Pictures of templates in the gallery; see registries.register_shared_media."""
    if not policies.can(user, "view_templates"):
        return []
    return [ImageTemplate.objects.filter(sample__isnull=False).values("sample")]
