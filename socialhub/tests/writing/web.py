"""A web server with good and bad pages, on an address of this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ARTICLE = """<!doctype html>
<html lang="es-ES"><head><meta charset="iso-8859-15">
<title>Cómo elegir un buen café | El Molino</title>
<meta name="description" content="Tres consejos de nuestros tostadores.">
<script>document.title = "otra cosa"</script></head>
<body><nav><a href="/">Inicio</a> <a href="/tienda">Tienda</a></nav>
<main><article><h1>Cómo elegir un buen café</h1>
<p>¿Sabías que el café de especialidad cambia en cada cosecha? En nuestra tienda lo tostamos
cada semana, y eso se nota desde el primer sorbo de la mañana.</p>
<p>La bolsa de 250 g cuesta 12,50 €, impuestos incluidos. Dura unas tres semanas en casa si se
guarda cerrada y lejos de la luz, el calor y la humedad.</p>
<ul><li>Mira la fecha de tueste</li><li>Pregunta por el origen</li></ul>
<p>¡Y muele solo lo que vayas a tomar! Así conserva todo su aroma, que es lo que más nos gusta
de un buen café recién hecho.</p></article></main>
<footer><p>Aviso legal · Política de cookies · Todos los derechos reservados</p></footer>
</body></html>"""


class Web(ThreadingHTTPServer):
    """`url` is its address; `asked` the paths that were asked for; `pages` path → (type, body)."""

    def __init__(self, host: str) -> None:
        super().__init__((host, 0), _Handler)
        self.url = f"http://{host}:{self.server_port}"
        self.asked: list[str] = []
        self.sent = 0
        self.pages: dict[str, tuple[str, bytes]] = {}
        self.moved: dict[str, str] = {}


class _Handler(BaseHTTPRequestHandler):
    server: Web

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        if self.path in self.server.moved:
            self.send_response(302)
            self.send_header("Location", self.server.moved[self.path])
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.path == "/huge":
            self._huge()
        elif self.path in self.server.pages:
            mime, body = self.server.pages[self.path]
            self.send_response(200)
            self.send_header("Content-Type", mime)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        else:
            self.send_error(404)

    def _huge(self) -> None:
        """50 MB that nobody announced."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        try:
            for _ in range(50):
                self.wfile.write(b"<p>uno</p>" * 100_000)
                self.server.sent += 1_000_000
        except OSError:
            pass  # whoever asked has gone

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def serving(host: str = "127.0.0.1") -> Iterator[Web]:
    """The server until the block ends."""
    server = Web(host)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)
