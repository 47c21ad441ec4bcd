"""Posts and comments as Graph shows them: only the fields that were asked for."""

from __future__ import annotations

from typing import Any

from socialhub.tests.support.standin.kit import JSON
from socialhub.tests.support.standins.facebook.state import State
from socialhub.tests.support.standins.graph import Field
from socialhub.tests.support.standins.meta_containers import error, nonexisting

# Names that exist in November 2026; post_impressions and its relatives are gone.
METRICS = {
    "post_media_view",
    "post_total_media_view_unique",
    "post_clicks",
    "post_reactions_by_type_total",
}
ON_POST = {
    "id",
    "message",
    "created_time",
    "permalink_url",
    "from",
    "attachments",
    "shares",
    "reactions",
    "comments",
    "insights",
}
ON_COMMENT = {
    "id",
    "message",
    "created_time",
    "permalink_url",
    "from",
    "parent",
    "attachment",
    "can_comment",
    "like_count",
    "comment_count",
    "comments",
}


def shown(state: State, one: JSON, fields: dict[str, Field]) -> JSON:
    is_comment = bool(one["parent_id"])
    for name in fields:
        if name not in (ON_COMMENT if is_comment else ON_POST):
            raise nonexisting(name, "Comment" if is_comment else "Post")
    held = {"id": one["id"]}
    for name, field in fields.items():
        value = _value(state, one, name, field)
        if value is not None:
            held[name] = value
    return held


def _value(state: State, one: JSON, name: str, field: Field) -> Any:
    numbers = state.numbers.get(one["id"], {})
    if name in ("reactions", "comments"):
        return _edge(state, one, name, field)
    if name == "insights":
        return {"data": insights(state, one, field.modifiers["metric"].split(","))}
    simple: JSON = {
        "id": one["id"],
        "message": one["text"] or None,
        "created_time": stamp(one),
        "permalink_url": f"https://www.facebook.com/{one['id']}",
        "from": _author(state, one),
        "shares": {"count": numbers["shares"]} if numbers.get("shares") else None,
        "attachments": {"data": [_attachment(one)]} if one["media"] else None,
        "attachment": _attachment(one) if one["media"] else None,
        "like_count": numbers.get("likes", 0),
        "comment_count": len(state.under(one)),
        "can_comment": state.depth(one) < 2,
        "parent": {"id": one["parent_id"]} if state.depth(one) > 1 else None,
    }
    return simple[name]


def _edge(state: State, one: JSON, name: str, field: Field) -> JSON:
    """A list with its total, where "summary" asks for it."""
    if name == "reactions":
        rows, total = [], state.numbers.get(one["id"], {}).get("likes", 0)
    else:
        rows = listed(state, one, field.modifiers)
        total = len(rows)
    said = page([shown(state, row, field.inner) for row in rows], field.modifiers)
    if "summary" in field.modifiers:
        said["summary"] = {"total_count": total}
    return said


def listed(state: State, one: JSON, modifiers: JSON) -> list[JSON]:
    """Comments, filtered and ordered as asked."""
    rows = state.stream(one) if modifiers.get("filter") == "stream" else state.under(one)
    return rows[::-1] if modifiers.get("order") == "reverse_chronological" else rows


def page(rows: list[JSON], given: JSON) -> JSON:
    start, size = int(given.get("after") or 0), min(int(given.get("limit", 25)), 100)
    end = start + size
    said: JSON = {"data": rows[start:end]}
    if said["data"]:
        said["paging"] = {"cursors": {"before": str(start), "after": str(end)}}
        if end < len(rows):
            said["paging"]["next"] = "https://graph.facebook.com/next"
    return said


def insights(state: State, one: JSON, names: list[str]) -> list[JSON]:
    valid = METRICS - set(state.mode["gone_metrics"])
    if any(name not in valid for name in names):
        raise error(400, 100, "(#100) The value must be a valid insights metric")
    if state.mode["fans"] < 100 or state.mode["insights"] == "empty":
        return []
    numbers = state.numbers.get(one["id"], {})
    return [
        {"name": name, "period": "lifetime", "values": [{"value": numbers.get(name, 0)}]}
        for name in names
    ]


def _author(state: State, one: JSON) -> JSON | None:
    if one.get("hidden_author"):
        return None
    return {"id": state.id_of(one["account"]), "name": one["account"].title()}


def _attachment(one: JSON) -> JSON:
    parts = [{"target": {"id": photo["id"]}} for photo in one["media"]]
    return (
        parts[0] if len(parts) == 1 else {"target": {"id": "0"}, "subattachments": {"data": parts}}
    )


def stamp(one: JSON) -> str:
    return str(one["created_at"]).partition(".")[0] + "+0000"
