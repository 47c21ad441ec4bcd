"""What the apps above offer to the core, filled in their `AppConfig.ready()`.

The core imports none of them: it asks here by name and does without when nobody offered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from socialhub.models import Account


@dataclass(frozen=True, slots=True)
class BestTime:
    """A stretch of time in which posts did well; `n` is how many posts that rests on.

    `order` 0 is the best of those offered together.
    """

    start: datetime
    end: datetime
    n: int
    note: str = ""
    order: int = 0


# (accounts, from, to) → the good times in between; the calendar shows them as a faint band.
BestTimes = Callable[[Sequence[Account], datetime, datetime], Sequence[BestTime]]

_best_times: list[BestTimes] = []
_panels: dict[str, list[str]] = {}


def register_best_times(provider: BestTimes) -> BestTimes:
    """Offer best times to the calendar."""
    if provider not in _best_times:
        _best_times.append(provider)
    return provider


def best_times(accounts: Sequence[Account], start: datetime, end: datetime) -> list[BestTime]:
    """What every provider offers; [] when none is registered."""
    return [time for provider in _best_times for time in provider(accounts, start, end)]


def register_panel(place: str, url_name: str) -> None:
    """Show the fragment at `url_name` on a page of the core; it is loaded over HTMX.

    Places: "today" and "composer" (no arguments), "interaction", "post" and "publication" (the
    row's id). One in the composer offers things to insert; see composer.js.
    """
    names = _panels.setdefault(place, [])
    if url_name not in names:
        names.append(url_name)


def panels(place: str) -> tuple[str, ...]:
    """URL names of the fragments offered for a place."""
    return tuple(_panels.get(place, ()))


@dataclass(frozen=True, slots=True)
class ListAction:
    """An action on the selected rows of a list; `run` is as Django's admin calls one."""

    name: str
    description: Any
    verb: str
    run: Callable[[Any, Any, Any], Any]


_list_actions: dict[str, list[ListAction]] = {}


def register_list_action(model: str, action: ListAction) -> None:
    """Offer it on the list of `model` ("socialhub.interaction") to who may `verb`."""
    actions = _list_actions.setdefault(model, [])
    if action not in actions:
        actions.append(action)


def list_actions(model: str) -> tuple[ListAction, ...]:
    """What the apps above offer on the list of a model."""
    return tuple(_list_actions.get(model, ()))


# (post, what was sent, user) → notes with the post what the composer's panels put into the form.
PostSaved = Callable[[Any, Any, Any], None]

_post_saved: list[PostSaved] = []


def register_post_saved(receiver: PostSaved) -> PostSaved:
    """Hear of each post stored by the composer. It must not raise for what somebody typed."""
    if receiver not in _post_saved:
        _post_saved.append(receiver)
    return receiver


def post_saved(post: Any, sent: Any, user: Any) -> None:
    """Tell everybody who registered."""
    for receiver in _post_saved:
        receiver(post, sent, user)


# (link, key of the destination, address) → parameters that tell the address where people come from.
LinkMarks = Callable[[Any, str, str], dict[str, str]]

_link_marks: list[LinkMarks] = []


def register_link_marks(provider: LinkMarks) -> LinkMarks:
    """Add parameters to the addresses short links lead to."""
    if provider not in _link_marks:
        _link_marks.append(provider)
    return provider


def link_marks(link: Any, destination: str, url: str) -> dict[str, str]:
    """What every provider adds to this address."""
    return {
        name: value
        for provider in _link_marks
        for name, value in provider(link, destination, url).items()
    }


# link → why its destinations must stay as they are; "" when they need not.
LinkLock = Callable[[Any], str]
# → subquery of ids of links whose single visits are still needed.
NeededVisits = Callable[[], Any]

_link_locks: list[LinkLock] = []
_needed_visits: list[NeededVisits] = []


def register_link_lock(provider: LinkLock) -> None:
    """Keep links from being changed while an app above counts on them."""
    if provider not in _link_locks:
        _link_locks.append(provider)


def link_lock(link: Any) -> str:
    """The first reason, in the active language; "" when the link may be changed."""
    return next((why for provider in _link_locks if (why := provider(link))), "")


def register_needed_visits(provider: NeededVisits) -> None:
    """Keep the single visits of links past the usual time."""
    if provider not in _needed_visits:
        _needed_visits.append(provider)


def needed_visits() -> list[Any]:
    """Every subquery offered."""
    return [provider() for provider in _needed_visits]


# -- marks of the apps above on publications -------------------------------------------


@dataclass(frozen=True, slots=True)
class Mark:
    """What a publication is besides ("recycled"); `url` is the page about that, "" for none."""

    code: str
    icon: str
    title: str
    url: str = ""


# (user, publication ids) → marks by id; publications without one are absent.
PublicationMarks = Callable[[Any, Sequence[int]], dict[int, Mark]]

_publication_marks: list[PublicationMarks] = []


def register_publication_marks(provider: PublicationMarks) -> None:
    """Mark publications in calendar and lists. It asks a constant number of queries."""
    if provider not in _publication_marks:
        _publication_marks.append(provider)


def publication_marks(user: Any, ids: Iterable[int]) -> dict[int, list[Mark]]:
    """What every provider says of these publications."""
    asked, found = list(ids), dict[int, list[Mark]]()
    for provider in _publication_marks if asked else ():
        for pk, mark in provider(user, asked).items():
            found.setdefault(pk, []).append(mark)
    return found


# -- notices and needs of the apps above ----------------------------------------------


@dataclass(frozen=True, slots=True)
class NoticeText:
    """A notice in the active language; `path` is the page to open."""

    title: str
    what: str
    todo: str
    path: str


@dataclass(frozen=True, slots=True)
class NoticeSource:
    """Who describes the incidents of an app, and which verb a person needs to hear of them."""

    describe: Callable[[str], NoticeText | None]
    verb: Callable[[str], str]


# (user, now) → what waits for this person: needs (socialhub.queries.needs) and how many more.
Needs = Callable[[Any, datetime], tuple[Sequence[Any], int]]

_notice_sources: dict[str, NoticeSource] = {}
_needs: list[Needs] = []


def register_notices(app: str, source: NoticeSource) -> None:
    """Describe incidents that begin with "app:"; see NoticeKind.TASK."""
    _notice_sources[app] = source


def notice_source(incident: str) -> NoticeSource | None:
    """Who knows this incident; None when its app is gone."""
    return _notice_sources.get(incident.partition(":")[0])


def register_needs(provider: Needs) -> Needs:
    """Offer lines to "Needs you" on Today."""
    if provider not in _needs:
        _needs.append(provider)
    return provider


def needs(user: Any, now: datetime) -> list[tuple[Sequence[Any], int]]:
    """What every provider has for this person."""
    return [provider(user, now) for provider in _needs]


# -- media of the apps above ----------------------------------------------------------

# user → subqueries of media ids that this person may see whatever their account grants.
SharedMedia = Callable[[Any], Sequence[Any]]

_shared_media: list[SharedMedia] = []


def register_shared_media(provider: SharedMedia) -> None:
    """Say which media files hang on no account (pictures of products)."""
    if provider not in _shared_media:
        _shared_media.append(provider)


def shared_media(user: Any) -> list[Any]:
    """Every subquery offered for this person."""
    return [ids for provider in _shared_media for ids in provider(user)]


# -- posts that belong to something above ---------------------------------------------


@dataclass(frozen=True, slots=True)
class PostOwner:
    """What a post is a part of; `sentence` says where it is changed, `path` is that page."""

    sentence: str
    path: str


# post ids → owners by id, in the active language; posts of their own are absent.
PostOwners = Callable[[Sequence[int]], dict[int, PostOwner]]

_post_owners: list[PostOwners] = []


def register_post_owners(provider: PostOwners) -> None:
    """Posts that people change through something else, as a whole: their own verbs refuse."""
    if provider not in _post_owners:
        _post_owners.append(provider)


def post_owner(post: Any) -> PostOwner | None:
    """What this post is a part of; None for a post of its own."""
    for provider in _post_owners:
        if owner := provider([post.pk]).get(post.pk):
            return owner
    return None


# -- data for image templates ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DataItem:
    """Something whose values can fill a template. `values` by name: text, Decimal or media id.

    Names a template may use: title, text, price (Decimal), currency, tax_included, image
    (MediaAsset id), url, number, label, change, date.
    """

    key: str
    label: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DataSource:
    """A place where values come from. `find` (user, search, limit); `get` (user, key) or None."""

    name: str
    label: Any
    find: Callable[[Any, str, int], Sequence[DataItem]]
    get: Callable[[Any, str], DataItem | None]


_data_sources: dict[str, DataSource] = {}


def register_data_source(source: DataSource) -> None:
    """Offer values to image templates and to writers ("product", "service", "post", "metric")."""
    _data_sources[source.name] = source


def data_sources() -> tuple[DataSource, ...]:
    """Every source, in the order of registration."""
    return tuple(_data_sources.values())


def data_source(name: str) -> DataSource | None:
    """The source of that name, or None."""
    return _data_sources.get(name)


# -- one provider per name ------------------------------------------------------------

PUBLICATION_METRICS = "publication_metrics"
MEASURE_PUBLICATION = "measure_publication"
PICTURE_NAME = "picture_name"

_providers: dict[str, Callable[..., Any]] = {}


def offer(name: str, provider: Callable[..., Any]) -> None:
    """Register the provider of `name`. Raises ValueError when another one has it."""
    if _providers.setdefault(name, provider) is not provider:
        raise ValueError(f"{name} is offered twice")


def provider(name: str) -> Callable[..., Any] | None:
    """Who provides `name`, or None."""
    return _providers.get(name)


def publication_metrics(publication_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Latest counters per publication id; a publication never measured is absent."""
    found = provider(PUBLICATION_METRICS)
    return found(list(publication_ids)) if found else {}


def measure_publication(user: Any, publication: Any) -> Any:
    """The job that reads its counters now; None where nobody reads them. Raises ServiceError."""
    found = provider(MEASURE_PUBLICATION)
    return found(user, publication) if found else None


def picture_name(asset: Any, user: Any) -> str:
    """The name of what a picture shows (a product), as far as this person may know it."""
    found = provider(PICTURE_NAME)
    return str(found(asset, user)) if found else ""
