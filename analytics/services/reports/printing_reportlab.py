"""Printing without Chromium: the same document through reportlab, with a font that has it all."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from django.utils import translation
from django.utils.translation import gettext as _
from reportlab.graphics.shapes import Drawing, Rect, String
from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import KeepTogether, Paragraph, SimpleDocTemplate, Spacer
from reportlab.platypus import Table as Grid

from analytics.services.reports import charts, shown
from analytics.services.reports.charts import Chart
from analytics.services.reports.document import Document
from analytics.services.reports.tables import Table
from analytics.services.reports.tabular import CONTROL

FONTS = Path(__file__).resolve().parents[2] / "fonts"
PLAIN, BOLD = "DejaVuSans", "DejaVuSans-Bold"
INK, QUIET = colors.HexColor("#27272a"), colors.HexColor("#71717a")
LINE, BAR = colors.HexColor("#e4e4e7"), colors.HexColor("#0e7490")
MARGIN = 15 * mm
# The frame of a page has 6 points of its own on each side.
WIDTH = A4[0] - 2 * MARGIN - 12
# A row of a table must fit on a page.
MOST_CHARACTERS = 400
# How wide a column is beside one of numbers.
SHARES = {"moment": 1.15, "link": 0.6}


def to_pdf(document: Document) -> bytes:
    """The report as PDF."""
    _register_fonts()
    out = io.BytesIO()
    pages = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=f"{document.title} {document.period}",
        author=document.organisation,
        lang=document.language,
    )
    with translation.override(document.language):
        pages.build(_story(document), onFirstPage=_number, onLaterPages=_number)
    return out.getvalue()


def _register_fonts() -> None:
    if PLAIN not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(TTFont(PLAIN, str(FONTS / "DejaVuSans.ttf")))
        pdfmetrics.registerFont(TTFont(BOLD, str(FONTS / "DejaVuSans-Bold.ttf")))
        pdfmetrics.registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=PLAIN, boldItalic=BOLD)


def _style(size: float, *, bold: bool = False, colour: Any = INK, **more: Any) -> ParagraphStyle:
    return ParagraphStyle(
        "",
        fontName=BOLD if bold else PLAIN,
        fontSize=size,
        leading=size * 1.4,
        textColor=colour,
        **more,
    )


def _words(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(CONTROL.sub("", text)), style)


def _story(document: Document) -> list[Any]:
    about = " · ".join(t for t in (document.organisation, document.scope, document.period) if t)
    small = _style(8, colour=QUIET)
    story: list[Any] = [
        _words(document.title, _style(18, bold=True)),
        _words(about, small),
        *(_words(note, small) for note in document.notes),
        Spacer(0, 8),
        _words(document.paragraph, _style(11)),
        Spacer(0, 8),
        _figures(document),
    ]
    story += [_picture(chart) for chart in document.charts if not chart.is_empty]
    first = [table for table in document.main_tables if table.key == "top_posts"]
    for table in first:
        story += _headed(table.title, _grid(table))
    for part in document.parts:
        text = [_words(part.text, _style(9))] if part.text else []
        story += _headed(part.title, [*text, *(_grid(part.table) if part.table else [])])
    story += _headed(_("Next"), [_words(document.suggestion, _style(10))])
    for table in [*document.main_tables, *document.detail_tables]:
        if table not in first:
            story += _headed(table.title, _grid(table))
    meanings = [
        Paragraph(f"<b>{escape(term)}</b>: {escape(meaning)}", _style(8, colour=QUIET))
        for term, meaning in document.definitions
    ]
    return story + _headed(_("What the figures mean"), meanings)


def _headed(title: str, body: list[Any]) -> list[Any]:
    """A heading that stays with the first thing under it."""
    heading = _words(title, _style(11, bold=True, spaceBefore=12, spaceAfter=4))
    heading.keepWithNext = True
    return [heading, *body]


def _figures(document: Document) -> Grid:
    label, value = _style(7.5, colour=QUIET), _style(13, bold=True)
    cells = [
        [_words(one.label, label), _words(one.shown, value), _words(one.change, label)]
        for one in document.figures
    ]
    grid = Grid([cells], colWidths=[WIDTH / len(cells)] * len(cells))
    grid.setStyle(
        [
            ("GRID", (0, 0), (-1, -1), 0.5, LINE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ]
    )
    return grid


def _picture(chart: Chart) -> KeepTogether:
    picture = charts.draw(chart)
    scale = WIDTH / picture.width
    drawing = Drawing(WIDTH, picture.height * scale)
    for box in picture.boxes:
        bottom = picture.height - box.y - box.height
        drawing.add(
            Rect(
                box.x * scale,
                bottom * scale,
                box.width * scale,
                box.height * scale,
                fillColor=BAR,
                strokeColor=None,
            )
        )
    for words in picture.words:
        drawing.add(
            String(
                words.x * scale,
                (picture.height - words.y) * scale,
                CONTROL.sub("", words.text),
                fontName=BOLD if words.strong else PLAIN,
                fontSize=9 if words.strong else 8,
                fillColor=INK,
                textAnchor=words.anchor,
            )
        )
    return KeepTogether([Spacer(0, 12), drawing])


def _grid(table: Table) -> list[Any]:
    numbers = _style(7, alignment=TA_RIGHT)
    styles = [numbers if column.is_number else _style(7) for column in table.columns]
    heads = [
        _words(
            column.label,
            _style(
                5.5 if len(table.columns) > 8 else 6.5,
                colour=QUIET,
                alignment=TA_RIGHT if column.is_number else 0,
            ),
        )
        for column in table.columns
    ]
    rows = [
        [
            _linked(url) if url else _words(shown.excerpt(text, MOST_CHARACTERS), style)
            for (_column, text, url), style in zip(row, styles, strict=True)
        ]
        for row in table.labelled()
    ]
    grid = Grid([heads, *rows], colWidths=_widths(table), repeatRows=1)
    grid.setStyle(
        [
            ("LINEBELOW", (0, 0), (-1, -1), 0.5, LINE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 2),
            ("RIGHTPADDING", (0, 0), (-1, -1), 2),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
        ]
    )
    note = [_words(table.note, _style(7, colour=QUIET))] if table.note else []
    return [grid, *note]


def _linked(url: str) -> Paragraph:
    address = escape(CONTROL.sub("", url), {'"': "&quot;"})
    return Paragraph(f'<a href="{address}" color="#0e7490">{_("Open")}</a>', _style(7))


def _widths(table: Table) -> list[float]:
    """The first column takes what the others leave."""
    others = [80 * SHARES.get(column.kind, 1.0) for column in table.columns[1:]]
    if sum(others) > WIDTH * 0.8:
        others = [width * WIDTH * 0.8 / sum(others) for width in others]
    return [WIDTH - sum(others), *others]


def _number(canvas: Any, pages: Any) -> None:
    canvas.setFont(PLAIN, 8)
    canvas.setFillColor(QUIET)
    canvas.drawRightString(A4[0] - MARGIN, 8 * mm, str(pages.page))
