"""Marks of the apps above ("recycled") in the lists of posts and publications."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest

from socialhub import registries
from socialhub.models import Publication


class MarkedMixin:
    """Each publication on a page of the list gets its `marks`, asked for all of them at once."""

    def publications_of(self, row: Any) -> Iterable[Publication]:
        """The publications that a row of the list shows."""
        return [row]

    def get_changelist_instance(self: Any, request: HttpRequest) -> Any:
        found = super().get_changelist_instance(request)
        shown = [each for row in found.result_list for each in self.publications_of(row)]
        marks = registries.publication_marks(request.user, [each.pk for each in shown])
        for publication in shown:
            publication.marks = marks.get(publication.pk, ())
        return found
