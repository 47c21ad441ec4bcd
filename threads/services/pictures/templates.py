"""Image templates: create, change, archive, copy a starter design. Versions are never changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from socialhub import policies
from socialhub.models import Organisation
from socialhub.services import history
from socialhub.services.errors import Conflict, Invalid
from threads import rendering
from threads.models import ImageTemplate, ImageTemplateVersion
from threads.services.pictures import fields as declared
from threads.services.pictures import sentences, values, wording

JSON = dict[str, Any]
# A change of these is another picture: it makes a version.
DRAWN = ("html", "css", "fields", "sizes")
PLAIN = ("name", "description", "alt_text", *DRAWN)


@dataclass(frozen=True, slots=True)
class Source:
    """What is drawn: of a version, or of an editor that has not saved yet."""

    html: str
    css: str
    fields: Sequence[JSON]
    sizes: Sequence[JSON]

    def size(self, name: str) -> JSON:
        """Raises Invalid for a size it does not have; "" is the first one."""
        found = declared.size_named(self.sizes, name)
        if found is None:
            known = ", ".join(one["name"] for one in self.sizes)
            message = _("There is no such size. Choose one of: %(known)s.") % {"known": known}
            raise Invalid("no_such_size", message, {"size": [message]})
        return found


@transaction.atomic
def create(
    user: Any,
    *,
    width: int | None = None,
    height: int | None = None,
    design: str = "",
    is_demo: bool = False,
    **fields: Any,
) -> ImageTemplate:
    """A new template as version 1. Raises Forbidden, Invalid."""
    policies.require(user, "change_template")
    template = ImageTemplate(author=user, design=design, is_demo=is_demo)
    _set(template, fields, width, height)
    _validate(template)
    history.sign(template, user, "created")
    template.save()
    _keep_version(template)
    _draw_sample(template, user)
    return template


@transaction.atomic
def change(
    template: ImageTemplate,
    user: Any,
    *,
    version: int | None = None,
    width: int | None = None,
    height: int | None = None,
    **fields: Any,
) -> ImageTemplate:
    """Change a template; another picture is another version. `version` is the one that was seen."""
    policies.require(user, "change_template")
    row = ImageTemplate.objects.select_for_update().get(pk=template.pk)
    if version is not None and version != row.version:
        raise Conflict(
            "stale",
            _("Somebody changed this template since you opened it. Reload, then change it again."),
        )
    before = [getattr(row, name) for name in DRAWN]
    _set(row, fields, width, height)
    _validate(row)
    is_other = before != [getattr(row, name) for name in DRAWN]
    row.version += is_other
    history.sign(row, user, "edited")
    row.save()
    if is_other:
        _keep_version(row)
        _draw_sample(row, user)
    return row


@transaction.atomic
def archive(template: ImageTemplate, user: Any, *, archived: bool = True) -> ImageTemplate:
    """Out of the lists; its pictures and its page stay."""
    policies.require(user, "change_template")
    ImageTemplate.objects.filter(pk=template.pk).update(is_archived=archived)
    history.record(template, user, "archived" if archived else "unarchived")
    return template


def designs() -> list[Any]:
    """The starter designs."""
    from threads import gallery

    return list(gallery.designs())


def copy_design(user: Any, slug: str, *, name: str = "", is_demo: bool = False) -> ImageTemplate:
    """A template of one's own from a starter design, labelled in the organisation's language."""
    design = next((one for one in designs() if one.slug == slug), None)
    if design is None:
        message = _("There is no such design.")
        raise Invalid("no_such_design", message, {"slug": [message]})
    with translation.override(Organisation.get().language):
        fields = [{**one, "label": str(one.get("label", ""))} for one in design.fields]
        return create(
            user,
            name=name or str(design.name),
            description=str(design.description)[:300],
            html=design.html,
            css=design.css,
            fields=fields,
            sizes=[dict(one) for one in design.sizes],
            alt_text=str(design.alt_text),
            design=design.slug,
            is_demo=is_demo,
        )


def current(template: ImageTemplate) -> ImageTemplateVersion:
    """Its newest version."""
    return template.versions.get(number=template.version)


def version_of(template: ImageTemplate, number: int | None) -> ImageTemplateVersion:
    """A version by its number, the newest without one. Raises Invalid."""
    found = template.versions.filter(number=number or template.version).first()
    if found is None:
        message = _("This template has no such version.")
        raise Invalid("no_such_version", message, {"version": [message]})
    return found


def source_of(row: ImageTemplate | ImageTemplateVersion) -> Source:
    """What is drawn of a template as it is now, or of a version."""
    return Source(row.html, row.css, row.fields, row.sizes)


def unsaved(html: Any, css: Any, fields: Any, sizes: Any) -> Source:
    """What an editor holds, checked. Raises Invalid naming html, css, fields or sizes."""
    html, css = html or "", css or ""
    cleaned, wrong = declared.clean_fields(fields or [])
    found_sizes, wrong_sizes = declared.clean_sizes(sizes)
    problems: dict[str, list[str]] = {"fields": wrong, "sizes": wrong_sizes}
    source = Source(html, css, cleaned, found_sizes)
    # Without its fields every name in it would be undeclared.
    if not wrong:
        for name, told in code_problems(source).items():
            problems.setdefault(name, []).extend(told)
        problems["fields"] = _bad_defaults(cleaned)
    problems = {name: told for name, told in problems.items() if told}
    if problems:
        first = next(iter(problems.values()))[0]
        raise Invalid("bad_template", first, problems)
    return source


def code_problems(source: Source) -> dict[str, list[str]]:
    """Sentences by "html", "css" or "fields": what may not stand there, and what to do."""
    if not source.html.strip():
        return {"html": [_("A template needs HTML.")]}
    problems: dict[str, list[str]] = {}
    for problem in _problems(source.html, source.css, json.dumps(source.fields)):
        problems.setdefault(sentences.place(problem), []).append(sentences.sentence(problem))
    return problems


@lru_cache(maxsize=64)
def _problems(html: str, css: str, fields: str) -> tuple[rendering.TemplateProblem, ...]:
    """A bulk run asks the same of each of its rows."""
    return tuple(rendering.problems(html, css, json.loads(fields)))


def require_drawable(source: Source) -> None:
    """Raise Invalid for what may not be drawn: rules may be stricter than when it was saved."""
    problems = code_problems(source)
    if problems:
        raise Invalid("bad_template", next(iter(problems.values()))[0], problems)


# -- helpers ---------------------------------------------------------------------------------


def _set(
    template: ImageTemplate, fields: Mapping[str, Any], width: int | None, height: int | None
) -> None:
    unknown = set(fields) - set(PLAIN)
    if unknown:
        raise TypeError(f"unknown fields: {sorted(unknown)}")
    for name, value in fields.items():
        setattr(template, name, value)
    _set_size(template, "sizes" in fields, width, height)


def _set_size(
    template: ImageTemplate, has_sizes: bool, width: int | None, height: int | None
) -> None:
    """Pixels alone are the first size; with sizes they have to be those of the first one."""
    first = template.sizes[0] if isinstance(template.sizes, list) and template.sizes else {}
    if not isinstance(first, dict):
        first = {}
    wanted = (width or first.get("width") or 1080, height or first.get("height") or 1080)
    if has_sizes and template.sizes:
        if wanted != (first.get("width"), first.get("height")) and (width or height):
            message = _("Width and height are those of the first size.")
            raise Invalid("sizes_differ", message, {"sizes": [message]})
        return
    if wanted != (first.get("width"), first.get("height")):
        others = [one for one in template.sizes[1:] if isinstance(one, dict)]
        size = declared.size(*wanted)
        template.sizes = [size, *(one for one in others if one["name"] != size["name"])]


def _validate(template: ImageTemplate) -> None:
    problems: dict[str, list[str]] = {}
    try:
        source = unsaved(template.html, template.css, template.fields, template.sizes)
    except Invalid as exc:
        problems.update(exc.fields)
    else:
        template.fields, template.sizes = list(source.fields), list(source.sizes)
        template.width, template.height = (source.sizes[0][key] for key in ("width", "height"))
        unknown = wording.unknown(template.alt_text, names(source.fields))
        if unknown:
            message = _("There is no field “%(name)s”.") % {"name": unknown[0]}
            problems["alt_text"] = [message]
    try:
        template.clean_fields(exclude=["author", "sample", *DRAWN])
    except ValidationError as exc:
        problems.update({name: list(told) for name, told in exc.message_dict.items()})
    if problems:
        raise Invalid("bad_template", str(next(iter(problems.values()))[0]), problems)


def names(fields: Sequence[JSON]) -> list[str]:
    """What stands for something in a text about a picture of this template."""
    notes = [one["name"] + declared.NOTE for one in fields if one["type"] == "price"]
    return [*(one["name"] for one in fields), *notes]


def _bad_defaults(fields: Sequence[JSON]) -> list[str]:
    """A default that would be refused as a value is refused here."""
    wrong = []
    for one in fields:
        if values.is_empty(one["default"]):
            continue
        if one["type"] == "image":
            why: str | None = _("A picture has no default.")
        else:
            language = Organisation.get().language
            found = values.check([one], {one["name"]: one["default"]}, None, language, media={})
            why = found[1].get(one["name"])
        if why:
            told = {"field": one["name"], "why": why}
            wrong.append(_("The default of %(field)s: %(why)s") % told)
    return wrong


def _keep_version(template: ImageTemplate) -> None:
    ImageTemplateVersion.objects.create(
        template=template,
        number=template.version,
        **{name: getattr(template, name) for name in DRAWN},
    )


def _draw_sample(template: ImageTemplate, user: Any) -> None:
    from threads.services.pictures import jobs

    jobs.start_sample(user, template)
