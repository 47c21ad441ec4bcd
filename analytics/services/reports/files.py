"""Reports as files to keep; the PDF is printed by a worker, see pdf.py."""

from __future__ import annotations

from analytics.models import AnalyticsReport
from analytics.services.reports import document, html, tabular

FORMATS = ("html", "pdf", "csv", "xlsx")
MIMES = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def content(report: AnalyticsReport, kind: str, language: str) -> bytes:
    """The report as html, csv or xlsx."""
    made = document.build(report, language)
    if kind == "csv":
        return tabular.as_csv(made)
    if kind == "xlsx":
        return tabular.as_xlsx(made)
    return html.page(made).encode()


def name(report: AnalyticsReport, kind: str) -> str:
    """Like report-2026-03-02-weekly.pdf; revisions are told apart."""
    revision = f"-r{report.revision}" if report.revision > 1 else ""
    return f"report-{report.period_start}-{report.report_type}{revision}.{kind}"
