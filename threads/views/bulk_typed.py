"""What a person sends to make a bulk run; everything is there again after an error but the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from socialhub import registries
from socialhub.models import Account, AccountStatus, Campaign, Organisation
from socialhub.services.errors import Invalid
from threads.models import ImageBatch, ImageTemplate
from threads.services.pictures import batches, tables
from threads.services.pictures.batches import Wanted

CSV = "csv"


@dataclass(slots=True)
class Sent:
    """The form of a bulk run. `source` is "csv" or the name of a data source."""

    template: ImageTemplate | None = None
    source: str = CSV
    file: bytes = b""
    items: list[str] = field(default_factory=list)
    mapping: dict[str, str] = field(default_factory=dict)
    size: str = ""
    alt_text: str = ""
    post_text: str = ""
    accounts: list[int] = field(default_factory=list)
    campaign: str = ""
    language: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> Sent:
        """From the form; a new one from the address (a template, or a run to make again)."""
        if request.method == "POST":
            return cls._posted(request)
        again = request.GET.get("again", "")
        if again.isdecimal() and len(again) < 19:
            rows = ImageBatch.objects.visible_to(request.user).select_related("version__template")
            batch = rows.filter(pk=int(again)).first()
            if batch is not None:
                return cls._again(batch)
        template = _template(request.GET.get("template", ""))
        return cls(template, alt_text=template.alt_text if template else "")

    @classmethod
    def _posted(cls, request: HttpRequest) -> Sent:
        data = request.POST
        upload = request.FILES.get("file")
        if upload is not None and (upload.size or 0) > tables.MOST_BYTES:
            # One byte more than is taken is enough to be refused.
            content = upload.read(tables.MOST_BYTES + 1)
        else:
            content = upload.read() if upload is not None else b""
        return cls(
            template=_template(data.get("template", "")),
            source=data.get("source", CSV),
            file=content,
            items=data.getlist("item"),
            mapping={
                name.removeprefix("map-"): value
                for name, value in data.items()
                if name.startswith("map-")
            },
            size=data.get("size", ""),
            alt_text=data.get("alt_text", "").strip(),
            post_text=data.get("post_text", "").replace("\r\n", "\n").strip(),
            accounts=[int(pk) for pk in data.getlist("accounts") if pk.isdecimal()],
            campaign=data.get("campaign", ""),
            language=data.get("language", ""),
        )

    @classmethod
    def _again(cls, batch: ImageBatch) -> Sent:
        return cls(
            template=batch.version.template,
            source=batch.source,
            size=batch.size,
            alt_text=batch.alt_text,
            post_text=batch.post_text,
            accounts=list(batch.accounts.values_list("pk", flat=True)),
            campaign=str(batch.campaign_id or ""),
            language=batch.language,
        )

    def pairs(self, columns: Sequence[str]) -> list[dict[str, Any]]:
        """Each field with the column that fills it: as chosen, else the one of its name."""
        folded = {column.casefold(): column for column in columns}
        found = []
        for one in self.template.fields if self.template else ():
            own = folded.get(one["name"]) or folded.get(str(one["label"]).casefold()) or ""
            chosen = self.mapping.get(one["name"])
            found.append({"field": one, "column": chosen if chosen in columns else own})
        return found

    def checked(self, user: Any) -> ImageBatch:
        """The run with its rows checked. Raises ServiceError."""
        if self.template is None:
            message = _("Choose a template.")
            raise Invalid("no_template", message, {"template": [message]})
        wanted = Wanted(
            size=self.size if any(one["name"] == self.size for one in self.template.sizes) else "",
            alt_text=self.alt_text,
            post_text=self.post_text,
            accounts=tuple(selectable(user).filter(pk__in=self.accounts)),
            campaign=_campaign(self.campaign),
            language=self.language or None,
        )
        if self.source != CSV:
            return batches.from_items(user, self.template, self.source, self.items, wanted)
        if not self.file:
            message = _("Choose a file.")
            raise Invalid("no_file", message, {"file": [message]})
        return batches.from_csv(user, self.template, self.file, wanted, mapping=self.mapping)


def _template(asked: str) -> ImageTemplate | None:
    if not (asked.isdecimal() and len(asked) < 19):
        return None
    return ImageTemplate.objects.in_use().filter(pk=int(asked)).first()


def _campaign(asked: str) -> Campaign | None:
    if not (asked.isdecimal() and len(asked) < 19):
        return None
    return Campaign.objects.filter(pk=int(asked), is_archived=False).first()


def selectable(user: Any) -> Any:
    """Accounts drafts can be for."""
    rows = Account.objects.visible_to(user)
    return rows.filter(status__in=[AccountStatus.ACTIVE, AccountStatus.NEEDS_RECONNECT])


def form_context(user: Any, sent: Sent) -> dict[str, Any]:
    """What the form shows."""
    return {
        "sent": sent,
        "image_template": sent.template,
        "templates": ImageTemplate.objects.in_use().only("pk", "name"),
        "sources": [one for one in registries.data_sources() if one.name in ("product", "service")],
        "accounts": selectable(user),
        "campaigns": Campaign.objects.filter(is_archived=False),
        "languages": settings.LANGUAGES,
        "language": sent.language or Organisation.get().language,
    }
