"""Writing without AI: does the time grow with the text, and not faster?

Processor time of one process: the best of several rounds, and the middle of their ratios; so a
busy machine changes little.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from bench.figures import Figure, limits

ROUNDS = {"ci": 9, "full": 25}
TIMES = 10
# Characters of the short text, and the parts of the short series.
SHORT = 6_000
PARTS = 2
NETWORKS = {
    "bluesky": "https://bsky.social",
    "mastodon": "https://mastodon.social",
    "sandbox": "http://127.0.0.1:8090",
}
PARAGRAPH = (
    "¿Sabías que el café de especialidad cambia en cada cosecha? En nuestra tienda de Alcalá lo "
    "tostamos cada semana. ¡Y se nota! 🎉 La bolsa de 250 g cuesta 12,50 €, IVA incluido. El "
    "Sr. Pérez, que lleva treinta años tostando, explica qué molino conviene comprar, por qué el "
    "agua importa tanto y cuánto tiempo debe reposar la bolsa antes de abrirla; más detalles en "
    "https://ejemplo.es/cafe?a=1&b=2 o preguntando a @cafe@masto.es.\n\n"
)


def run(size: str) -> list[Figure]:
    """All figures of the area."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "socialhub.settings_test")
    import django

    django.setup()
    from socialhub.models import Account

    says = limits("writing")
    accounts = [
        Account(pk=n, platform=slug, server_url=url, handle=slug)
        for n, (slug, url) in enumerate(NETWORKS.items(), 1)
    ]
    rounds = ROUNDS[size]
    return [
        *_splitter(accounts, rounds, says["splitter_ratio"]),
        *_preview(accounts, rounds, says["preview_ratio"]),
    ]


def _splitter(accounts: list[Any], rounds: int, limit: float) -> list[Figure]:
    from socialhub.services.writing import room
    from socialhub.writing.splitting import split

    fits, fits_last, _explain = room(accounts, numbering="slash", closing="Síguenos")

    def cut(text: str) -> Callable[[], Any]:
        return lambda: split(text, fits=fits, fits_last=fits_last, most=len(text))

    short, long = _text(SHORT), _text(SHORT * TIMES)
    return _figures("splitter", cut(short), cut(long), rounds, limit)


def _preview(accounts: list[Any], rounds: int, limit: float) -> list[Figure]:
    from threads.services import series
    from threads.services.series.data import PartData

    def look(count: int) -> Callable[[], Any]:
        # Each part as long as the strictest network takes.
        parts = [PartData(text=_text(280)) for _ in range(count)]
        return lambda: series.preview(accounts, parts, numbering="slash", closing="Síguenos")

    return _figures("chain preview", look(PARTS), look(PARTS * TIMES), rounds, limit)


def _text(length: int) -> str:
    return (PARAGRAPH * (length // len(PARAGRAPH) + 1))[:length].strip()


def _figures(
    name: str, short: Callable[[], Any], long: Callable[[], Any], rounds: int, limit: float
) -> list[Figure]:
    short()
    seconds = [(_seconds(short, TIMES), _seconds(long, 1)) for _ in range(rounds)]
    least, most = min(one for one, _ in seconds), min(ten for _, ten in seconds)
    # Of runs next to each other: what slows the machine down for a while slows both.
    ratio = median(ten / one for one, ten in seconds)
    return [
        Figure(f"{name}: short text", 1000 * least, "ms", samples=rounds),
        Figure(f"{name}: {TIMES} times the text", 1000 * most, "ms", samples=rounds),
        Figure(f"{name}: long ÷ short", ratio, "×", limit, samples=rounds),
    ]


def _seconds(work: Callable[[], Any], times: int) -> float:
    """Processor seconds of one, measured over several in a row.

    Without the collector of garbage, as timeit: its time hangs on everything that is loaded.
    """
    gc.collect()
    gc.disable()
    try:
        start = time.process_time()
        for _ in range(times):
            work()
        return (time.process_time() - start) / times
    finally:
        gc.enable()
