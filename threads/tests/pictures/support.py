"""Templates and pictures for the tests of pictures."""

from __future__ import annotations

from io import BytesIO

from django.core.files.base import ContentFile
from PIL import Image

from socialhub.models import JobRun
from socialhub.services import jobs, media
from threads.models import ImageTemplate
from threads.services.pictures import templates

HTML = """<div class="box">
  <div class="title" data-fit="20 60">{{ title }}</div>{{ price }} {{ price_note }}
</div>"""
CSS = ".title { width: 300px; height: 60px; } .box { background-color: var(--brand-1); }"
FIELDS = [
    {
        "name": "title",
        "type": "text",
        "required": True,
        "max_length": 40,
        "source": "product.title",
    },
    {"name": "price", "type": "price", "source": "product.price"},
]


def make_template(user=None, **fields) -> ImageTemplate:
    """A small template of 320 × 200 with a title and a price."""
    given = {"name": "Offer", "html": HTML, "css": CSS, "fields": FIELDS, "width": 320}
    return templates.create(user, **{**given, "height": 200, **fields})


def png(colour="red", size=(40, 30)) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


def upload(user, colour="red", name="photo.png"):
    return media.upload(user, ContentFile(png(colour)), "A photo", name)


def run(job) -> JobRun:
    """The job after a worker did it."""
    row = JobRun.objects.get(pk=getattr(job, "pk", job))
    jobs.run(row.pk)
    row.refresh_from_db()
    return row
