"""The contract between SocialHub and a network.

Everything here is plain data. Services build a `Connection` and a `Draft` from rows, call an
adapter, and write what it returns. An adapter raises only `PlatformError` subclasses.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Literal

from socialhub.platforms.errors import InvalidContent, PermissionDenied
from socialhub.platforms.text import cashtags, count_units, hashtags, links, mentions

JSON = dict[str, Any]

# Counters a network may report; `comments` includes replies, `shares` includes reposts and quotes.
COUNTERS = (
    "likes",
    "comments",
    "shares",
    "impressions",
    "reach",
    "saves",
    "clicks",
    "replies",
    "quotes",
)
# What a person may switch on or off for one account.
SWITCHES = ("threads", "replies", "interactions")


@dataclass(frozen=True, slots=True)
class Prices:
    """A network's price list in USD. Kinds: "post", "post_with_link", "reply", "media_metadata",
    "delete" (writing); "post_read", "owned_read", "user_read" (reading, per thing read)."""

    per: Mapping[str, Decimal]
    # The day the list was read, and where.
    as_of: date
    source: str

    def cost(self, kinds: Mapping[str, int]) -> Decimal:
        """USD for so many of each kind. Raises KeyError for a kind without a price."""
        return sum((self.per[kind] * count for kind, count in kinds.items()), Decimal(0))


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What one network (or one server of it) takes and reports. Data, read by every screen."""

    text_limit: int
    # How the network counts: "graphemes", "characters", "utf16", "weighted", "emoji_bytes".
    text_unit: str = "graphemes"
    # A second limit in UTF-8 bytes, where the network has one.
    byte_limit: int | None = None
    # A link counts as this many units whatever its length; None = as written.
    link_length: int | None = None
    content_types: frozenset[str] = frozenset({"text", "image", "carousel", "link"})
    max_images: int = 4
    image_max_bytes: int = 5_000_000
    image_mimes: frozenset[str] = frozenset({"image/jpeg", "image/png"})
    alt_text_limit: int = 1_500
    # A post may answer one of our own posts (multi-post series).
    threads: bool = True
    # What a series may be instead, when a person asks for it: "comments" (the first part and
    # our own comments under it), "numbered" (posts of their own that carry numbers).
    thread_substitutes: frozenset[str] = frozenset({"comments", "numbered"})
    # We may answer comments of other people.
    replies: bool = True
    metrics: frozenset[str] = frozenset()
    # What a second identical request does: "idempotent" (the same post again),
    # "look" (a second copy; ask the network first), "blind" (a second copy; cannot ask).
    repeat: Literal["idempotent", "look", "blind"] = "look"
    can_list_own: bool = True
    interactions: bool = True
    # Posts we may send: (how many, in how many seconds), each window counted by us.
    write_budget: tuple[tuple[int, int], ...] = ()
    # Posts per metrics request.
    metrics_batch: int = 25
    # `comments` and `replies` hold the next parts of our own series too.
    counts_own_replies: bool = False
    # Those of a first post count everything below it, not only what answers it: all further
    # parts of ours, and our answers to people.
    counts_conversation: bool = False
    # It tells how many follow the account.
    reports_audience: bool = False
    # USD for reading the counters of one post, charged once per post and UTC day however often
    # it is read. None = reading is free.
    read_price_usd: Decimal | None = None
    # What writing and reading costs; None = nothing.
    prices: Prices | None = None
    # Reading again on the same UTC day is left to people who ask for it.
    read_once_per_day: bool = False
    # Counters arrive by themselves with `interactions`; nothing can be asked for.
    live_metrics: bool = False
    # There are no posts without an image.
    requires_media: bool = False
    # The network fetches images from our public address (MediaFile.public_url).
    fetches_media: bool = False
    # Width / height of an image, smallest and largest.
    image_ratios: tuple[float, float] | None = None
    # The limit of the text when there are images, where it is another one.
    caption_limit: int | None = None
    # How many of each a text may hold; None = no limit.
    max_links: int | None = None
    max_hashtags: int | None = None
    max_mentions: int | None = None
    max_cashtags: int | None = None
    # Images an answer or own comment may hold; None = as many as a post.
    max_images_in_reply: int | None = None
    # Read this often: interactions always, counters while a post is young. None = as usual.
    collect_every_seconds: int | None = None
    # What the network cannot do, with the reason a person may read: {"video": "…"}.
    unsupported: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class App:
    """The developer app that the operator registered at a network."""

    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    # As `Connection.options`: "api_version" and what else the operator chose.
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Findings:
    """What a call showed besides its answer. An adapter fills it in; services write it down."""

    # Kept in the account's options and handed in with the next call.
    learned: JSON = field(default_factory=dict)
    # The network's headers ask to slow down: no further reading before.
    slow_until: datetime | None = None
    # What the network charges for, by kind of `Prices`: {"post_read": 87}.
    charged: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Connection:
    """An account as an adapter needs it. `secrets` stays out of repr.

    `secrets` may hold "expires_at" (the access token ends and can be renewed) and "ends_at" (a
    person must have reconnected by then), ISO 8601 with offset.
    """

    platform: str
    server_url: str
    remote_id: str = ""
    handle: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    # Facts learned from the server and overrides set by a person (limits, "replies": False).
    options: Mapping[str, Any] = field(default_factory=dict)
    app: App = field(default_factory=App, repr=False)
    findings: Findings = field(default_factory=Findings, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Profile:
    """What connecting found out. `secrets` replaces what the person typed; see Connection."""

    remote_id: str
    handle: str
    display_name: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    options: Mapping[str, Any] = field(default_factory=dict)
    avatar_url: str = ""
    # What it is, where the network has several kinds: "page", "organisation".
    kind: str = ""


@dataclass(frozen=True, slots=True)
class MediaFile:
    """One image of a draft; `read` gives its bytes when an adapter needs them."""

    sha256: str
    mime: str
    width: int
    height: int
    size: int
    alt_text: str
    read: Callable[[], bytes] = field(repr=False)
    # A signed address under PUBLIC_MEDIA_URL that gives anybody the picture for a day, as a JPEG
    # of at most 1440 pixels in width. It holds a signature: never in a message.
    public_url: Callable[[], str] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class LinkCard:
    """A link shown as a card under the post. Title and text may be empty."""

    url: str
    title: str = ""
    description: str = ""
    image: MediaFile | None = None


@dataclass(frozen=True, slots=True)
class RemoteRef:
    """A post on the network. `data` is what the adapter needs to answer it (cid, author, …)."""

    remote_id: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """What to publish, before any network has seen it. `text` already holds the link, if any."""

    text: str
    # Our own key for this generation of the payload: a random UUID.
    key: str
    created_at: datetime
    language: str = ""
    card: LinkCard | None = None
    media: tuple[MediaFile, ...] = ()
    parent: RemoteRef | None = None
    root: RemoteRef | None = None


@dataclass(frozen=True, slots=True)
class Payload:
    """A frozen generation: exactly what `commit` sends, however often. `body` is JSON.

    `text` is what a look compares with; `parent_id` the remote id answered, "" for none.
    """

    key: str
    text: str
    body: JSON
    parent_id: str = ""
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """The network has it. `data` is what a later reply to it needs (for `RemoteRef.data`)."""

    remote_id: str
    permalink: str = ""
    published_at: datetime | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at the network showed. `receipt` is set when verdict is "found"."""

    verdict: Literal["found", "not_found", "ambiguous", "cannot_look"]
    receipt: Receipt | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Metrics:
    """Counters of one post; None = the network does not report it. Never 0 for missing."""

    likes: int | None = None
    comments: int | None = None
    shares: int | None = None
    impressions: int | None = None
    reach: int | None = None
    saves: int | None = None
    clicks: int | None = None
    replies: int | None = None
    quotes: int | None = None


GONE: Literal["gone"] = "gone"


@dataclass(frozen=True, slots=True)
class Audience:
    """Numbers of an account at this moment; None = the network does not report it."""

    followers: int | None = None
    # Accounts it follows.
    following: int | None = None
    # Posts it has on the network, whoever wrote them there.
    posts: int | None = None


@dataclass(frozen=True, slots=True)
class RemoteInteraction:
    """One comment, reply, mention or quote by somebody else."""

    remote_id: str
    kind: Literal["comment", "mention", "quote"]
    author_handle: str
    author_name: str
    text: str
    created_at: datetime
    permalink: str = ""
    # Our post it answers or quotes ("" for a plain mention), and the root of the conversation.
    parent_id: str = ""
    root_id: str = ""
    # What an answer to it needs.
    data: Mapping[str, Any] = field(default_factory=dict)
    # Remote id of our account it is for, when that is another one with the same login.
    account_id: str = ""


@dataclass(frozen=True, slots=True)
class InteractionPage:
    """Interactions newest or oldest first, and the cursor to hand in next time.

    `counters` (where `live_metrics`): remote id of the account ("" = the one asked) → remote id
    of the post → its counters from now on.
    """

    items: tuple[RemoteInteraction, ...]
    cursor: str = ""
    counters: Mapping[str, Mapping[str, Metrics]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a draft does not fit. `code` is stable; `params` fill the sentence."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TextCount:
    """Length of a text in the network's own unit; `byte_count` where bytes are limited too."""

    count: int
    unit: str
    limit: int
    byte_count: int | None = None
    byte_limit: int | None = None

    @property
    def ok(self) -> bool:
        too_many_bytes = self.byte_limit is not None and (self.byte_count or 0) > self.byte_limit
        return self.count <= self.limit and not too_many_bytes


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the account doctor; `code` is stable, `detail` may quote the network."""

    code: str
    ok: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Authorization:
    """Where to send a person to grant access, and what to keep until they come back."""

    authorize_url: str
    # Kept encrypted until the callback (client secret, PKCE verifier).
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


class PlatformAdapter(ABC):
    """One network. Instances hold no state: everything comes in through the arguments."""

    slug: ClassVar[str]
    name: ClassVar[str]
    capabilities: ClassVar[Capabilities]
    # "secret" (handle + secret, e.g. app password or token) and/or "oauth".
    connect_by: ClassVar[frozenset[str]] = frozenset({"secret"})
    # The person must say which server; else `default_server` is used.
    default_server: ClassVar[str] = ""
    secret_label: ClassVar[str] = "Token"
    is_pretend: ClassVar[bool] = False
    # False: two servers may use the same remote id for different profiles.
    remote_ids_are_global: ClassVar[bool] = False
    # The setting that holds the one address of this network ("X_API_BASE"); "" = the person says
    # which server. `default_server` is the setting's default.
    server_setting: ClassVar[str] = ""
    # Settings handed in as options: {"api_version": "LINKEDIN_API_VERSION"}.
    option_settings: ClassVar[Mapping[str, str]] = {}
    # OAuth needs an app that the operator registers in the network's developer portal.
    needs_app: ClassVar[bool] = False
    # A post may answer our own, at least for some accounts; False: there are no chains at all.
    can_chain: ClassVar[bool] = True
    # Renew the login this long before it ends; None = only when it is refused.
    refresh_before: ClassVar[timedelta | None] = None

    # -- data -----------------------------------------------------------------
    def capabilities_for(self, options: Mapping[str, Any]) -> Capabilities:
        """Capabilities with what this server said and what a person overrode."""
        chosen: JSON = {name: bool(options[name]) for name in SWITCHES if name in options}
        if not self.can_chain:
            chosen.pop("threads", None)
        return replace(self.capabilities, **chosen)

    def count(self, text: str, options: Mapping[str, Any] | None = None) -> TextCount:
        """Length of `text` as this network counts it."""
        caps = self.capabilities_for(options or {})
        return TextCount(
            count=count_units(text, caps.text_unit, caps.link_length),
            unit=caps.text_unit,
            limit=caps.text_limit,
            byte_count=len(text.encode()) if caps.byte_limit else None,
            byte_limit=caps.byte_limit,
        )

    def validate(self, draft: Draft, options: Mapping[str, Any] | None = None) -> list[Problem]:
        """Every reason why the network would refuse this draft; empty when it fits."""
        caps = self.capabilities_for(options or {})
        problems = []
        counted = self.count(draft.text, options)
        if counted.count > counted.limit:
            problems.append(
                Problem("text_too_long", {"count": counted.count, "limit": counted.limit})
            )
        if counted.byte_limit is not None and (counted.byte_count or 0) > counted.byte_limit:
            problems.append(
                Problem(
                    "text_too_many_bytes",
                    {"count": counted.byte_count, "limit": counted.byte_limit},
                )
            )
        elif draft.media and caps.caption_limit and counted.count > caps.caption_limit:
            params = {"count": counted.count, "limit": caps.caption_limit}
            problems.append(Problem("text_too_long", params))
        if not draft.text.strip() and not draft.media:
            problems.append(Problem("empty"))
        elif caps.requires_media and not draft.media and draft.parent is None:
            problems.append(Problem("media_required"))
        problems += _too_many(draft, caps)
        problems += [
            Problem("alt_text_missing", {"position": n})
            for n, file in enumerate(draft.media, 1)
            if not file.alt_text.strip()
        ]
        if draft.parent is not None and not caps.replies:
            problems.append(Problem("replies_not_allowed"))
        return problems

    def charges(self, draft: Draft, options: Mapping[str, Any] | None = None) -> Mapping[str, int]:
        """What publishing this draft is charged as, by kind of `Prices`; empty where it is free."""
        return {}

    # -- account --------------------------------------------------------------
    @abstractmethod
    def connect(self, server_url: str, handle: str, secret: str) -> Profile:
        """Check what a person typed and return who it is.

        Raises AuthRevoked for wrong credentials, NotFound when there is no such network at
        the address, Unavailable when it does not answer.
        """

    def authorize(
        self, server_url: str, redirect_uri: str, state: str, app: App | None = None
    ) -> Authorization:
        """Start an OAuth code flow. PermissionDenied where the network has none."""
        raise PermissionDenied("this network is connected with a token, not through a browser")

    def exchange(
        self,
        server_url: str,
        redirect_uri: str,
        code: str,
        secrets: Mapping[str, str],
        app: App | None = None,
    ) -> Profile | tuple[Profile, ...]:
        """Finish an OAuth code flow: the profile, or those the person may choose from.

        Raises AuthRevoked for a code that does not work, PermissionDenied when a right was not
        granted or there is no profile to publish as.
        """
        raise PermissionDenied("this network is connected with a token, not through a browser")

    def refresh(self, connection: Connection) -> Mapping[str, str] | None:
        """New secrets, or None where tokens do not expire. AuthRevoked: reconnect."""
        return None

    @abstractmethod
    def doctor(self, connection: Connection) -> list[Check]:
        """What works for this account right now: reachable, token, rights, limits."""

    # -- publishing -----------------------------------------------------------
    @abstractmethod
    def prepare(self, connection: Connection, draft: Draft) -> Payload:
        """Upload media, resolve mentions, build the body. Repeatable; nothing is out after it."""

    @abstractmethod
    def commit(
        self, connection: Connection, payload: Payload, guard: Callable[[], None] | None = None
    ) -> Receipt:
        """Send the payload once. The only call whose outcome can be unknown.

        `guard` must be passed on to the HTTP door: it is called when connected, before the
        first byte leaves, and raises when this worker may no longer send.
        """

    def remote_id_of(self, permalink: str, account_id: str, handle: str) -> str:
        """The remote id of an account's post that a person links to, "" where links show none."""
        return ""

    def newest_own_id(self, connection: Connection) -> str:
        """Remote id of the account's newest post, "" for none; noted before each `commit`."""
        return ""

    @abstractmethod
    def look(
        self,
        connection: Connection,
        payload: Payload,
        *,
        since_id: str,
        since: datetime,
        taken: Collection[str],
    ) -> Look:
        """Is this payload out? By key where the network has one, else by own posts newer than
        `since_id` (or `since`), same text and parent; ids in `taken` belong to other posts."""

    # -- reading --------------------------------------------------------------
    @abstractmethod
    def metrics(
        self, connection: Connection, remote_ids: Sequence[str]
    ) -> Mapping[str, Metrics | Literal["gone"]]:
        """Counters per remote id, "gone" for a post the network no longer has.

        An id absent from the answer could not be read this time.
        """

    def audience(self, connection: Connection) -> Audience:
        """How many follow the account; asked only where `reports_audience` is set."""
        return Audience()

    def interactions(self, connection: Connection, cursor: str) -> InteractionPage:
        """What others wrote to us since `cursor` ("" = from the start)."""
        return InteractionPage(())

    # -- helpers --------------------------------------------------------------
    def refuse(self, problems: Sequence[Problem]) -> None:
        """Raise InvalidContent naming the problem codes, if there are any."""
        if problems:
            raise InvalidContent(", ".join(p.code for p in problems))


def _too_many(draft: Draft, caps: Capabilities) -> list[Problem]:
    """Images, links, hashtags and the like above what the network takes, and their shapes."""
    images = caps.max_images
    if draft.parent is not None and caps.max_images_in_reply is not None:
        images = caps.max_images_in_reply
    counted = [
        ("too_many_images", len(draft.media), images),
        ("too_many_links", len(links(draft.text)), caps.max_links),
        ("too_many_hashtags", len(hashtags(draft.text)), caps.max_hashtags),
        ("too_many_mentions", len(mentions(draft.text)), caps.max_mentions),
        ("too_many_cashtags", len(cashtags(draft.text)), caps.max_cashtags),
    ]
    found = [
        Problem(code, {"count": count, "limit": limit})
        for code, count, limit in counted
        if limit is not None and count > limit
    ]
    if caps.image_ratios is not None:
        least, most = caps.image_ratios
        for n, file in enumerate(draft.media, 1):
            # A pixel more or less is rounding, not another shape.
            if not least * 0.99 <= file.width / max(1, file.height) <= most * 1.01:
                found.append(Problem("image_ratio", {"position": n, "least": least, "most": most}))
    return found
