"""Pages the tests draw."""

from __future__ import annotations

import io

from PIL import Image

from threads.rendering import Page

SIZE = 540


def page(body: str, css: str = "", *, size: int = SIZE, **images: bytes) -> Page:
    """A page with a canvas of that size; `images` are shown by their names."""
    html = f'<div class="canvas">{body}</div>'
    return Page(
        html, f".canvas {{ width: {size}px; height: {size}px; }}\n{css}", size, size, images
    )


def photo(width: int = 300, height: int = 200, file_format: str = "PNG") -> bytes:
    """A picture of which every corner has another colour."""
    corners = Image.new("RGB", (2, 2))
    corners.putdata([(220, 30, 60), (250, 200, 40), (30, 90, 200), (20, 160, 90)])
    out = io.BytesIO()
    corners.resize((width, height), Image.Resampling.BILINEAR).save(out, file_format)
    return out.getvalue()


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


# What templates of others are made of: grid, flex, gradients, fonts, emoji, turned and cut shapes.
SHEET = """
<header><h1>¿Qué ñandú? 19,99 €</h1><span class="pill">Nuevo</span></header>
<div class="grid">
  <div class="card"><img src="photo" alt=""><p>Café, té y <em>más</em></p></div>
  <div class="card turned"><p class="big">50 %</p><p>👍🏽 🇪🇸 👩🏽‍💻</p></div>
  <div class="cut"></div>
  <svg viewBox="0 0 100 100"><defs><linearGradient id="g"><stop offset="0" stop-color="#f59e0b"/>
    <stop offset="1" stop-color="#be123c"/></linearGradient></defs>
    <circle cx="50" cy="50" r="46" fill="url(#g)"/></svg>
</div>
<table><tr><td>Lunes</td><td>9–14</td></tr><tr><td>Martes</td><td>16–20</td></tr></table>
<footer class="row"><span>uno</span><span>dos</span><span>tres</span></footer>
"""
SHEET_CSS = """
.canvas { --brand: #1d4ed8; display: flex; flex-direction: column; gap: 14px; padding: 24px;
  background: linear-gradient(160deg, #eff6ff, #fde68a); font-size: 20px; }
header { display: flex; justify-content: space-between; align-items: center; }
h1 { font-family: Lora; font-size: 30px; color: var(--brand); }
.pill { padding: 4px 14px; border-radius: 99px; background: var(--brand); color: white;
  font-weight: 700; font-size: 18px; }
.grid { display: grid; grid-template-columns: 1fr 1fr; gap: 14px; }
.card { padding: 10px; border-radius: 12px; background: white;
  box-shadow: 0 4px 12px rgba(0, 0, 0, 0.2); }
.card img { width: 100%; height: 70px; object-fit: cover; border-radius: 8px; }
.card em { font-family: Lora; font-style: italic; }
.turned { transform: rotate(-4deg); text-align: center; }
.big { font-family: Oswald; font-weight: 700; font-size: 44px; letter-spacing: 1px; }
.cut { height: 90px; background: radial-gradient(circle, #be123c, #7c3aed);
  clip-path: polygon(50% 0, 100% 100%, 0 100%); }
svg { width: 90px; height: 90px; margin: 0 auto; }
td { padding: 2px 20px 2px 0; border-bottom: 1px solid #94a3b8; }
.row { display: flex; justify-content: space-around; text-transform: uppercase; font-weight: 900; }
"""


def sheet() -> Page:
    return page(SHEET, SHEET_CSS, photo=photo())
