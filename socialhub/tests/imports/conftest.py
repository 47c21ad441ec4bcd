"""Files handed in and carried out as a worker does it."""

from __future__ import annotations

import csv
import io
from contextlib import contextmanager

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from socialhub.models import PostImport
from socialhub.services import imports, jobs
from socialhub.services.errors import ServiceError
from socialhub.tests.factories import AccountFactory, UserFactory, organisation


@pytest.fixture(autouse=True)
def _own_media(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def madrid(db):
    return organisation(timezone="Europe/Madrid", language="en")


@pytest.fixture
def marketer(madrid):
    return UserFactory(role="Marketer")


@pytest.fixture
def shop(madrid):
    return AccountFactory(handle="@shop", display_name="The shop")


def as_csv(rows, delimiter=",", encoding="utf-8"):
    """Lists of cells as the bytes of a CSV file."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def handed_in(user, content, name="posts.csv"):
    """Uploaded and checked."""
    batch = imports.upload(user, SimpleUploadedFile(name, content))
    return worked(batch)


def worked(batch):
    """Its job done; the row as it is then."""
    batch = PostImport.objects.get(pk=batch.pk)
    job = imports.job_of(batch)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.errors == []
    return PostImport.objects.get(pk=batch.pk)


def imported(batch, **options):
    imports.run(batch, batch.user, **options)
    return worked(batch)


def codes(batch):
    """{row number: [(column, code)]} of rows that have any."""
    return {
        row.number: [(one["column"], one["code"]) for one in row.problems]
        for row in batch.rows.all()
        if row.problems
    }


@contextmanager
def refused(kind: type[ServiceError], code: str):
    """What is done in here is refused with this code."""
    with pytest.raises(kind) as caught:
        yield
    assert caught.value.code == code
