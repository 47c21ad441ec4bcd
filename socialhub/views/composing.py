"""What a person typed into the composer, and how it becomes a post."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from socialhub.models import (
    Account,
    AccountStatus,
    Campaign,
    ContentType,
    MediaAsset,
    Organisation,
    Post,
    PublicationStatus,
)
from socialhub.services import alt_texts, media, posts, queue
from socialhub.services.errors import Invalid

# Found out from what the post holds, unless the person says what it is about.
FOUND_OUT = (ContentType.TEXT, ContentType.IMAGE, ContentType.CAROUSEL, ContentType.LINK)
SAID = (ContentType.PRODUCT, ContentType.SERVICE, ContentType.VIDEO, ContentType.THREAD)


class ComposerForm(forms.Form):
    """The plain fields. Media, texts per account and the time are read by `Typed`."""

    text = forms.CharField(required=False, strip=False)
    link = forms.URLField(required=False, max_length=2000, assume_scheme="https")
    track_link = forms.BooleanField(required=False)
    language = forms.ChoiceField(choices=settings.LANGUAGES)
    content_type = forms.ChoiceField(
        required=False,
        choices=[("", gettext_lazy("by what it holds")), *((c.value, c.label) for c in SAID)],
    )
    campaign = forms.ModelChoiceField(Campaign.objects.none(), required=False)
    is_evergreen = forms.BooleanField(required=False)
    accounts = forms.ModelMultipleChoiceField(Account.objects.none(), required=False)

    def __init__(self, *args: Any, user: Any, post: Post | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["accounts"].queryset = selectable(user, post)  # type: ignore[attr-defined]
        campaigns = Campaign.objects.filter(is_archived=False)
        if post is not None and post.campaign_id:
            campaigns = campaigns | Campaign.objects.filter(pk=post.campaign_id)
        self.fields["campaign"].queryset = campaigns  # type: ignore[attr-defined]

    def clean_text(self) -> str:
        # Browsers send CRLF; networks would count both.
        return str(self.cleaned_data["text"]).replace("\r\n", "\n").strip()


def selectable(user: Any, post: Post | None) -> Any:
    """Accounts that can be chosen, and those the post is for already."""
    seen = Account.objects.visible_to(user)
    usable = seen.filter(status__in=[AccountStatus.ACTIVE, AccountStatus.NEEDS_RECONNECT])
    if post is not None:
        usable = usable | seen.filter(publications__post=post)
    return usable.distinct().prefetch_related("slots")


@dataclass(slots=True)
class Picture:
    """A picture of the post with the alt text as it is typed."""

    asset: MediaAsset
    alt: str


@dataclass(slots=True)
class Typed:
    """Everything in the form that is not a plain field. Survives every error."""

    pictures: list[Picture] = field(default_factory=list)
    overrides: dict[int, str] = field(default_factory=dict)
    # "", "now", "queue", "at", or the ISO time of an offered slot.
    when: str = ""
    # As the browser writes it: 2026-11-12T10:00, local.
    local_due: str = ""
    comment: str = ""
    version: int | None = None

    @classmethod
    def from_request(cls, request: HttpRequest) -> Typed:
        data = request.POST
        version = data.get("version", "")
        return cls(
            pictures=_pictures(request),
            overrides={
                int(name.removeprefix("override_")): str(text).replace("\r\n", "\n").strip()
                for name, text in data.items()
                if name.startswith("override_") and name.removeprefix("override_").isdecimal()
            },
            when=data.get("when", ""),
            local_due=data.get("due_at", ""),
            comment=data.get("comment", ""),
            version=int(version) if version.isdecimal() else None,
        )

    @classmethod
    def from_post(cls, post: Post) -> Typed:
        shown = post.post_media.select_related("media").order_by("position")
        return cls(
            pictures=[Picture(item.media, item.media.alt_text) for item in shown],
            overrides={
                p.account_id: p.text_override for p in post.publications.all() if p.text_override
            },
            version=post.version,
        )

    def due_at(self) -> datetime | None:
        """The moment chosen, None for none. Raises Invalid for a local hour that is skipped."""
        if self.when in ("", "now", "queue"):
            return None
        try:
            moment = datetime.fromisoformat(self.local_due if self.when == "at" else self.when)
        except ValueError:
            message = _("Enter a date and a time.")
            raise Invalid("bad_time", message, {"due_at": [message]}) from None
        return queue.local_datetime(moment) if moment.tzinfo is None else moment

    def differs(self, post: Post) -> bool:
        """Are the pictures or the texts per account others than the stored ones?"""
        stored = Typed.from_post(post)
        mine = [(p.asset.pk, p.alt.strip()) for p in self.pictures]
        return (
            mine != [(p.asset.pk, p.alt) for p in stored.pictures]
            or {pk: text for pk, text in self.overrides.items() if text} != stored.overrides
        )


def _pictures(request: HttpRequest) -> list[Picture]:
    dropped = set(request.POST.getlist("drop"))
    return _described(request, [pk for pk in request.POST.getlist("media") if pk not in dropped])


def _described(request: HttpRequest, asked: list[str]) -> list[Picture]:
    wanted = [pk for pk in asked if pk.isdecimal() and len(pk) < 19]
    found = MediaAsset.objects.visible_to(request.user).in_bulk([int(pk) for pk in wanted])
    return [
        Picture(found[int(pk)], request.POST.get(f"alt_{pk}", found[int(pk)].alt_text))
        for pk in dict.fromkeys(wanted)
        if int(pk) in found
    ]


def initial(post: Post | None, request: HttpRequest) -> dict[str, Any]:
    """The plain fields of a stored post, or of a new one with what the address names."""
    if post is None:
        chosen = [int(pk) for pk in request.GET.getlist("account") if pk.isdecimal()]
        return {
            "language": Organisation.get().language,
            "accounts": chosen,
            "campaign": request.GET.get("campaign", ""),
            "text": request.GET.get("text", ""),
            "link": request.GET.get("link", ""),
        }
    return {
        "text": post.text,
        "link": post.link,
        "track_link": post.track_link,
        "language": post.language,
        "content_type": post.content_type if post.content_type in SAID else "",
        "campaign": post.campaign_id,
        "is_evergreen": post.is_evergreen,
        "accounts": chosen_accounts(post),
    }


def chosen_accounts(post: Post) -> list[int]:
    """Ids of the accounts the post goes out on or has gone out on."""
    rows = post.publications.all()
    return [p.account_id for p in rows if p.status != PublicationStatus.CANCELLED]


def asked_for(request: HttpRequest) -> Typed:
    """Time and pictures a new post was asked for in the address (a click into the calendar)."""
    asked = request.GET.get("due_at", "")
    pictures = _described(request, request.GET.getlist("media"))
    try:
        moment = datetime.fromisoformat(asked.replace(" ", "+"))
    except ValueError:
        return Typed(pictures=pictures)
    if moment.tzinfo is not None:
        moment = timezone.localtime(moment).replace(tzinfo=None)
    return Typed(pictures=pictures, when="at", local_due=f"{moment:%Y-%m-%dT%H:%M}")


def has_changed(post: Post, form: ComposerForm, typed: Typed, request: HttpRequest) -> bool:
    """Would saving change anything about the content?"""
    before = initial(post, request)
    data = form.cleaned_data
    now = {
        **data,
        "campaign": data["campaign"].pk if data["campaign"] else None,
        "accounts": sorted(account.pk for account in data["accounts"]),
    }
    before["accounts"] = sorted(before["accounts"])
    return now != before or typed.differs(post) or bool(request.FILES.getlist("files"))


@transaction.atomic
def save(request: HttpRequest, post: Post | None, form: ComposerForm, typed: Typed) -> Post:
    """Create or edit through the service. Raises ServiceError; then nothing is stored."""
    user = request.user
    for file in request.FILES.getlist("files"):
        # Without JavaScript pictures come with the form.
        asset = media.upload(user, file)
        typed.pictures.append(Picture(asset, asset.alt_text))
    before = [picture.asset for picture in typed.pictures]
    assets = [alt_texts.with_alt_text(p.asset, user, p.alt) for p in typed.pictures]
    data = dict(form.cleaned_data)
    chosen = {account.pk for account in data["accounts"]}
    fields = {
        **data,
        "content_type": data["content_type"] or _found_out(post, len(assets), data["link"]),
        "media": assets,
        "overrides": {pk: text for pk, text in typed.overrides.items() if pk in chosen},
    }
    due_at = typed.due_at()
    if post is None:
        fields["overrides"] = {pk: text for pk, text in fields["overrides"].items() if text}
        return posts.create(user, due_at=due_at, **fields)
    saved = posts.edit(post, user, version=typed.version, due_at=due_at, **fields)
    alt_texts.forget_replaced(asset for asset in before if asset not in assets)
    return saved


def _found_out(post: Post | None, pictures: int, link: str) -> str:
    if post is not None and post.content_type in FOUND_OUT:
        same = pictures == post.post_media.count() and bool(link) == bool(post.link)
        if same:
            return post.content_type
    if pictures > 1:
        return ContentType.CAROUSEL
    if pictures == 1:
        return ContentType.IMAGE
    return ContentType.LINK if link else ContentType.TEXT
