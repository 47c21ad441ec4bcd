"""A page that asks too much ends in an error, and the next one is drawn."""

from __future__ import annotations

import os
import signal
import struct
import zlib
from pathlib import Path

import pytest

from threads.rendering import Limits, RenderFailed, choosing
from threads.rendering import takumi as takumi_module
from threads.tests.rendering.pages import opened, page, photo

GOOD = page("<p>a</p>", size=100)
BLURS = '<div class="n">' * 90 + "</div>" * 90
BLUR_CSS = ".n { filter: blur(40px); width: 1080px; height: 1080px; }"


def failure(renderer, wanted) -> str:
    with pytest.raises(RenderFailed) as failed:
        renderer.render(wanted)
    return failed.value.code


def kill(pid: int) -> None:
    """Dead when this returns, and still to be waited for by its parent."""
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


def huge_png(side: int) -> bytes:
    """A valid head that promises so many pixels, and hardly any data."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        crc = zlib.crc32(kind + content)
        return struct.pack("!I", len(content)) + kind + content + struct.pack("!I", crc)

    head = struct.pack("!2I5B", side, side, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_nested_blurs_end_at_the_limit_of_cpu_time_and_the_next_picture_works(own_takumi):
    renderer = own_takumi(Limits(cpu_seconds=1))

    assert failure(renderer, page(BLURS, BLUR_CSS, size=1080)) == "too_slow"
    assert opened(renderer.render(GOOD).png).size == (100, 100)


def test_the_wall_clock_ends_what_uses_no_cpu_time(own_takumi):
    renderer = own_takumi(Limits(wall_seconds=0.3))
    renderer.limits = Limits()
    renderer.render(GOOD)
    os.kill(renderer.child_pid, signal.SIGSTOP)
    renderer.limits = Limits(wall_seconds=0.3)

    assert failure(renderer, GOOD) == "too_slow"
    renderer.limits = Limits()
    assert opened(renderer.render(GOOD).png).size == (100, 100)


def test_memory_has_a_limit(own_takumi):
    renderer = own_takumi(Limits(memory_bytes=260_000_000))
    large = page("<div></div>", "div { height: 2000px; filter: blur(3px); background: red }",
                 size=2160)  # fmt: skip

    assert failure(renderer, large) == "too_much_memory"
    assert opened(renderer.render(GOOD).png).size == (100, 100)


@pytest.mark.parametrize(
    ("image", "code"),
    [
        (huge_png(20_000), "image_too_large"),
        (huge_png(7_000), "broken_image"),
        (b"<svg/>", "broken_image"),
        (photo()[:200], "broken_image"),
    ],
    ids=["20,000 pixels", "no data", "no picture", "cut off"],
)
def test_an_image_that_cannot_be_shown_is_refused(takumi, image, code):
    assert failure(takumi, page('<img src="a">', a=image)) == code
    assert opened(takumi.render(GOOD).png).size == (100, 100)


def test_an_image_larger_than_the_canvas_is_made_smaller(takumi):
    prepared = takumi.prepare(page('<img src="a">', size=100, a=photo(600, 400, "JPEG")))

    assert opened(prepared.page.images["a"]).size == (150, 100)


def test_an_image_of_an_empty_field_leaves_nothing_behind(takumi):
    empty = '<p>a</p><img src="" class="b"><img src="gone">'

    prepared = takumi.prepare(page(empty, size=100))

    assert prepared.page.html == '<div class="canvas"><p>a</p></div>'


def test_markup_that_is_too_deep_is_refused_in_either_renderer(takumi):
    deep = page('<div class="n">' * 3000, ".n { filter: blur(2px) }")

    assert failure(takumi, deep) == "broken"
    with pytest.raises(RenderFailed, match="broken"):
        takumi.prepare(deep)


def test_a_process_that_was_killed_is_replaced(takumi):
    before = takumi.render(GOOD)
    kill(takumi.child_pid)

    assert takumi.render(GOOD).png == before.png


def test_a_process_that_dies_over_a_picture_has_crashed():
    child = takumi_module.Child(Limits())
    kill(child.process.pid)

    with pytest.raises(RenderFailed, match="crashed"):
        child.ask("draw", GOOD, Limits())
    child.end()


def test_the_process_has_no_environment_no_files_and_a_successor(own_takumi, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "canary")
    monkeypatch.setattr(takumi_module, "MOST_PICTURES", 2)
    renderer = own_takumi()
    renderer.render(GOOD)
    child = Path(f"/proc/{renderer.child_pid}")

    # The second is its last one: it is replaced after that.
    first = renderer.child_pid
    seen = {
        "open": sorted(entry.name for entry in (child / "fd").iterdir()),
        "folder": str((child / "cwd").readlink()),
        "names": sorted(
            part.split("=")[0] for part in (child / "environ").read_text().split("\0") if part
        ),
        "privileges": "NoNewPrivs:\t1" in (child / "status").read_text(),
    }
    renderer.render(GOOD)
    renderer.render(GOOD)

    assert seen == {
        "open": ["0", "1", "2"],
        "folder": "/",
        "names": ["LANG", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH"],
        "privileges": True,
    }
    assert renderer.child_pid != first and not child.exists()


def test_one_renderer_is_kept_and_a_wrong_name_is_refused(tmp_path):
    assert choosing.renderer("takumi") is choosing.renderer("takumi")
    with pytest.raises(ValueError, match="chromium"):
        choosing.renderer("firefox")
    with pytest.raises(RenderFailed, match="missing"):
        choosing.renderer("chromium", str(tmp_path / "none"))
    # Without a browser there, "auto" is the built-in one.
    assert choosing.renderer("auto", str(tmp_path / "none")).name == "takumi"
