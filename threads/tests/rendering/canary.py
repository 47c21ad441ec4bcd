"""A server and a file that nothing on a page may reach, and a page that tries everything."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from threads.rendering import Page

MAGENTA = (255, 0, 255)


class Canary:
    """Counts every request; `hits` has the paths."""

    def __init__(self) -> None:
        self.hits: list[str] = []
        hits = self.hits

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hits.append(self.path)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *words: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def hostile(url: str, picture: Path) -> dict[str, str]:
    """One piece of HTML for each way to fetch, run or read something."""
    return {
        "script": f"<script>new Image().src = '{url}/script'</script>",
        "script file": f'<script src="{url}/script-file"></script>',
        "iframe": f'<iframe src="{url}/iframe"></iframe>',
        "iframe file": f'<iframe src="{picture.as_uri()}" width="400" height="400"></iframe>',
        "object": f'<object data="{url}/object"></object>',
        "embed": f'<embed src="{url}/embed">',
        "refresh": f'<meta http-equiv="refresh" content="0;url={url}/refresh">',
        "link": f'<link rel="stylesheet" href="{url}/link">',
        "prefetch": f'<link rel="prefetch" href="{url}/prefetch">',
        "preconnect": f'<link rel="dns-prefetch preconnect" href="{url}/preconnect">',
        "base": f'<base href="{url}/base/"><img src="relative.png">',
        "img": f'<img src="{url}/img">',
        "srcset": f'<img src="x" srcset="{url}/srcset 1x">',
        "img file": f'<img src="{picture.as_uri()}" width="400" height="400">',
        "img path": f'<img src="{picture}" width="400" height="400">',
        "video": f'<video poster="{url}/poster" src="{url}/video" autoplay></video>',
        "svg image": f'<svg><image href="{url}/svg-image" width="9" height="9"/></svg>',
        "svg use": f'<svg><use href="{url}/svg-use#a"/></svg>',
        "svg in data": "<img src=\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'%3E"
        f"%3Cimage href='{url}/svg-in-data'/%3E%3C/svg%3E\">",
        "style import": f'<style>@import "{url}/style-import";</style>',
        "style url": f"<p style=\"background: url('{url}/style-url')\">a</p>",
        "style file": f"<p style=\"background: url('{picture.as_uri()}'); height: 400px\">a</p>",
        "event": f'<img src="x" onerror="new Image().src = \'{url}/event\'">',
        "form": f'<form action="{url}/form"><input type="image" src="{url}/input"></form>',
    }


def hostile_css(url: str) -> list[str]:
    return [
        f'@import "{url}/import";',
        f"@font-face {{ font-family: Foreign; src: url({url}/font) }} p {{ font-family: Foreign }}",
        f".canvas {{ background: url({url}/background) }}",
        f".canvas {{ list-style: url({url}/list); cursor: url({url}/cursor), auto }}",
        f"p::after {{ content: url({url}/content) }}",
        f'p {{ background: image-set("{url}/image-set" 1x) }}',
    ]


def whole_page(url: str, picture: Path) -> Page:
    """All of it on one page, as it would be drawn if nobody had checked it."""
    body = "".join(hostile(url, picture).values())
    css = ".canvas { width: 540px; height: 540px; }" + "\n".join(hostile_css(url))
    return Page(f'<div class="canvas"><p>a</p>{body}</div>', css, 540, 540)
