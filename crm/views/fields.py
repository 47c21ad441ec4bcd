"""Forms of our own pages: looks of their fields, and refusals of a service beside them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import Model

from socialhub.services.errors import ServiceError

TICKS = (forms.CheckboxInput, forms.RadioSelect, AutocompleteSelect)


class DeskForm(forms.Form):
    """A plain form whose fields look like those of every page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(field.widget, TICKS):
                field.widget.attrs.setdefault("class", "sh-input")

    def refuse(self, exc: ServiceError) -> None:
        """Show why a service refused, beside the field where it names one."""
        known = {name: told for name, told in exc.fields.items() if name in self.fields}
        for name, told in known.items():
            for message in told:
                self.add_error(name, message)
        if not known:
            self.add_error(None, exc.message)


class SearchField(forms.ModelChoiceField):
    """A row found by typing: a list of thousands would be no help. Optional."""

    def __init__(self, model: type[Model], name: str, **kwargs: Any) -> None:
        relation: Any = model._meta.get_field(name)
        super().__init__(
            relation.related_model._default_manager.all(),
            widget=AutocompleteSelect(relation, admin.site),
            required=False,
            **kwargs,
        )
