"""From rows to what an adapter needs, and what stands in the way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from socialhub.models import Account, FollowsAs, Interaction, Post, Publication, hash_content
from socialhub.platforms.base import Draft, LinkCard, Problem, RemoteRef


def content_of(post: Post) -> dict[str, Any]:
    """Everything whose change needs a new approval, as JSON."""
    media = post.post_media.select_related("media").order_by("position")
    overrides = post.publications.exclude(text_override="").order_by("account_id", "pk")
    return {
        "text": post.text,
        "link": post.link,
        "track_link": post.track_link,
        "language": post.language,
        "content_type": post.content_type,
        "media": [[item.media.sha256, item.media.alt_text] for item in media],
        "overrides": sorted({(p.account_id, p.text_override) for p in overrides}),
    }


def content_hash(post: Post) -> str:
    """SHA-256 of `content_of`."""
    return hash_content(content_of(post))


def build(publication: Publication, key: str, created_at: datetime) -> Draft:
    """The draft of one publication as it stands now. Makes the short link when wanted."""
    from socialhub.services import media as media_service

    post = publication.post
    items = post.post_media.select_related("media").order_by("position")
    return Draft(
        text=_outgoing_text(publication),
        key=key,
        created_at=created_at,
        language=post.language,
        card=LinkCard(post.link, title=_host(post.link)) if post.link else None,
        media=tuple(media_service.file_for(item.media) for item in items),
        parent=_parent(publication),
        root=_root(publication),
    )


def _outgoing_text(publication: Publication) -> str:
    text = publication.full_text
    post = publication.post
    if not (post.track_link and post.link):
        return text
    from socialhub.services import links

    short = links.for_publication(publication)
    return text.replace(post.link, links.url_of(short))


def _host(url: str) -> str:
    return urlsplit(url).hostname or url


def _parent(publication: Publication) -> RemoteRef | None:
    if publication.answers is not None:
        return _interaction_ref(publication.answers)
    if publication.parent is None or publication.follows_as == FollowsAs.ALONE:
        return None
    above = publication.parent
    if publication.follows_as == FollowsAs.COMMENT and publication.root is not None:
        above = publication.root
    return RemoteRef(above.remote_id, above.remote_data)


def _root(publication: Publication) -> RemoteRef | None:
    """The first post of the conversation, where we know it."""
    if publication.answers is not None:
        interaction = publication.answers
        own = interaction.publication
        if own is not None and own.remote_id == interaction.root_remote_id:
            return RemoteRef(own.remote_id, own.remote_data)
        root = interaction.remote_data.get("root")
        return RemoteRef(interaction.root_remote_id, root) if root else None
    if publication.follows_as == FollowsAs.ALONE:
        return None
    if publication.root is not None:
        return RemoteRef(publication.root.remote_id, publication.root.remote_data)
    top = publication.parent
    while top is not None and top.parent is not None:
        top = top.parent
    return RemoteRef(top.remote_id, top.remote_data) if top is not None else None


def _interaction_ref(interaction: Interaction) -> RemoteRef:
    return RemoteRef(interaction.remote_id, interaction.remote_data)


# -- checking --------------------------------------------------------------------


def problems(post: Post, accounts: Sequence[Account]) -> dict[int, list[Problem]]:
    """account id → why its network would refuse the post; accounts that fit are left out."""
    found = {}
    overrides = {p.account_id: p for p in post.publications.all()}
    for account in accounts:
        publication = overrides.get(account.pk)
        why = _check(post, account, publication)
        if why:
            found[account.pk] = why
    return found


def _check(post: Post, account: Account, publication: Publication | None) -> list[Problem]:
    from django.utils import timezone

    from socialhub.services import media as media_service

    text = post.text_for(publication.text_override if publication else "")
    if post.track_link and post.link:
        from socialhub.services import links

        text = text.replace(post.link, links.sample_url())
    items = post.post_media.select_related("media").order_by("position")
    draft = Draft(
        text=text,
        key="",
        created_at=timezone.now(),
        language=post.language,
        media=tuple(media_service.file_for(item.media) for item in items),
    )
    return account.adapter.validate(draft, account.merged_options)


def count(account: Account, text: str, link: str = "") -> dict[str, Any]:
    """The line of POST /api/posts/count/ for one account."""
    if link and link not in text:
        text = f"{text}\n\n{link}".strip()
    counted = account.adapter.count(text, account.merged_options)
    found = []
    if counted.count > counted.limit:
        found.append(Problem("text_too_long", {"count": counted.count, "limit": counted.limit}))
    if counted.byte_limit is not None and (counted.byte_count or 0) > counted.byte_limit:
        found.append(
            Problem(
                "text_too_many_bytes",
                {"count": counted.byte_count, "limit": counted.byte_limit},
            )
        )
    return {
        "account": account.pk,
        "count": counted.count,
        "unit": counted.unit,
        "limit": counted.limit,
        "bytes": counted.byte_count,
        "byte_limit": counted.byte_limit,
        "ok": counted.ok,
        "price": price(account, text),
        "problems": [{"code": p.code, "message": sentence(p, account)} for p in found],
    }


def price(account: Account, text: str) -> dict[str, str] | None:
    """What such a post without pictures costs; None where the network charges nothing."""
    from django.utils import timezone

    from socialhub.services import estimates

    found = estimates.estimate(account, Draft(text=text, key="", created_at=timezone.now()))
    return {"amount": f"{found.amount:.4f}", "currency": "USD"} if found else None


def sentence(problem: Problem, account: Account) -> str:
    """A problem in words: what does not fit, and where."""
    texts = {
        "text_too_long": _("Too long for %(network)s: %(count)s of %(limit)s. Shorten the text."),
        "text_too_many_bytes": _(
            "Too many bytes for %(network)s: %(count)s of %(limit)s. "
            "Use fewer emoji or a shorter text."
        ),
        "empty": _("Nothing to publish on %(network)s. Write a text or add an image."),
        "too_many_images": _("%(network)s takes %(limit)s images, there are %(count)s."),
        "alt_text_missing": _(
            "Image %(position)s has no alt text. Describe it for people who cannot see it."
        ),
        "media_required": _("%(network)s has no posts without an image. Add one."),
        "too_many_links": _("%(network)s takes %(limit)s links, there are %(count)s."),
        "too_many_hashtags": _("%(network)s takes %(limit)s hashtags, there are %(count)s."),
        "too_many_mentions": _("%(network)s takes %(limit)s mentions, there are %(count)s."),
        "too_many_cashtags": _("%(network)s takes %(limit)s cashtag, there are %(count)s."),
        "image_ratio": _(
            "Image %(position)s is too tall or too wide for %(network)s. Crop it, or draw it "
            "from a template in another size."
        ),
        "replies_not_allowed": _("%(network)s does not allow replies from this account."),
    }
    template = texts.get(problem.code, _("%(network)s does not take this (%(code)s)."))
    params = {"network": account.network_name, "code": problem.code, **problem.params}
    return template % params
