"""What a server says about itself, and what follows for drafts.

https://docs.joinmastodon.org/entities/Instance/ and, before 4.0 and on some other software,
https://docs.joinmastodon.org/entities/V1_Instance/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from socialhub.platforms import wire
from socialhub.platforms.base import JSON, Capabilities
from socialhub.platforms.errors import (
    AuthRevoked,
    InvalidContent,
    NotFound,
    PermissionDenied,
    Unavailable,
)
from socialhub.platforms.mastodon.client import Server

# Image formats we can make or pass on.
MIMES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})

DEFAULTS = Capabilities(
    text_limit=500,
    text_unit="graphemes",
    link_length=23,
    max_images=4,
    image_max_bytes=8_000_000,
    image_mimes=MIMES,
    alt_text_limit=1_500,
    metrics=frozenset({"likes", "comments", "shares", "replies"}),
    reports_audience=True,
    repeat="look",
    # Mastodon's RateLimiter: 300 statuses in 3 hours.
    write_budget=((300, 10_800),),
    # Mastodon refuses more than 20 ids (Api::BaseController::DEFAULT_STATUSES_LIMIT).
    metrics_batch=20,
    counts_own_replies=True,
    unsupported={"video": "SocialHub does not send videos to Mastodon yet"},
)

# Server's name of a limit → field of Capabilities.
FROM_SERVER = {
    "max_characters": "text_limit",
    "characters_reserved_per_url": "link_length",
    "max_media_attachments": "max_images",
    "image_size_limit": "image_max_bytes",
    "description_limit": "alt_text_limit",
}
# What a person may set for an account; wins over the server.
OVERRIDES = frozenset(field.name for field in fields(Capabilities)) - {
    "unsupported",
    "repeat",
    "write_budget",
}
SETS = frozenset({"content_types", "image_mimes", "metrics"})


def learn(server: Server) -> JSON:
    """Options of a server: limits, version, host name, quotes.

    Raises NotFound when what answers there is no Mastodon-compatible server.
    """
    for path in ("/api/v2/instance", "/api/v1/instance"):
        said = _instance(server, path)
        if said is not None:
            return options_of(said)
    raise NotFound("no Mastodon-compatible server answers at this address")


def _instance(server: Server, path: str) -> JSON | None:
    try:
        answer = server.get(path)
        said = wire.body(answer)
    except Unavailable as exc:
        # Something answers, but with a redirect or with a web page: not this kind of server.
        if (exc.http_status or 500) < 400:
            return None
        raise
    except (AuthRevoked, InvalidContent, NotFound, PermissionDenied):
        return None
    return said if isinstance(said, dict) and "version" in said else None


def options_of(said: JSON) -> JSON:
    """Options from an Instance (v2) or a V1::Instance; what is not said is absent."""
    configuration = _part(said, "configuration")
    statuses = _part(configuration, "statuses")
    media = _part(configuration, "media_attachments")
    mimes = media.get("supported_mime_types")
    found = {
        "version": str(said["version"]),
        # v1 calls it uri, and some software puts a URL there.
        "domain": str(said.get("domain") or said.get("uri") or "").split("://")[-1].strip("/"),
        "max_characters": _whole(statuses.get("max_characters") or said.get("max_toot_chars")),
        "characters_reserved_per_url": _whole(statuses.get("characters_reserved_per_url")),
        "max_media_attachments": _whole(statuses.get("max_media_attachments")),
        "image_size_limit": _whole(media.get("image_size_limit")),
        "image_matrix_limit": _whole(media.get("image_matrix_limit")),
        "description_limit": _whole(media.get("description_limit")),
        "supported_mime_types": mimes if isinstance(mimes, list) else None,
        # Quotes exist from API version 7 (Mastodon 4.5).
        "quotes_supported": (_whole(_part(said, "api_versions").get("mastodon")) or 0) >= 7,
    }
    return {key: value for key, value in found.items() if value is not None}


def _part(said: Mapping[str, Any], name: str) -> JSON:
    value = said.get(name)
    return value if isinstance(value, dict) else {}


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def capabilities(options: Mapping[str, Any]) -> Capabilities:
    """Defaults, then what the server said, then what a person set for the account."""
    changes: JSON = {
        field: options[name] for name, field in FROM_SERVER.items() if options.get(name)
    }
    mimes = MIMES & frozenset(options.get("supported_mime_types") or MIMES)
    if mimes:
        changes["image_mimes"] = mimes
    if options.get("quotes_supported"):
        changes["metrics"] = DEFAULTS.metrics | {"quotes"}
    for name in OVERRIDES & options.keys():
        if options[name] is not None:
            changes[name] = frozenset(options[name]) if name in SETS else options[name]
    return replace(DEFAULTS, **changes)
