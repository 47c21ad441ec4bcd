#!/usr/bin/env python
"""Write the tables of docs/networks.md from what the adapters declare.

    python contrib/networks.py           rewrite them
    python contrib/networks.py --check   exit 1 when they are not what the adapters say

Text outside the marks is by hand, as are the networks' own names of counters below: a name for a
counter that is not declared, or none for one that is, ends this with an error.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from django.conf import settings  # noqa: E402

# Adapters mark texts for translation; here they stay English.
settings.configure(USE_I18N=False)

from socialhub.platforms.base import COUNTERS, Capabilities, PlatformAdapter  # noqa: E402
from socialhub.platforms.registry import ADAPTERS  # noqa: E402

PAGE = ROOT / "docs" / "networks.md"
BEGIN, END = "<!-- from the adapters: {} -->", "<!-- end -->"
UNITS = {
    "graphemes": "characters as people see them",
    "characters": "Unicode characters",
    "utf16": "UTF-16 units",
    "weighted": "X's weights (CJK and emoji 2)",
    "emoji_bytes": "characters, emoji by their UTF-8 bytes",
}
REPEAT = {
    "idempotent": "yes; a repeat makes no second post",
    "look": "yes, by its list of posts",
    "blind": "no: a person is asked",
}
SERIES = {"comments": "own comments", "numbered": "numbered posts"}
# What each network calls a counter.
NAMES: dict[str, dict[str, str]] = {
    "bluesky": {
        "likes": "likeCount",
        "comments": "replyCount",
        "shares": "repostCount + quoteCount",
        "saves": "bookmarkCount",
        "replies": "replyCount",
        "quotes": "quoteCount",
    },
    "facebook": {
        "likes": "reactions",
        "comments": "comments",
        "shares": "shares",
        "impressions": "post_media_view",
        "reach": "post_total_media_view_unique",
        "clicks": "post_clicks",
    },
    "instagram": {
        "likes": "likes",
        "comments": "comments",
        "shares": "shares",
        "impressions": "views",
        "reach": "reach",
        "saves": "saved",
    },
    "linkedin": {
        "likes": "likeCount",
        "comments": "commentCount",
        "shares": "shareCount",
        "impressions": "impressionCount",
        "reach": "uniqueImpressionsCount",
        "clicks": "clickCount",
    },
    "mastodon": {
        "likes": "favourites_count",
        "comments": "replies_count",
        "shares": "reblogs_count",
        "replies": "replies_count",
    },
    "meta_threads": {
        "likes": "likes",
        "comments": "replies",
        "shares": "reposts + quotes + shares",
        "impressions": "views",
        "replies": "replies",
        "quotes": "quotes",
    },
    "telegram": {"likes": "message_reaction_count"},
    "x": {
        "likes": "like_count",
        "comments": "reply_count",
        "shares": "retweet_count + quote_count",
        "impressions": "impression_count",
        "saves": "bookmark_count",
        "clicks": "url_link_clicks",
        "replies": "reply_count",
        "quotes": "quote_count",
    },
}


def networks() -> list[PlatformAdapter]:
    """Every real network by name."""
    real = [adapter for adapter in ADAPTERS.values() if not adapter.is_pretend]
    return sorted(real, key=lambda adapter: adapter.name.lower())


def texts() -> str:
    rows = [("network", "text", "counted in", "a link counts", "hashtags, mentions, links")]
    for adapter in networks():
        caps = adapter.capabilities
        limit = f"{caps.text_limit:,}"
        if caps.byte_limit:
            limit += f" and {caps.byte_limit:,} bytes"
        if caps.caption_limit:
            limit += f", {caps.caption_limit:,} with images"
        link = "as written" if caps.link_length is None else str(caps.link_length)
        rows.append((adapter.name, limit, UNITS[caps.text_unit], link, _most(caps)))
    return grid(rows)


def _most(caps: Capabilities) -> str:
    most = {
        "hashtags": caps.max_hashtags,
        "mentions": caps.max_mentions,
        "links": caps.max_links,
        "cashtags": caps.max_cashtags,
    }
    named = [f"{count} {what}" for what, count in most.items() if count is not None]
    return f"at most {', '.join(named)}" if named else "no limit"


def images() -> str:
    rows = [("network", "images", "each up to", "types", "shape", "in answers and own comments")]
    for adapter in networks():
        caps = adapter.capabilities
        most = str(caps.max_images) + (", at least 1" if caps.requires_media else "")
        mimes = ", ".join(sorted(m.removeprefix("image/").upper() for m in caps.image_mimes))
        shape = "any"
        if caps.image_ratios is not None:
            shape = f"{caps.image_ratios[0]:g} to {caps.image_ratios[1]:g} (width / height)"
        inside = caps.max_images if caps.max_images_in_reply is None else caps.max_images_in_reply
        size = f"{caps.image_max_bytes / 1_000_000:g} MB"
        if caps.fetches_media:
            shape += "; fetched from your public address"
        rows.append((adapter.name, most, size, mimes, shape, str(inside)))
    return grid(rows)


def conversations() -> str:
    rows = [("network", "series", "answering", "comments are read", "look after a lost answer")]
    for adapter in networks():
        caps = adapter.capabilities
        order = [SERIES[name] for name in SERIES if name in caps.thread_substitutes]
        series = "replies" if caps.threads else " or ".join(order) or "none"
        rows.append(
            (
                adapter.name,
                series,
                "yes" if caps.replies else "switched off (see below)",
                "yes" if caps.interactions else "no",
                REPEAT[caps.repeat],
            )
        )
    return grid(rows)


def counters() -> str:
    rows = [("network", *COUNTERS)]
    for adapter in networks():
        named, declared = NAMES.get(adapter.slug, {}), adapter.capabilities.metrics
        if set(named) != declared:
            differ = sorted(set(named) ^ declared)
            raise SystemExit(f"contrib/networks.py: counters of {adapter.slug}: {differ}")
        rows.append((adapter.name, *(named.get(counter, "–") for counter in COUNTERS)))
    return grid(rows)


def accounts() -> str:
    rows = [("network", "connects by", "login is renewed", "followers", "writing costs", "reading")]
    for adapter in networks():
        caps = adapter.capabilities
        by = "a browser (OAuth)" if "oauth" in adapter.connect_by else ""
        secret = adapter.secret_label if "secret" in adapter.connect_by else ""
        renewed = "when refused"
        if adapter.refresh_before is not None:
            hours = adapter.refresh_before.total_seconds() / 3600
            early = f"{hours / 24:g} days" if hours >= 24 else f"{hours * 60:g} minutes"
            renewed = f"{early} before its end"
        elif type(adapter).refresh is PlatformAdapter.refresh:
            renewed = "has no end"
        reading = f"${caps.read_price_usd} per post and day" if caps.read_price_usd else "free"
        rows.append(
            (
                adapter.name,
                " or ".join(filter(None, [by, secret])),
                renewed,
                "yes" if caps.reports_audience else "no",
                _prices(caps),
                reading,
            )
        )
    return grid(rows)


def _prices(caps: Capabilities) -> str:
    if caps.prices is None:
        return "nothing"
    names = {"post": "post", "post_with_link": "with a link", "reply": "reply"}
    per = [f"{text} ${caps.prices.per[kind]}" for kind, text in names.items()]
    return f"{', '.join(per)} ({caps.prices.as_of:%Y-%m-%d})"


def unsupported() -> str:
    rows = [("network", "what", "why")]
    for adapter in networks():
        for what, why in sorted(adapter.capabilities.unsupported.items()):
            rows.append((adapter.name, what, str(why)))
    return grid(rows)


def grid(rows: list[tuple[str, ...]]) -> str:
    head, *lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([head, f"|{'---|' * len(rows[0])}", *lines])


TABLES = {
    "texts": texts,
    "images": images,
    "conversations": conversations,
    "counters": counters,
    "accounts": accounts,
    "unsupported": unsupported,
}


def renewed(page: str) -> str:
    """The page with its tables as the adapters make them now."""
    for name, make in TABLES.items():
        begin = BEGIN.format(name)
        before, found, rest = page.partition(begin)
        if not found or END not in rest:
            raise SystemExit(f"docs/networks.md has no place for {name}")
        after = rest.partition(END)[2]
        page = f"{before}{begin}\n{make()}\n{END}{after}"
    return page


def main() -> int:
    page = PAGE.read_text(encoding="utf-8")
    made = renewed(page)
    if "--check" in sys.argv[1:]:
        if made != page:
            print("docs/networks.md is not what the adapters say: ./run.sh networks")
        return int(made != page)
    PAGE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
