"""The networks: one port each, counters of any post after 200 ms."""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

LATENCY = 0.2
# Posts per request, as the networks' own documentation says.
LARGEST = {"x": 100, "facebook": 50, "linkedin": 20, "bluesky": 25, "mastodon": 20}
LISTED = re.compile(r"(?:shares|ugcPosts)=List\(([^)]*)\)")
INSIGHTS = re.compile(r"/v[\d.]+/([^/]+)/insights")
OBJECT = re.compile(r"/v[\d.]+/([^/]+)")


class Networks:
    """All servers, what they were asked, and how often too much was asked at once."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.calls: Counter[str] = Counter()
        self.too_large = 0
        self._lock = threading.Lock()
        self.servers = {name: self._serve(name) for name in names}

    def urls(self) -> dict[str, str]:
        return {n: f"http://127.0.0.1:{s.server_address[1]}" for n, s in self.servers.items()}

    def close(self) -> None:
        for server in self.servers.values():
            server.shutdown()

    def counted(self, network: str, size: int) -> bool:
        """Note a request for so many posts. False: more than the network takes."""
        fits = size <= LARGEST.get(network, 1)
        with self._lock:
            self.calls[network] += 1
            self.too_large += not fits
        return fits

    def _serve(self, name: str) -> ThreadingHTTPServer:
        networks = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                ids, body = answer(name, self.path)
                time.sleep(LATENCY)
                status = 200 if networks.counted(name, len(ids)) else 400
                payload = json.dumps(body if status == 200 else {"error": "too many"}).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            def log_message(self, format: str, *args: Any) -> None:
                """Silent."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server


def answer(network: str, path: str) -> tuple[list[str], Any]:
    """The posts a request is about, and what the network says of them."""
    parts = urlsplit(path)
    query = parse_qs(parts.query)
    number = int(time.monotonic()) % 1000
    if network == "x":
        ids = query["ids"][0].split(",")
        fields = query.get("tweet.fields", [""])[0]
        return ids, {"data": [_tweet(one, number, "non_public" in fields) for one in ids]}
    if network == "bluesky":
        return query["uris"], {"posts": [_bluesky(one, number) for one in query["uris"]]}
    if network == "mastodon":
        return query["id[]"], [_mastodon(one, number) for one in query["id[]"]]
    if network == "linkedin":
        listed = LISTED.search(parts.query)
        ids = [unquote(one) for one in listed[1].split(",")] if listed else []
        return ids, {"elements": [_linkedin(one, number) for one in ids]}
    return _graph(network, parts.path, query, number)


def _graph(network: str, path: str, query: dict[str, list[str]], n: int) -> tuple[list[str], Any]:
    """Facebook asks for many at once, Instagram and Threads for one."""
    if "ids" in query:
        ids = query["ids"][0].split(",")
        return ids, {one: _page_post(one, n) for one in ids}
    if found := INSIGHTS.fullmatch(path):
        return [found[1]], {"data": [_insight(one, n) for one in query["metric"][0].split(",")]}
    found = OBJECT.fullmatch(path)
    assert found, path
    return [found[1]], {"id": found[1], "like_count": n, "comments_count": n}


def _tweet(one: str, n: int, private: bool) -> dict[str, Any]:
    names = ("like", "reply", "retweet", "quote", "bookmark", "impression")
    said: dict[str, Any] = {
        "id": one,
        "text": "x",
        "public_metrics": {f"{k}_count": n for k in names},
    }
    if private:
        said["non_public_metrics"] = {
            "url_link_clicks": n,
            "user_profile_clicks": n,
            "engagements": n,
        }
    return said


def _bluesky(uri: str, n: int) -> dict[str, Any]:
    names = ("like", "repost", "reply", "quote", "bookmark")
    return {"uri": uri, "cid": "bafy", **{f"{k}Count": n for k in names}}


def _mastodon(one: str, n: int) -> dict[str, Any]:
    return {"id": one, **{f"{k}_count": n for k in ("favourites", "reblogs", "replies", "quotes")}}


def _linkedin(one: str, n: int) -> dict[str, Any]:
    names = ("like", "comment", "share", "click", "impression", "uniqueImpressions")
    return {"share": one, "totalShareStatistics": {f"{k}Count": n for k in names}}


def _page_post(one: str, n: int) -> dict[str, Any]:
    total = {"summary": {"total_count": n}}
    names = ("post_media_view", "post_total_media_view_unique", "post_clicks")
    insights = {"data": [_insight(name, n) for name in names]}
    counts = {"reactions": total, "comments": total, "shares": {"count": n}}
    return {"id": one, **counts, "insights": insights}


def _insight(name: str, n: int) -> dict[str, Any]:
    return {"name": name, "period": "lifetime", "values": [{"value": n}]}
