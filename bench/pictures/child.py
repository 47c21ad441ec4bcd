"""One measurement on a new database: `python -m bench.pictures.child JSON FD`."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

DESIGN, SIZE = "product", "square"
SAME = 5


def main() -> None:
    what = json.loads(sys.argv[1])
    os.environ["DJANGO_SETTINGS_MODULE"] = "socialhub.settings"
    import django
    from django.core.management import call_command

    django.setup()
    if what["what"] != "chromium":
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
    found = {"ratio": ratio, "memory": memory, "chromium": chromium}[what.pop("what")](**what)
    with os.fdopen(int(sys.argv[2]), "w") as answer:
        json.dump(found, answer)


# -- measurements --------------------------------------------------------------------


def ratio(blocks: int, block: int) -> dict[str, Any]:
    """Seconds per picture of each block, of CPU and by the clock."""
    from threads.models import RenderedImage
    from threads.rendering import child, renderer

    bench = Bench()
    bare = child.loaded()
    ours = renderer("takumi")
    found: dict[str, Any] = {}

    def draw_bare(pages: list[Any]) -> None:
        for page in pages:
            child.draw(bare, page, child.Fitted(page.html, page.css, ()), page.images)

    # Both begin warm.
    bench.run_batch(1, "warm")
    draw_bare([bench.prepared("warm 0")])
    for number in range(blocks):
        pages = [bench.prepared(f"{number} {place}") for place in range(block)]
        timed(found, "bare", block, lambda pages=pages: draw_bare(pages))
        timed(found, "pipeline", block, bench.prepare_batch(block, str(number)))
    same = {ours.render(bench.page("same")).png for _ in range(SAME)}
    stored = RenderedImage.objects.count() - 1
    return {**found, "stored": stored, "different": len(same) - 1}


def memory(count: int) -> dict[str, Any]:
    """The most memory of the worker, and of its drawing process, in 10⁶ bytes."""
    from threads.rendering import renderer

    bench = Bench()
    job = bench.prepare_batch(count, "memory")
    before = peak(os.getpid())
    job()
    child = renderer("takumi").child_pid  # type: ignore[attr-defined]
    return {"before": before, "worker": peak(os.getpid()) - before, "child": peak(child)}


def chromium(count: int) -> dict[str, Any]:
    """How many browsers so many pictures take."""
    from threads.gallery import SIZES, designs
    from threads.rendering import Brand, fill
    from threads.rendering.choosing import chromium_program
    from threads.rendering.chromium import ChromiumRenderer

    program = chromium_program()
    if program is None:
        return {}
    drawing = ChromiumRenderer(program)
    design = next(one for one in designs() if one.slug == DESIGN)
    photos = design.pictures()
    shown = {**design.sample["en"], "price": "€24.90", **{name: name for name in photos}}
    page = fill(design.html, design.css, design.fields, shown, Brand(), SIZES[0]).page(photos)
    drawing.render(page)
    began = cpu()
    pictures = {drawing.render(page).png for _ in range(count - 1)}
    spent = (cpu() - began) / (count - 1)
    starts = drawing.starts
    drawing.close()
    return {"starts": starts, "cpu": spent, "different": len(pictures) - 1}


# -- helpers -------------------------------------------------------------------------


class Bench:
    """A template from the gallery with a photo, and somebody who may use it."""

    def __init__(self) -> None:
        from django.contrib.auth.models import User
        from django.core.files.base import ContentFile

        from socialhub.services import media
        from threads.gallery import designs
        from threads.services.pictures import templates

        self.user = User.objects.create_superuser("bench")
        self.template = templates.copy_design(self.user, DESIGN)
        self.version = templates.current(self.template)
        design = next(one for one in designs() if one.slug == DESIGN)
        self.sample = design.sample["en"]
        photo = design.pictures()["image"]
        self.photo = media.upload(self.user, ContentFile(photo), "a cup", "cup.webp")

    def prepare_batch(self, rows: int, name: str) -> Callable[[], None]:
        """A bulk run that waits for its worker, who does everything when it is called."""
        from socialhub.models import JobRun, JobState
        from socialhub.services import jobs
        from threads.services.pictures import batches

        table = io.StringIO()
        lines = csv.writer(table)
        lines.writerow(["title", "text", "price", "image"])
        for row in range(rows):
            lines.writerow([f"{name} {row}", self.sample["text"], "24.90", self.photo.pk])
        wanted = batches.Wanted(size=SIZE, alt_text="{{ title }}")
        batch = batches.from_csv(self.user, self.template, table.getvalue().encode(), wanted)
        job = batches.start(batch, self.user)

        def work() -> None:
            jobs.run(job.pk)
            row = JobRun.objects.get(pk=job.pk)
            if row.state != JobState.DONE or (row.result or {}).get("failed"):
                raise RuntimeError(f"the bulk run ended as {row.state}: {row.result} {row.errors}")

        return work

    def run_batch(self, rows: int, name: str) -> None:
        self.prepare_batch(rows, name)()

    def page(self, title: str) -> Any:
        """The page the pipeline draws for such a row."""
        from threads.services.pictures import drawing, templates, values

        source = templates.source_of(self.version)
        data = {"title": title, "text": self.sample["text"], "price": "24.90"}
        data["image"] = str(self.photo.pk)
        found = values.clean(source.fields, data, self.user, "en")
        return drawing._work(source, source.size(SIZE), found, "en").page

    def prepared(self, title: str) -> Any:
        """The same with its texts fitted and its photo made small: all that is left is to draw."""
        from threads.rendering import renderer

        return renderer("takumi").prepare(self.page(title)).page  # type: ignore[attr-defined]


def timed(found: dict[str, Any], name: str, count: int, work: Callable[[], Any]) -> None:
    began, clock = cpu(), time.perf_counter()
    work()
    found.setdefault(f"{name}_wall", []).append((time.perf_counter() - clock) / count)
    found.setdefault(f"{name}_cpu", []).append((cpu() - began) / count)


def cpu() -> float:
    """Seconds of CPU of this process and of all it started."""
    me = psutil.Process()
    own = me.cpu_times()
    times = [own, *(process.cpu_times() for process in me.children(recursive=True))]
    ended = own.children_user + own.children_system
    return ended + sum(one.user + one.system for one in times)


def peak(pid: int) -> float:
    """The most memory a process ever had, in 10⁶ bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    main()
