"""A report as a page of its own, to print or to keep, and as a mail."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from analytics.services.reports import charts
from analytics.services.reports.charts import Bar, Chart
from analytics.services.reports.document import Document


def page(document: Document) -> str:
    """A whole document without script or anything from elsewhere."""
    return _rendered("analytics/report/standalone.html", document)


def mail(document: Document, without_pdf: str = "") -> str:
    """For mail programs: styles in every tag, bars made of table cells instead of SVG.

    `without_pdf` is said when the PDF is not attached.
    """
    return _rendered(
        "analytics/report/mail.html",
        document,
        bars=_mail_bars(document),
        without_pdf=without_pdf,
    )


def _rendered(template: str, document: Document, **more: Any) -> str:
    with translation.override(document.language):
        return render_to_string(template, {**context(document), **more})


def context(document: Document) -> dict[str, Any]:
    """What the templates of a report read."""
    drawn = [(chart, charts.svg(chart)) for chart in document.charts if not chart.is_empty]
    return {"report": document, "charts": drawn}


def _mail_bars(document: Document) -> list[tuple[Chart, list[tuple[Bar, int]]]]:
    """Rows with the width of their bar in percent; days beyond a month would be too many."""
    found = []
    for chart in document.charts:
        if chart.is_empty or len(chart.bars) > 31:
            continue
        top = max(bar.value for bar in chart.bars if bar.value is not None) or 1
        rows = [(bar, round(100 * max(bar.value or 0, 0) / top)) for bar in chart.bars]
        found.append((chart, rows))
    return found
