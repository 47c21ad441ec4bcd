"""One text or alt text in the background: a proposal that a person takes over or not."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image

from socialhub import policies
from socialhub.models import Account, JobRun, MediaAsset, Organisation
from socialhub.services import jobs
from socialhub.services import media as media_service
from socialhub.services.errors import Invalid
from socialhub.services.writing import choosing, sentences
from socialhub.services.writing.limits import NUMBERINGS, room
from socialhub.writing import Variation, alt

KIND = "write_text"
TASKS = ("rewrite", "shorten", "vary", "alt_text")
MOST_CHARACTERS = 50_000
# Wide enough to read what stands in a picture.
PICTURE_WIDTH = 1_024


def start_text(
    user: Any,
    *,
    task: str,
    text: str = "",
    instruction: str = "",
    accounts: Sequence[Account] = (),
    language: str | None = None,
    media: MediaAsset | None = None,
    link: str = "",
    unlike: Sequence[str] = (),
    numbering: str = "",
    closing: str = "",
) -> JobRun:
    """Have a text rewritten, shortened or varied, or a picture described.

    For "alt_text" `text` is what is known about the picture. `link` goes out under the text.
    `unlike` are wordings that a varied one must not come back to. For a part of a series give its
    numbering, for the last part the closing too: room is kept for them.
    The job's result: {"text": None or the text, "made_by", "why_not", "note"}; "why_not" is a
    sentence. Raises Invalid, Forbidden.
    """
    policies.require(user, "use_ai")
    faults: dict[str, list[str]] = {}
    if task not in TASKS:
        faults["task"] = [_("There is no such task.")]
    if task != "alt_text" and not text.strip():
        faults["text"] = [_("There is no text to work with. Write one first.")]
    if len(text) > MOST_CHARACTERS:
        faults["text"] = [_("At most %(limit)s characters.") % {"limit": MOST_CHARACTERS}]
    if task == "shorten" and not accounts:
        faults["accounts"] = [_("Choose at least one account: it says how long a text may be.")]
    if numbering and numbering not in NUMBERINGS:
        faults["numbering"] = [_("There is no such numbering.")]
    if faults:
        raise Invalid("invalid", _("Something is missing."), faults)
    arguments = {
        "task": task,
        "text": text,
        "instruction": instruction[:1_000],
        "accounts": [account.pk for account in accounts],
        "language": language or Organisation.get().language,
        "media": media.pk if media else None,
        "link": link,
        "unlike": list(unlike),
        "numbering": numbering,
        "closing": closing,
    }
    return jobs.start(KIND, user, arguments)


@jobs.job(KIND, seconds=int(settings.AI_SECONDS) + 60)
def _write(row: JobRun) -> dict[str, Any]:
    given = row.arguments
    made = _described(row) if given["task"] == "alt_text" else _reworded(row)
    return {
        "text": made.text,
        "made_by": made.made_by.value,
        "why_not": sentences.why_not(made.why_not) or None,
        "note": made.note,
    }


def _reworded(row: JobRun) -> Variation:
    given, writer = row.arguments, choosing.writer(row.owner)
    chosen = Account.objects.visible_to(row.owner) if row.owner else Account.objects.all()
    accounts = list(chosen.filter(pk__in=given["accounts"]))
    _fits, fits, explain = room(
        accounts, link=given["link"], numbering=given["numbering"], closing=given["closing"]
    )
    text, language = given["text"], given["language"]
    if given["task"] == "shorten":
        return writer.shorten(text, language=language, fits=fits, explain=explain)
    if given["task"] == "rewrite":
        return writer.rewrite(
            text,
            language=language,
            instruction=given["instruction"],
            fits=fits,
            explain=explain,
        )
    return writer.vary(
        text,
        language=language,
        limit_check=fits,
        seed=str(row.pk),
        unlike=given.get("unlike", ()),
    )


def _described(row: JobRun) -> Variation:
    given = row.arguments
    asset = MediaAsset.objects.filter(pk=given["media"]).first()
    known = [given["text"], alt.from_file_name(asset.name) if asset else ""]
    picture = _picture(asset) if asset and choosing.is_configured() else None
    return choosing.writer(row.owner).alt_text(
        language=given["language"],
        context=". ".join(part.strip() for part in known if part.strip()),
        image=picture,
        mime="image/jpeg" if picture else "",
    )


def _picture(asset: MediaAsset) -> bytes | None:
    """A smaller copy in the format every model reads, without the original's metadata."""
    if not asset.mime.startswith("image/"):
        return None
    out = BytesIO()
    name, _mime = media_service.thumbnail(asset, PICTURE_WIDTH)
    with asset.file.storage.open(name) as file, Image.open(file) as image:
        flat = Image.new("RGB", image.size, "white")
        whole = image.convert("RGBA")
        flat.paste(whole, mask=whole)
        flat.save(out, "JPEG", quality=85)
    return out.getvalue()
