"""The PDF of a report: printed once by a worker, kept, and handed out from there."""

from __future__ import annotations

import hashlib
import json
import logging
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils.translation import gettext as _

from analytics.models import AnalyticsReport
from analytics.services.reports import document, html, printing_chromium, printing_reportlab
from socialhub.models import JobRun, JobState
from socialhub.services import jobs
from socialhub.services.errors import Invalid

log = logging.getLogger(__name__)

KIND = "report_pdf"
OPEN = (JobState.QUEUED, JobState.RUNNING)


def stored(report: AnalyticsReport, language: str) -> bytes | None:
    """The PDF if it was printed before."""
    name = _name(report, language)
    if not default_storage.exists(name):
        return None
    with default_storage.open(name) as file:
        return bytes(file.read())


def ensure(report: AnalyticsReport, language: str) -> bytes:
    """The PDF, printed now when there is none yet. Takes seconds: not for a web request."""
    if (known := stored(report, language)) is not None:
        return known
    content = render(report, language)
    name = _name(report, language)
    if (saved := default_storage.save(name, ContentFile(content))) != name:
        # Another worker was first; what it printed has the same figures.
        default_storage.delete(saved)
    return content


def render(report: AnalyticsReport, language: str) -> bytes:
    """Printed by Chromium, or without it when there is none or it fails."""
    made = document.build(report, language)
    if printing_chromium.executable() is not None:
        try:
            return printing_chromium.to_pdf(html.page(made))
        except printing_chromium.PrintingFailed as exc:
            log.warning("report %s is printed without Chromium: %s", report.pk, exc)
    return printing_reportlab.to_pdf(made)


def start(report: AnalyticsReport, language: str, user: Any) -> JobRun:
    """The job that prints it; the one under way when this person asked before."""
    arguments = {"report": report.pk, "language": language}
    running = JobRun.objects.filter(
        kind=KIND, owner=user, state__in=OPEN, arguments=arguments
    ).first()
    return running or jobs.start(KIND, user, arguments)


@jobs.job(KIND, render=True)
def _print(row: JobRun) -> dict[str, Any]:
    language = str(row.arguments["language"])
    report = AnalyticsReport.objects.filter(pk=row.arguments["report"]).first()
    if report is None:
        raise Invalid("not_found", _("The report is not there any more."))
    content = ensure(report, language)
    path = reverse("api-analytics:report-download", args=[report.pk])
    return {
        "report": report.pk,
        "language": language,
        "size": len(content),
        "url": f"{path}?format=pdf&language={language}",
    }


def _name(report: AnalyticsReport, language: str) -> str:
    """By content too: a database that was set up anew counts its reports from 1 again."""
    facts = json.dumps([report.made_at.isoformat(), report.details], sort_keys=True)
    digest = hashlib.sha256(facts.encode()).hexdigest()[:16]
    return f"reports/{report.pk}-r{report.revision}-{language}-{digest}.pdf"
