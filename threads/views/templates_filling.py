"""The blanks of a template as a form: what stands in them, what was typed, what fills them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from socialhub import registries
from socialhub.models import Account, MediaAsset
from socialhub.registries import DataItem
from socialhub.services.errors import Invalid
from threads.models import ImageTemplate
from threads.services.pictures import binding
from threads.views.templates_typed import as_text

JSON = dict[str, Any]
SHELF = 12
FOUND = 8
# Width by height that each network shows whole in its feed; square where nothing is known.
SHAPES = {"instagram": 4 / 5, "facebook": 4 / 5, "linkedin": 1200 / 630, "x": 16 / 9}
TAX = {"": None, "true": True, "false": False}


@dataclass(slots=True)
class Blank:
    """One field of the form. `key` is its name in the request."""

    key: str
    name: str
    label: str
    type: str
    required: bool
    max_length: int | None
    value: str = ""
    # Of a price.
    currency: str = ""
    tax: str = ""
    # Of a picture: what can be chosen.
    shelf: list[MediaAsset] = field(default_factory=list)
    error: str = ""


def blanks(
    fields: Sequence[JSON],
    data: Mapping[str, Any],
    place: str,
    user: Any,
    errors: Mapping[str, str] | None = None,
) -> list[Blank]:
    """The form for these fields, with what `data` has."""
    found = []
    chosen = [int(data[one["name"]]) for one in fields if _is_picture(one, data)]
    shelf = pictures(user, chosen) if any(one["type"] == "image" for one in fields) else []
    for one in fields:
        value = data.get(one["name"], "")
        blank = Blank(
            key=f"{place}-{one['name']}",
            name=one["name"],
            label=one["label"],
            type=one["type"],
            required=one["required"],
            max_length=one["max_length"],
            value=as_text(value),
            error=(errors or {}).get(one["name"], ""),
            shelf=shelf if one["type"] == "image" else [],
        )
        if one["type"] == "price" and isinstance(value, Mapping):
            blank.value = as_text(value.get("amount"))
            blank.currency = as_text(value.get("currency"))
            told = {True: "true", False: "false"}
            blank.tax = told.get(value.get("tax_included"), "")  # type: ignore[arg-type]
        found.append(blank)
    return found


def _is_picture(one: JSON, data: Mapping[str, Any]) -> bool:
    return one["type"] == "image" and str(data.get(one["name"], "")).isdecimal()


def pictures(user: Any, chosen: Sequence[int] = ()) -> list[MediaAsset]:
    """The newest pictures this person sees, after those that are chosen."""
    rows = MediaAsset.objects.visible_to(user).filter(mime__startswith="image/")
    first = rows.in_bulk(list(chosen))
    # Pictures of templates are no photographs to put into one.
    others = rows.exclude(
        pk__in=ImageTemplate.objects.filter(sample__isnull=False).values("sample")
    )
    newest = others.exclude(pk__in=first).order_by("-created_at", "-pk")[:SHELF]
    return [*(first[pk] for pk in dict.fromkeys(chosen) if pk in first), *newest]


def typed(fields: Sequence[JSON], sent: Any, place: str) -> JSON:
    """The values in the form, as services take them; empty ones are absent."""
    found: JSON = {}
    for one in fields:
        key = f"{place}-{one['name']}"
        value: Any = sent.get(key, "").replace("\r\n", "\n")
        if not value.strip():
            continue
        if one["type"] == "price":
            value = {
                "amount": value.strip(),
                "currency": sent.get(f"{key}-currency", "").strip(),
                "tax_included": TAX.get(sent.get(f"{key}-tax", "")),
            }
        elif one["type"] == "lines":
            value = value.split("\n")
        found[one["name"]] = value
    return found


# -- what fills them by itself -----------------------------------------------------------------


def bound(fields: Sequence[JSON], chosen: str, user: Any) -> JSON:
    """Values of "product:12" for the fields of these names; {} when it is not there."""
    name, _colon, key = chosen.partition(":")
    try:
        return binding.values_of(fields, name, binding.item(name, key, user))
    except Invalid:
        return {}


def of_text(fields: Sequence[JSON], text: str, link: str, media: int | None) -> JSON:
    """Values of a post that is being written."""
    lines = [line.strip() for line in text.strip().splitlines()]
    title = lines[0] if lines else ""
    rest = "\n".join(lines[1:]).strip()
    values = {"title": title, "text": rest or title, "url": link, "image": media}
    return binding.values_of(fields, "post", DataItem("", "", values)) if title else {}


def search(user: Any, source_name: str, words: str) -> list[dict[str, str]]:
    """What a source has for these words."""
    source = registries.data_source(source_name)
    if source is None:
        return []
    items = source.find(user, words, FOUND)
    return [{"value": f"{source.name}:{item.key}", "label": item.label} for item in items]


# -- size --------------------------------------------------------------------------------------


def recommended(template: ImageTemplate, account_ids: Sequence[str], user: Any) -> str:
    """Name of the size that suits the chosen accounts; "" when no account is chosen."""
    ids = [int(pk) for pk in account_ids if pk.isdecimal() and len(pk) < 19]
    rows = Account.objects.visible_to(user).filter(pk__in=ids) if ids else []
    shapes = [SHAPES.get(account.platform, 1.0) for account in rows]
    if not shapes or not template.sizes:
        return ""
    # A picture for several networks: the one that is cut least by any of them.
    best = min(template.sizes, key=lambda one: max(_cut(one, shape) for shape in shapes))
    return str(best["name"])


def _cut(size: JSON, shape: float) -> float:
    """Share of the picture that is lost in this shape."""
    own = size["width"] / size["height"]
    return 1 - min(own, shape) / max(own, shape)
