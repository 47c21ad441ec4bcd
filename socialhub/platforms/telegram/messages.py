"""Messages: text, photos and albums, each sent by one call.

https://core.telegram.org/bots/api#sendmessage, #sendphoto, #sendmediagroup
There is no upload ahead of a message, so photos wait in the payload and travel with it. Text is
sent plain: nothing in it can be taken for markup.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from socialhub.platforms import images
from socialhub.platforms.base import JSON, Connection, Draft, MediaFile, Payload, Receipt
from socialhub.platforms.errors import NotFound, OutcomeUnknown
from socialhub.platforms.telegram import chats
from socialhub.platforms.telegram.client import Bot, ChatMoved
from socialhub.platforms.text import links

MIMES = frozenset({"image/jpeg", "image/png", "image/webp"})
# Telegram takes 10 MB and shows at most 2,560 pixels; the payload is kept in the database.
PHOTO_MAX_BYTES, ALBUM_PHOTO_MAX_BYTES, MAX_SIDE = 3_000_000, 1_000_000, 2_560
# A link with ?comment= or ?thread= is to a message of the discussion group.
LINK = re.compile(r"(?:https?://)?t(?:elegram)?\.me/(?:c/(\d+)|(\w+))/(\d+)/?(?:\?single)?")


def body(connection: Connection, draft: Draft) -> JSON:
    """The request as JSON: method, fields, and photos as base64."""
    chat = chats.refreshed(connection)
    replied = _replied(draft)
    # An answer to a comment goes to the group where the comment is.
    fields: JSON = {"chat_id": replied.get("chat_id") or chat}
    if fields["chat_id"] == connection.remote_id:
        fields["chat_id"] = chat
    if replied:
        fields["reply_parameters"] = {"message_id": replied["message_id"]}
    photos = _photos(draft.media)
    if not photos:
        return {"method": "sendMessage", "fields": {**fields, **_text(draft)}}
    if len(photos) == 1:
        caption = {"caption": draft.text} if draft.text else {}
        return {"method": "sendPhoto", "fields": {**fields, **caption}, "photos": photos}
    media: list[JSON] = [
        {"type": "photo", "media": f"attach://photo{n}"} for n in range(len(photos))
    ]
    if draft.text:
        # The caption of the first photo is shown as the album's.
        media[0]["caption"] = draft.text
    return {"method": "sendMediaGroup", "fields": {**fields, "media": media}, "photos": photos}


def _text(draft: Draft) -> JSON:
    found = links(draft.text)
    if draft.card is None or not found:
        return {"text": draft.text}
    # A counted link stands in the text instead of the card's own.
    shown = draft.card.url if draft.card.url in found else found[-1]
    return {"text": draft.text, "link_preview_options": {"url": shown}}


def _photos(media: Sequence[MediaFile]) -> list[JSON]:
    limit = PHOTO_MAX_BYTES if len(media) == 1 else ALBUM_PHOTO_MAX_BYTES
    fitted = [images.fit(file, limit, MIMES, MAX_SIDE) for file in media]
    return [
        {"mime": photo.mime, "content": base64.b64encode(photo.content).decode()}
        for photo in fitted
    ]


def _replied(draft: Draft) -> JSON:
    """Chat and number of the message answered. NotFound when nobody knows the number."""
    if draft.parent is None:
        return {}
    # A post that a person confirmed has no number; the first of the series may have.
    for above in (draft.parent, draft.root):
        chat, _, number = above.remote_id.rpartition(":") if above else ("", "", "")
        if above is not None and number.isdigit():
            return {
                "chat_id": str(above.data.get("chat_id") or chat),
                "message_id": int(above.data.get("message_id") or number),
            }
    raise NotFound("nobody knows the number of the message to answer")


def parent_id(draft: Draft) -> str:
    return draft.parent.remote_id if draft.parent is not None else ""


def number_of(permalink: str, account_id: str, handle: str) -> str:
    """The number in a link to a message of the channel, "" when it is no such link."""
    found = LINK.fullmatch(permalink.strip())
    if found is None:
        return ""
    chat, name, number = found.groups()
    is_own = f"-100{chat}" == account_id or f"@{name}".casefold() == handle.casefold()
    return number if is_own else ""


# -- sending ------------------------------------------------------------------------------


def send(connection: Connection, payload: Payload, guard: Callable[[], None] | None) -> Receipt:
    """One call. A chat that has moved is noted, and Unavailable asks for another try."""
    method = str(payload.body.get("method") or "sendMessage")
    fields: JSON = {**payload.body.get("fields", {})}
    if str(fields.get("chat_id")) == connection.remote_id:
        fields["chat_id"] = chats.own(connection)
    photos = payload.body.get("photos", ())
    try:
        said = Bot.of(connection).publish(method, guard, **_sent(method, fields, photos))
    except ChatMoved as moved:
        if str(fields.get("chat_id")) == chats.own(connection):
            connection.findings.learned["chat_id"] = moved.chat_id
        raise
    return receipt(connection, payload, said)


def _sent(method: str, fields: JSON, photos: Sequence[Mapping[str, str]]) -> JSON:
    """JSON, or with photos a form in which objects are JSON texts."""
    if not photos:
        return {"json": fields}
    single = method == "sendPhoto"
    return {
        "data": {
            name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            for name, value in fields.items()
        },
        "files": {
            "photo" if single else f"photo{n}": (
                f"photo{n}.{photo['mime'].rpartition('/')[2]}",
                base64.b64decode(photo["content"]),
                photo["mime"],
            )
            for n, photo in enumerate(photos)
        },
    }


def receipt(connection: Connection, payload: Payload, said: Any) -> Receipt:
    """Of an album the first message stands for all. OutcomeUnknown when there is no number."""
    sent = said if isinstance(said, list) else [said]
    first = sent[0] if sent and isinstance(sent[0], dict) else {}
    chat, number = first.get("chat"), first.get("message_id")
    if not isinstance(chat, dict) or not isinstance(number, int):
        raise OutcomeUnknown("Telegram's answer names no message")
    data: JSON = {
        "chat_id": str(chat.get("id") or ""),
        "message_id": number,
        "message_ids": [one.get("message_id") for one in sent if isinstance(one, dict)],
    }
    # Without a word about the message it answers it stands alone.
    if payload.parent_id and not any(
        one.get("reply_to_message") for one in sent if isinstance(one, dict)
    ):
        data["parent_lost"] = True
    return Receipt(
        remote_id=remote_id(connection, data["chat_id"], number),
        permalink=permalink(data["chat_id"], str(chat.get("username") or ""), number),
        published_at=moment(first.get("date")),
        data=data,
    )


def remote_id(connection: Connection, chat: str, number: int) -> str:
    """Numbers count within a chat: only those of the channel stand alone."""
    is_own = chat in (connection.remote_id, chats.own(connection))
    return str(number) if is_own else f"{chat}:{number}"


def permalink(chat: str, username: str, number: int) -> str:
    """Works for members only where the chat has no public name."""
    return f"https://t.me/{username or 'c/' + chat.removeprefix('-100')}/{number}"


def moment(value: Any) -> datetime | None:
    """Seconds since 1970 as an aware datetime."""
    return datetime.fromtimestamp(value, UTC) if isinstance(value, int) and value > 0 else None
