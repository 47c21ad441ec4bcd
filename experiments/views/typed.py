"""What a person typed into the form of a test. It survives every error."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from experiments.models import ABTest, ABTestVariant, Design, Metric, SplitBy
from socialhub.models import Account, AccountStatus, Campaign, MediaAsset, Organisation
from socialhub.views.composing import Picture

MOST = 10
CONFIDENCES = [("0.9", "90 %"), ("0.95", "95 %"), ("0.99", "99 %")]
POWERS = [("0.7", "70 %"), ("0.8", "80 %"), ("0.9", "90 %")]


class TestForm(forms.Form):
    """Question and plan. The variants are read by `Variants`; the services check it all."""

    # pytest takes classes of this name for tests.
    __test__ = False

    question = forms.CharField(max_length=200)
    design = forms.ChoiceField(choices=Design.choices)
    split_by = forms.ChoiceField(choices=[("", ""), *SplitBy.choices], required=False)
    metric = forms.ChoiceField(choices=Metric.choices)
    accounts = forms.ModelMultipleChoiceField(Account.objects.none(), required=False)
    language = forms.ChoiceField(choices=settings.LANGUAGES)
    campaign = forms.ModelChoiceField(Campaign.objects.none(), required=False)
    # In percent, as people say it.
    effect = forms.FloatField(min_value=1, max_value=1000, localize=False)
    confidence = forms.FloatField()
    power = forms.FloatField()
    washout_hours = forms.IntegerField(min_value=24, max_value=336, required=False)
    planned_size = forms.IntegerField(min_value=1, required=False)
    first_at = forms.DateTimeField(required=False)
    ends_at = forms.DateTimeField(required=False)
    is_open_ended = forms.BooleanField(required=False)
    page_slug = forms.SlugField(max_length=40, required=False)

    def __init__(self, *args: Any, user: Any, test: ABTest | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["accounts"].queryset = selectable(user, test)  # type: ignore[attr-defined]
        campaigns = Campaign.objects.filter(is_archived=False)
        if test is not None and test.campaign_id:
            campaigns = campaigns | Campaign.objects.filter(pk=test.campaign_id)
        self.fields["campaign"].queryset = campaigns  # type: ignore[attr-defined]

    def clean_split_by(self) -> str:
        # The choice stays on the page when another design is looked at.
        if self.data.get("design") != Design.SPLIT:
            return ""
        return str(self.cleaned_data["split_by"])

    def plan(self) -> dict[str, Any]:
        """The fields as the services call them."""
        data = dict(self.cleaned_data)
        data["smallest_effect"] = data.pop("effect") / 100
        data["washout_hours"] = data["washout_hours"] or 48
        data["page_slug"] = data["page_slug"] if data["split_by"] == SplitBy.PAGE else None
        if data["design"] == Design.SPLIT:
            data["first_at"] = None
        if data["design"] == Design.PAIRED:
            data["ends_at"], data["is_open_ended"] = None, False
        return data


def selectable(user: Any, test: ABTest | None) -> Any:
    """Accounts that can be chosen, and those of the test already."""
    seen = Account.objects.visible_to(user)
    usable = seen.filter(status__in=[AccountStatus.ACTIVE, AccountStatus.NEEDS_RECONNECT])
    if test is not None:
        usable = usable | seen.filter(ab_tests=test)
    return usable.distinct().prefetch_related("slots")


def initial(test: ABTest | None, request: HttpRequest) -> dict[str, Any]:
    """Of a stored test, or of a new one with what the address names."""
    if test is None:
        test = ABTest(
            design=request.GET.get("design", Design.PAIRED),
            metric=request.GET.get("metric", Metric.ENGAGEMENTS),
            language=Organisation.get().language,
        )
        chosen = [int(pk) for pk in request.GET.getlist("accounts") if pk.isdecimal()]
        asked = request.GET.get("effect", "")
        effect: Any = asked if asked.replace(".", "", 1).isdigit() else 20
        size = request.GET.get("size", "")
        if test.design != Design.PAIRED and size.isdecimal() and len(size) < 10:
            # Of paired slots the account's history says it again at the start.
            test.planned_size = int(size)
    else:
        chosen = list(test.accounts.values_list("pk", flat=True))
        effect = round(100 * test.smallest_effect, 2)
    return {
        **{name: getattr(test, name) for name in PLAIN},
        "campaign": test.campaign_id,
        "accounts": chosen,
        "effect": f"{float(effect):g}",
        "confidence": f"{test.confidence:g}",
        "power": f"{test.power:g}",
        "first_at": local(test.first_at),
        "ends_at": local(test.ends_at),
        "planned_size": test.planned_size or "",
        "page_slug": test.page_slug or "",
    }


PLAIN = (
    "question",
    "design",
    "split_by",
    "metric",
    "language",
    "washout_hours",
    "is_open_ended",
)


def local(moment: Any) -> str:
    """As a browser's field wants it."""
    return f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}" if moment else ""


# -- variants ---------------------------------------------------------------------------------


@dataclass(slots=True)
class Variant:
    """One variant as it is typed; `index` names its fields."""

    index: int
    name: str = ""
    text: str = ""
    link: str = ""
    track_link: bool = False
    weight: str = "1"
    pictures: list[Picture] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    counts: list[Any] = field(default_factory=list)

    @property
    def letter(self) -> str:
        return ascii_uppercase[self.index] if self.index < 26 else str(self.index + 1)

    @property
    def is_control(self) -> bool:
        return self.index == 0


def blank() -> list[Variant]:
    return [Variant(0), Variant(1)]


def stored(test: ABTest) -> list[Variant]:
    rows = test.variants.prefetch_related("variant_media__media")
    return [_from_row(at, row) for at, row in enumerate(rows)] or blank()


def _from_row(at: int, row: ABTestVariant) -> Variant:
    return Variant(
        index=at,
        name="" if row.name == ascii_uppercase[at] else row.name,
        text=row.text,
        link=row.link,
        track_link=row.track_link,
        weight=str(row.weight),
        pictures=[Picture(one.media, one.media.alt_text) for one in row.variant_media.all()],
    )


def typed(request: HttpRequest) -> list[Variant]:
    """The variants in the form, numbered anew in their order."""
    data = request.POST
    places = [one for one in data.getlist("variant") if one.isdecimal()][: MOST + 1]
    assets = _assets(request, places)
    found = []
    for at, place in enumerate(places):
        prefix = f"variant-{place}-"
        found.append(
            Variant(
                index=at,
                name=data.get(f"{prefix}name", "").strip(),
                # Browsers send CRLF; networks would count both.
                text=data.get(f"{prefix}text", "").replace("\r\n", "\n").strip(),
                link=data.get(f"{prefix}link", "").strip(),
                track_link=f"{prefix}track_link" in data,
                weight=data.get(f"{prefix}weight", "1").strip(),
                pictures=[
                    Picture(assets[pk], data.get(f"{prefix}alt_{pk}", assets[pk].alt_text))
                    for pk in _wanted(data, prefix)
                    if pk in assets
                ],
            )
        )
    return found or blank()


def _wanted(data: Any, prefix: str) -> list[int]:
    dropped = set(data.getlist(f"{prefix}drop"))
    wanted = data.getlist(f"{prefix}media")
    return [int(pk) for pk in dict.fromkeys(wanted) if pk.isdecimal() and pk not in dropped]


def _assets(request: HttpRequest, places: Iterable[str]) -> dict[int, MediaAsset]:
    ids = {pk for place in places for pk in _wanted(request.POST, f"variant-{place}-")}
    if not ids:
        return {}
    return MediaAsset.objects.visible_to(request.user).in_bulk(ids)


def renumbered(variants: list[Variant], request: HttpRequest) -> list[Variant]:
    """After "add" or "remove": `more` is "1", `less` the place of the one to leave out."""
    less = request.POST.get("less", "")
    if less.isdecimal() and len(variants) > 2:
        variants = [one for one in variants if one.index != int(less)]
    if request.POST.get("more") and len(variants) < MOST:
        # A new one begins as a copy of the control: only the difference is typed.
        first = variants[0]
        variants = [
            *variants,
            Variant(MOST, text=first.text, link=first.link, track_link=first.track_link),
        ]
    for at, one in enumerate(variants):
        one.index = at
    return variants


def whole(text: str) -> Any:
    """A number where it is one; else the text itself, which the service refuses."""
    return int(text) if text.isdecimal() and len(text) < 9 else text
