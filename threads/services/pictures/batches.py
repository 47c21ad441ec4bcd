"""Bulk: a table or a list of products in, a picture and a draft from each row out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from socialhub import policies
from socialhub.models import Account, Campaign, MediaAsset, Organisation
from socialhub.services import posts
from socialhub.services.errors import Invalid
from threads.models import ImageBatch, ImageBatchRow, ImageTemplate, RowState
from threads.models.batches import MOST_ROWS
from threads.services.pictures import binding, tables, templates, values, wording
from threads.services.pictures.jobs import language_or_default
from threads.services.pictures.running import prune, retry, revive, start
from threads.services.pictures.tables import MOST_BYTES
from threads.services.pictures.templates import Source

__all__ = ["MOST_BYTES", "Wanted", "from_csv", "from_items", "prune", "retry", "revive", "start"]

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be made of each row."""

    size: str = ""
    # Both with names in them: "{{ title }}, {{ price }}". Without `post_text` and accounts there
    # are pictures only.
    alt_text: str = ""
    post_text: str = ""
    accounts: tuple[Account, ...] = ()
    campaign: Campaign | None = None
    language: str | None = None

    @property
    def makes_posts(self) -> bool:
        return bool(self.post_text.strip() or self.accounts)


@dataclass(slots=True)
class _Row:
    """A row on its way in: values by field, texts by name, what was wrong so far."""

    values: JSON
    texts: dict[str, Any]
    errors: dict[str, str]
    about: str = ""


@transaction.atomic
def from_csv(
    user: Any,
    template: ImageTemplate,
    content: bytes,
    wanted: Wanted,
    *,
    mapping: Mapping[str, str] | None = None,
) -> ImageBatch:
    """Read and check a file. The rows of the batch say what is wrong; nothing is made yet.

    Columns that are no field may be used in the texts. Raises Forbidden, Invalid.
    """
    table = tables.read(content)
    chosen = tables.mapped(template.fields, table.columns, mapping or {})
    rows = []
    for place, cells in enumerate(table.rows, 1):
        given = {name: cells[column] for name, column in chosen.items()}
        broken = table.broken.get(place)
        rows.append(_Row(given, dict(cells), {"": broken} if broken else {}))
    _name_pictures(user, template.fields, rows)
    return _checked(user, template, "csv", wanted, rows, table.columns)


@transaction.atomic
def from_items(
    user: Any, template: ImageTemplate, source: str, keys: Sequence[str], wanted: Wanted
) -> ImageBatch:
    """The same for items of a source (products). Raises Forbidden, Invalid."""
    if not keys or len(keys) > MOST_ROWS:
        message = _("Choose 1 to %(most)s.") % {"most": MOST_ROWS}
        raise Invalid("bad_count", message, {"ids": [message]})
    rows, names = [], set[str]()
    for key in dict.fromkeys(keys):
        item = binding.item(source, key, user)
        given = binding.values_of(template.fields, source, item)
        texts = {name: "" if value is None else value for name, value in item.values.items()}
        names |= set(texts)
        rows.append(_Row(given, texts, {}, about=f"{source}:{item.key}"))
    return _checked(user, template, source, wanted, rows, sorted(names))


def _name_pictures(user: Any, fields: Sequence[JSON], rows: Sequence[_Row]) -> None:
    """A picture in a table is an id or the name of an uploaded file."""
    images = [one["name"] for one in fields if one["type"] == "image"]
    named = {row.values.get(name) for row in rows for name in images} - {None, ""}
    named = {told for told in named if values.media_id(told) is None}
    if not named:
        return
    seen = MediaAsset.objects.all() if user is None else MediaAsset.objects.visible_to(user)
    # The newest of that name is the last one here.
    found = dict(seen.filter(name__in=named).order_by("pk").values_list("name", "pk"))
    for row in rows:
        for name in images:
            given = row.values.get(name, "")
            row.values[name] = found.get(given, given)


# -- checking --------------------------------------------------------------------------------


def _checked(
    user: Any,
    template: ImageTemplate,
    source_name: str,
    wanted: Wanted,
    rows: Sequence[_Row],
    columns: Iterable[str],
) -> ImageBatch:
    policies.require(user, "render_template")
    version = templates.current(template)
    source = templates.source_of(version)
    templates.require_drawable(source)
    _check_wanted(user, wanted, source, columns)
    language = language_or_default(wanted.language)
    batch = ImageBatch.objects.create(
        version=version,
        size=source.size(wanted.size)["name"],
        source=source_name,
        alt_text=wanted.alt_text,
        post_text=wanted.post_text,
        language=language,
        campaign=wanted.campaign,
        owner=user,
    )
    batch.accounts.set(wanted.accounts)
    media, currency = _media(user, source.fields, rows), Organisation.get().currency
    ImageBatchRow.objects.bulk_create(
        _row(batch, place, row, source, wanted, user, media, currency)
        for place, row in enumerate(rows, 1)
    )
    return batch


def _check_wanted(user: Any, wanted: Wanted, source: Source, columns: Iterable[str]) -> None:
    source.size(wanted.size)
    if not wanted.alt_text.strip():
        message = _("Say what the pictures show, for people who cannot see them.")
        raise Invalid("alt_text_missing", message, {"alt_text": [message]})
    most = ImageBatch._meta.get_field("alt_text").max_length or 0
    if len(wanted.alt_text) > most:
        message = _("The alt text is longer than %(limit)s characters.") % {"limit": most}
        raise Invalid("alt_text_too_long", message, {"alt_text": [message]})
    known = {*templates.names(source.fields), *columns}
    for name in ("alt_text", "post_text"):
        unknown = wording.unknown(getattr(wanted, name), known)
        if unknown:
            message = _("There is no field or column “%(name)s”.") % {"name": unknown[0]}
            raise Invalid("unknown_name", message, {name: [message]})
    if wanted.makes_posts:
        policies.require(user, "write_post")
    if user is not None and wanted.accounts:
        ids = [account.pk for account in wanted.accounts]
        if Account.objects.visible_to(user).filter(pk__in=ids).count() < len(set(ids)):
            message = _("One of the accounts does not exist.")
            raise Invalid("no_such_account", message, {"accounts": [message]})


def _media(user: Any, fields: Sequence[JSON], rows: Sequence[_Row]) -> dict[int, MediaAsset]:
    """Every picture the rows name and this person may use, in one query."""
    images = [one["name"] for one in fields if one["type"] == "image"]
    given = (values.media_id(row.values.get(name)) for row in rows for name in images)
    return values.visible(user, {pk for pk in given if pk is not None})


def _row(
    batch: ImageBatch,
    place: int,
    row: _Row,
    source: Source,
    wanted: Wanted,
    user: Any,
    media: Mapping[int, MediaAsset],
    currency: str,
) -> ImageBatchRow:
    found, wrong = values.check(
        source.fields, row.values, user, batch.language, media=media, currency=currency
    )
    errors = {**row.errors, **wrong}
    told = {**row.texts, **found.shown}
    texts = {
        name: wording.filled(getattr(wanted, name), told) for name in ("alt_text", "post_text")
    }
    if not errors:
        errors = _text_problems(texts, wanted)
    return ImageBatchRow(
        batch=batch,
        position=place,
        data={
            # What was typed is shown beside what is wrong with it.
            "values": row.values if wrong else found.data,
            **texts,
            "about": row.about,
        },
        state=RowState.FAILED if errors else RowState.WAITING,
        errors=errors,
    )


def _text_problems(texts: Mapping[str, str], wanted: Wanted) -> dict[str, str]:
    problems = {}
    if not texts["alt_text"]:
        problems["alt_text"] = _("Nothing is left of the alt text in this row.")
    most = MediaAsset._meta.get_field("alt_text").max_length or 0
    if len(texts["alt_text"]) > most:
        message = _("The alt text is longer than %(limit)s characters.") % {"limit": most}
        problems["alt_text"] = message
    for one in posts.count(texts["post_text"], wanted.accounts) if wanted.accounts else ():
        if not one["ok"]:
            account = next(a for a in wanted.accounts if a.pk == one["account"])
            problems["post_text"] = f"{account}: {_told(one)}"
            break
    return problems


def _told(count: Mapping[str, Any]) -> str:
    return " ".join(str(one) for one in count["problems"])
