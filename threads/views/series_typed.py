"""What a person typed into the editor of a series. It survives every error."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import URLValidator
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from socialhub.models import Account, AccountStatus, Campaign, MediaAsset, Organisation
from socialhub.services.errors import Invalid
from socialhub.views.composing import Picture, Typed
from threads.models import Mode, Numbering, ThreadPost, ThreadSeries
from threads.queries import series_page
from threads.services.series.data import AccountChoice, PartData

# More than a series may have, so that what was typed too much comes back with the refusal.
MOST_READ = 100
KEY = re.compile(r"[a-z0-9]{1,12}\Z")
ID = re.compile(r"[0-9]{1,18}\Z")
PLAIN = ("title", "topic", "language", "numbering", "numbers_first", "closing", "pace_seconds")


class SeriesForm(forms.Form):
    """The fields of the whole series. Parts and the time are read by `typed` and `when`."""

    title = forms.CharField(required=False, max_length=200)
    topic = forms.CharField(required=False)
    language = forms.ChoiceField(choices=settings.LANGUAGES)
    campaign = forms.ModelChoiceField(Campaign.objects.none(), required=False)
    accounts = forms.ModelMultipleChoiceField(Account.objects.none(), required=False)
    numbering = forms.ChoiceField(choices=Numbering.choices)
    numbers_first = forms.BooleanField(required=False)
    closing = forms.CharField(required=False)
    pace_seconds = forms.IntegerField(min_value=0, max_value=86_400)

    def __init__(
        self, *args: Any, user: Any, row: ThreadSeries | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["accounts"].queryset = selectable(user, row)  # type: ignore[attr-defined]
        campaigns = Campaign.objects.filter(is_archived=False)
        if row is not None and row.campaign_id:
            campaigns = campaigns | Campaign.objects.filter(pk=row.campaign_id)
        self.fields["campaign"].queryset = campaigns  # type: ignore[attr-defined]

    def clean_topic(self) -> str:
        return plain(self.cleaned_data["topic"])

    def clean_closing(self) -> str:
        return plain(self.cleaned_data["closing"])


def selectable(user: Any, row: ThreadSeries | None) -> Any:
    """Accounts that can be chosen, and those of the series already."""
    seen = Account.objects.visible_to(user)
    usable = seen.filter(status__in=[AccountStatus.ACTIVE, AccountStatus.NEEDS_RECONNECT])
    if row is not None:
        usable = usable | seen.filter(thread_series=row)
    return usable.distinct().prefetch_related("slots")


def plain(text: Any) -> str:
    """Browsers send CRLF; networks would count both."""
    return str(text).replace("\r\n", "\n").strip()


def initial(row: ThreadSeries | None, request: HttpRequest) -> dict[str, Any]:
    """Of a stored series, or of a new one with what the address names."""
    if row is not None:
        return {
            **{name: getattr(row, name) for name in PLAIN},
            "campaign": row.campaign_id,
            "accounts": list(row.accounts.values_list("pk", flat=True)),
        }
    blank = ThreadSeries()
    return {
        **{name: getattr(blank, name) for name in PLAIN},
        "language": Organisation.get().language,
        "topic": request.GET.get("topic", ""),
        "campaign": request.GET.get("campaign", ""),
        "accounts": [int(pk) for pk in request.GET.getlist("account") if ID.match(pk)],
    }


# -- parts --------------------------------------------------------------------------------


@dataclass(slots=True)
class Part:
    """One part as it is typed; `key` names its fields and says nothing about its place."""

    key: str
    id: int | None = None
    text: str = ""
    link: str = ""
    track_link: bool = False
    pictures: list[Picture] = field(default_factory=list)
    # Of a template, still to be made.
    picture: dict[str, Any] = field(default_factory=dict)
    overrides: dict[int, str] = field(default_factory=dict)
    position: int = 0
    # It is out on some account: its text stays.
    is_out: bool = False
    counts: list[Any] = field(default_factory=list)
    owns: list[Any] = field(default_factory=list)

    @property
    def picture_json(self) -> str:
        return json.dumps(self.picture) if self.picture else ""


def stored(row: ThreadSeries) -> list[Part]:
    found = row.parts.prefetch_related("part_media__media")
    return numbered(_from_row(at, part) for at, part in enumerate(found))


def _from_row(at: int, row: ThreadPost) -> Part:
    return Part(
        key=str(at),
        id=row.pk,
        text=row.text,
        link=row.link,
        track_link=row.track_link,
        pictures=[Picture(one.media, one.media.alt_text) for one in row.part_media.all()],
        picture=dict(row.picture),
        overrides={int(pk): text for pk, text in row.overrides.items()},
    )


def numbered(parts: Iterable[Part]) -> list[Part]:
    found = list(parts)
    for at, part in enumerate(found, 1):
        part.position = at
    return found


def typed(request: HttpRequest) -> list[Part]:
    """The parts in the form, in their order there."""
    data = request.POST
    keys = [key for key in dict.fromkeys(data.getlist("part")) if KEY.match(key)][:MOST_READ]
    assets = _assets(request, keys)
    return numbered(_typed_part(data, key, assets) for key in keys)


def _typed_part(data: Any, key: str, assets: Mapping[int, MediaAsset]) -> Part:
    prefix = f"part-{key}-"
    own = f"{prefix}own_"
    pk = data.get(f"{prefix}id", "")
    return Part(
        key=key,
        id=int(pk) if ID.match(pk) else None,
        text=plain(data.get(f"{prefix}text", "")),
        link=data.get(f"{prefix}link", "").strip(),
        track_link=f"{prefix}track_link" in data,
        pictures=[
            Picture(assets[pk], data.get(f"{prefix}alt_{pk}", assets[pk].alt_text))
            for pk in _wanted(data, prefix)
            if pk in assets
        ],
        picture=_picture(data.get(f"{prefix}picture", "")),
        overrides={
            int(name.removeprefix(own)): plain(text)
            for name, text in data.items()
            if name.startswith(own) and ID.match(name.removeprefix(own)) and plain(text)
        },
    )


def _picture(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _wanted(data: Any, prefix: str) -> list[int]:
    dropped = set(data.getlist(f"{prefix}drop"))
    wanted = data.getlist(f"{prefix}media")
    return [int(pk) for pk in dict.fromkeys(wanted) if ID.match(pk) and pk not in dropped]


def _assets(request: HttpRequest, keys: Iterable[str]) -> dict[int, MediaAsset]:
    ids = {pk for key in keys for pk in _wanted(request.POST, f"part-{key}-")}
    return MediaAsset.objects.visible_to(request.user).in_bulk(ids) if ids else {}


def rearranged(parts: list[Part], op: str) -> list[Part]:
    """What a button does without scripts: "add", or up, down, copy, drop and a key: "up-0"."""
    verb, _dash, key = op.partition("-")
    place = next((at for at, part in enumerate(parts) if part.key == key), None)
    found = list(parts)
    if verb == "add":
        found.append(Part(_free(parts)))
    elif place is None:
        return parts
    elif verb == "drop":
        del found[place]
    elif verb == "copy":
        found.insert(place + 1, _copy(found[place], _free(parts)))
    elif verb in ("up", "down"):
        to = place + (-1 if verb == "up" else 1)
        if 0 <= to < len(found):
            found[place], found[to] = found[to], found[place]
    return numbered(found)


def _free(parts: Sequence[Part]) -> str:
    taken = {part.key for part in parts}
    return next(key for n in range(len(parts) + 1) if (key := f"n{n}") not in taken)


def _copy(part: Part, key: str) -> Part:
    return Part(
        key,
        text=part.text,
        link=part.link,
        track_link=part.track_link,
        pictures=list(part.pictures),
        picture=dict(part.picture),
        overrides=dict(part.overrides),
    )


# -- the whole form as the services take it ---------------------------------------------------


def modes(request: HttpRequest, row: ThreadSeries | None) -> dict[int, str]:
    """Account id → how the parts hang together there, as chosen; "" where nobody chose."""
    if request.method == "POST":
        return {
            int(name.removeprefix("mode_")): value if value in Mode.values else ""
            for name, value in request.POST.items()
            if name.startswith("mode_") and ID.match(name.removeprefix("mode_"))
        }
    if row is None:
        return {}
    return dict(row.series_accounts.values_list("account_id", "mode"))


def chosen(form: SeriesForm) -> list[Account]:
    """The accounts that are ticked, also in a form with errors."""
    wanted = {str(getattr(pk, "pk", pk)) for pk in form["accounts"].value() or []}
    rows = form.fields["accounts"].queryset  # type: ignore[attr-defined]
    return [account for account in rows if str(account.pk) in wanted]


def choices(accounts: Iterable[Account], by_account: Mapping[int, str]) -> list[AccountChoice]:
    return [AccountChoice(one, by_account.get(one.pk, "")) for one in accounts]


def data_of(
    part: Part, accounts: Iterable[Account], media: Sequence[MediaAsset] | None = None
) -> PartData:
    """As the services take a part; `media` are its pictures with their alt texts stored."""
    ids = {account.pk for account in accounts}
    return PartData(
        text=part.text,
        link=part.link,
        track_link=part.track_link,
        media=[picture.asset for picture in part.pictures] if media is None else media,
        overrides={pk: text for pk, text in part.overrides.items() if pk in ids},
        picture=part.picture,
        id=part.id,
    )


def check_links(parts: Iterable[Part]) -> None:
    """Raise Invalid naming the parts whose link is no address."""
    is_url = URLValidator(schemes=["http", "https"])
    found = {}
    for part in parts:
        try:
            if part.link:
                is_url(part.link)
        except forms.ValidationError:
            found[f"link_{part.key}"] = [_("Enter an address that begins with https://.")]
    if found:
        raise Invalid("bad_link", _("A link is not an address. It is marked below."), found)


def title_of(title: str, parts: Sequence[Part]) -> str:
    """The title, else the first words of the first part."""
    words = title.strip() or " ".join(next((p.text for p in parts if p.text), "").split())[:80]
    return words or _("Series without a title")


def when(request: HttpRequest, row: ThreadSeries | None) -> Typed:
    """The time as it is chosen, the comment and the version that was on the screen."""
    data = request.POST
    if request.method == "POST":
        version = data.get("over") or data.get("version", "")
        return Typed(
            when=data.get("when", ""),
            local_due=data.get("due_at", ""),
            comment=data.get("comment", ""),
            version=int(version) if ID.match(version) else None,
        )
    due = row.due_at if row is not None and not follows_at_once(row) else None
    local = f"{timezone.localtime(due):%Y-%m-%dT%H:%M}" if due else ""
    return Typed(when="at" if due else "", local_due=local, version=row.version if row else None)


def follows_at_once(row: ThreadSeries) -> bool:
    """Its time has passed and some of it is out: what is missing needs no time of its own."""
    has_begun = row.due_at is not None and row.due_at < timezone.now()
    return has_begun and bool(series_page.out_parts(row))


def due_at(time: Typed, row: ThreadSeries | None) -> datetime | None:
    """The moment chosen; the stored one to the second where its minute was left as it was."""
    found = time.due_at()
    stored = row.due_at if row is not None else None
    if row is not None and not time.when and follows_at_once(row):
        return stored
    if found and stored and found == stored.replace(second=0, microsecond=0):
        return stored
    return found


def has_changed(
    row: ThreadSeries,
    form: SeriesForm,
    parts: Sequence[Part],
    by_account: Mapping[int, str],
    request: HttpRequest,
) -> bool:
    """Would saving change anything about the content?"""
    before = initial(row, request)
    data = form.cleaned_data
    now = {
        **{name: data[name] for name in PLAIN},
        "campaign": data["campaign"].pk if data["campaign"] else None,
        "accounts": sorted(account.pk for account in data["accounts"]),
    }
    now["title"] = title_of(data["title"], parts)
    before["accounts"] = sorted(before["accounts"])
    modes_before = dict(row.series_accounts.values_list("account_id", "mode"))
    modes_now = {pk: by_account.get(pk) or modes_before.get(pk) for pk in now["accounts"]}
    return (
        now != before
        or modes_now != modes_before
        or [_content(part) for part in parts] != [_content(part) for part in stored(row)]
    )


def _content(part: Part) -> tuple[Any, ...]:
    pictures = [(one.asset.pk, one.alt.strip()) for one in part.pictures]
    own = {pk: text for pk, text in part.overrides.items() if text}
    return part.id, part.text, part.link, part.track_link, pictures, own, part.picture
