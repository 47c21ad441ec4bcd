"""What the renderer's codes mean for a person: what is wrong, and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from threads.rendering import TemplateProblem

FAILURES: dict[str, Any] = {
    "too_slow": gettext_lazy(
        "Drawing took too long and was stopped. Use fewer blurs, shadows and layers."
    ),
    "too_much_memory": gettext_lazy(
        "Drawing needed too much memory and was stopped. Use smaller pictures and fewer effects."
    ),
    "broken": gettext_lazy("This template cannot be drawn. Look for tags and rules left open."),
    "broken_image": gettext_lazy(
        "One of the pictures cannot be read. Upload it again as JPEG or PNG."
    ),
    "image_too_large": gettext_lazy("One of the pictures is too large. Upload a smaller one."),
    "crashed": gettext_lazy("The renderer stopped in the middle of it. Try again."),
    "missing": gettext_lazy("No renderer is installed. Ask an administrator to look at RENDERER."),
}


def failure(code: str) -> str:
    """Why no picture came out."""
    return str(FAILURES.get(code) or FAILURES["broken"])


def overflow(labels: Sequence[str], cut: int) -> str:
    """Which text is too long for its box and by about how much."""
    if not labels:
        return _("A text of the template itself does not fit its box. Make the box larger.")
    told = " + ".join(labels)
    return ngettext(
        "“%(field)s” does not fit its box. Shorten it by about %(cut)s character.",
        "“%(field)s” does not fit its box. Shorten it by about %(cut)s characters.",
        cut,
    ) % {"field": told, "cut": cut}


PROBLEMS: dict[str, Any] = {
    # -- the language of templates
    "syntax": gettext_lazy("This is not understood: %(detail)s. Compare the brackets."),
    "not_allowed": gettext_lazy(
        "“%(what)s” is not possible in a template. There are fields, if, and for over lines."
    ),
    "undeclared_field": gettext_lazy(
        "“%(name)s” is no field of this template. Add it to the fields or correct the name."
    ),
    "lines_need_for": gettext_lazy(
        "“%(name)s” holds lines: write {%% for line in %(name)s %%} around {{ line }}."
    ),
    "for_needs_lines": gettext_lazy("“%(name)s” holds no lines. Give the field the type lines."),
    "too_many_loops": gettext_lazy("At most %(most)s loops inside each other."),
    "private_characters": gettext_lazy(
        "There is a character in it that has no meaning. Remove it."
    ),
    "output_too_long": gettext_lazy("With these values it gets longer than %(most)s characters."),
    # -- HTML
    "markup": gettext_lazy("Only elements and plain comments may stand here. Remove the rest."),
    "element": gettext_lazy(
        "<%(tag)s> is not possible in a picture. Use plain elements such as div, span and img."
    ),
    "event_attribute": gettext_lazy("Nothing runs in a picture. Remove “%(name)s”."),
    "attribute": gettext_lazy("<%(tag)s> cannot have “%(name)s” here. Remove it."),
    "remote_address": gettext_lazy(
        "“%(address)s” is not fetched: nothing from outside gets into a picture. Upload it and"
        " use a field of the type image."
    ),
    "data_too_large": gettext_lazy(
        "A picture written into the code is too large. Upload it and use a field of the type image."
    ),
    "not_an_image": gettext_lazy("“%(name)s” is no picture. Give the field the type image."),
    "image_is_one_field": gettext_lazy(
        'A picture\'s address is one field and nothing else: src="{{ photo }}".'
    ),
    "field_in_tag": gettext_lazy("Inside a tag a field stands between quotes."),
    "field_in_style": gettext_lazy(
        "Only a field of the type colour may stand in a style. “%(name)s” is none."
    ),
    "statement_in_style": gettext_lazy("A style cannot hold if or for. Use two classes instead."),
    "fit": gettext_lazy("data-fit holds two sizes, like “24 72”. “%(value)s” does not."),
    "fit_nested": gettext_lazy("A box with data-fit cannot hold another one."),
    "too_deep": gettext_lazy("The elements are nested too deeply. Take out some layers."),
    "too_many_elements": gettext_lazy("A template has at most %(most)s elements."),
    "too_long": gettext_lazy("HTML and CSS together are longer than %(most)s bytes."),
    # -- CSS
    "css_syntax": gettext_lazy("This CSS is not understood: %(detail)s."),
    "field_in_css": gettext_lazy(
        'CSS cannot hold fields. Use style="" in the HTML, or var(--field-name) for a colour.'
    ),
    "at_rule": gettext_lazy(
        "@%(name)s is not possible. The fonts are Inter, Lora, Oswald and Noto Color Emoji."
    ),
    "font": gettext_lazy(
        "There is no font “%(name)s”. There are Inter, Lora and Oswald; end the list with"
        " sans-serif or serif."
    ),
    "property": gettext_lazy("“%(name)s” is not possible in a picture. Remove it."),
    "too_many_filters": gettext_lazy("At most %(most)s blurs and shadows by filter."),
    # -- fields
    "too_many_fields": gettext_lazy("A template has at most %(most)s fields."),
    "field_name": gettext_lazy("“%(name)s” cannot be the name of a field."),
    "field_twice": gettext_lazy("There are two fields named “%(name)s”."),
    "field_type": gettext_lazy("“%(type)s” is no type of field."),
}


def place(found: TemplateProblem) -> str:
    """Where it stands: html, css or fields."""
    return found.where


def sentence(found: TemplateProblem) -> str:
    """Why a template is refused, with the line."""
    told = meaning(found.code, found.params)
    return _("Line %(line)s: %(what)s") % {"line": found.line, "what": told} if found.line else told


def meaning(code: str, params: Mapping[str, Any]) -> str:
    """The sentence of a code; one that is not known here shows itself."""
    sentence = PROBLEMS.get(code)
    return (
        str(sentence) % params if sentence is not None else f"{code} {dict(params) or ''}".strip()
    )
