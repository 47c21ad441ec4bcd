"""The methods: https://core.telegram.org/bots/api#available-methods"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

from PIL import Image

from socialhub.tests.support.standin.kit import JSON, Call, Routes
from socialhub.tests.support.standins.telegram.state import Telegram, number_of, refuse

routes = Routes()
TEXTS = ("text", "caption")
TEXT_MAX, CAPTION_MAX, PHOTO_MAX = 4_096, 1_024, 10_000_000


def method(name: str, operation: str) -> Callable[[Any], Any]:
    """A method as a route: the function gets the call and the bot's name, and gives "result"."""

    def register(run: Callable[[Call, str], Any]) -> Callable[[Call, str], Any]:
        def answer(call: Call) -> JSON:
            bot = call.state.bot(call.parts[0])
            for field, value in call.body.items():
                # In a form objects are JSON texts.
                if isinstance(value, str) and value[:1] in "[{" and field not in TEXTS:
                    call.body[field] = json.loads(value)
            return {"ok": True, "result": run(call, bot)}

        routes("POST", rf"/bot([^/]+)/{name}", operation)(answer)
        return run

    return register


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


# -- who and where ---------------------------------------------------------------------


@method("getMe", "me")
def get_me(call: Call, bot: str) -> JSON:
    return {"id": number_of(bot), "is_bot": True, "first_name": bot, "username": f"{bot}_bot"}


@method("getChat", "look")
def get_chat(call: Call, bot: str) -> JSON:
    chat = call.state.chat(call.body.get("chat_id"))
    if call.state.status(bot, chat) == "kicked":
        raise refuse(403, f"Forbidden: bot was kicked from the {chat['type']} chat")
    return {name: value for name, value in chat.items() if name != "members"}


@method("getChatMember", "rights")
def get_chat_member(call: Call, bot: str) -> JSON:
    chat = call.state.chat(call.body.get("chat_id"))
    if int(call.body["user_id"]) != number_of(bot):
        raise refuse(400, "Bad Request: user not found")
    status = call.state.status(bot, chat)
    if status == "kicked":
        raise refuse(403, f"Forbidden: bot was kicked from the {chat['type']} chat")
    if status == "left":
        raise refuse(400, "Bad Request: member list is inaccessible")
    member: JSON = {"user": get_me(call, bot), "status": status}
    if status == "restricted":
        member = {**member, "status": "administrator", "can_post_messages": False}
    elif status == "administrator":
        member["can_post_messages"] = True
    return member


@method("getChatMemberCount", "audience")
def get_chat_member_count(call: Call, bot: str) -> int:
    return int(call.state.chat(call.body.get("chat_id"))["members"])


# -- messages --------------------------------------------------------------------------


@method("sendMessage", "publish")
def send_message(call: Call, bot: str) -> JSON:
    only(call, "text", "link_preview_options")
    text = call.body.get("text", "")
    if not text.strip():
        raise refuse(400, "Bad Request: message text is empty")
    if units(text) > TEXT_MAX:
        raise refuse(400, "Bad Request: message is too long")
    fields = {"text": text, "link_preview_options": call.body.get("link_preview_options")}
    [message] = put(call, bot, [fields])
    return message


@method("sendPhoto", "publish")
def send_photo(call: Call, bot: str) -> JSON:
    only(call, "caption")
    [message] = put(call, bot, [photo(call, "photo", call.body.get("caption", ""))])
    return message


@method("sendMediaGroup", "publish")
def send_media_group(call: Call, bot: str) -> list[JSON]:
    only(call, "media")
    media = call.body.get("media")
    if not isinstance(media, list) or not 2 <= len(media) <= 10:
        raise refuse(400, "Bad Request: there must be 2 to 10 media")
    group = call.state.new_id()
    found = []
    for item in media:
        if item.get("type") != "photo" or not item["media"].startswith("attach://"):
            raise refuse(400, "Bad Request: wrong media")
        name = item["media"].removeprefix("attach://")
        found.append({**photo(call, name, item.get("caption", "")), "media_group_id": group})
    return put(call, bot, found)


def only(call: Call, *names: str) -> None:
    """Telegram ignores what it does not know; here it is a mistake of ours."""
    unknown = sorted(set(call.body) - {"chat_id", "reply_parameters", *names})
    if unknown:
        raise refuse(400, f"Bad Request: unknown parameters {unknown}")


def photo(call: Call, name: str, caption: str) -> JSON:
    if name not in call.files:
        raise refuse(400, "Bad Request: there is no photo in the request")
    _, content = call.files[name]
    if len(content) > PHOTO_MAX:
        raise refuse(413, "Request Entity Too Large")
    try:
        width, height = Image.open(io.BytesIO(content)).size
    except OSError:
        raise refuse(400, "Bad Request: IMAGE_PROCESS_FAILED") from None
    if width + height > 10_000 or max(width, height) > 20 * min(width, height):
        raise refuse(400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
    if units(caption) > CAPTION_MAX:
        raise refuse(400, "Bad Request: message caption is too long")
    shown: JSON = {"photo": [{"width": width, "height": height}]}
    return {**shown, "caption": caption} if caption else shown


def put(call: Call, bot: str, contents: list[JSON]) -> list[JSON]:
    """Messages of one call, all or none."""
    state: Telegram = call.state
    chat = state.chat(call.body.get("chat_id"))
    writable(state, bot, chat)
    reply = call.body.get("reply_parameters") or {}
    above = reply.get("message_id", 0)
    if above and state.find(chat["id"], above) is None:
        raise refuse(400, "Bad Request: message to be replied not found")
    state.limit(chat, len(contents))
    channel = chat["id"]
    if chat["type"] != "channel":
        channel = next(c["id"] for c in state.chats.values() if c.get("linked_chat_id") == channel)
    common: JSON = {"reply_to": above, "channel": channel}
    if chat["type"] == "channel":
        common["sender_chat"] = {"id": chat["id"], "type": "channel", "title": chat["title"]}
    else:
        common["from"] = get_me(call, bot)
        start = state.find(chat["id"], above) or {}
        common["message_thread_id"] = start.get("message_thread_id") or above
    made = [state.add(chat, {**content, **common}, by_bot=True) for content in contents]
    if chat["type"] == "channel":
        for message in made:
            state.forward(message)
    return [state.public(message) for message in made]


def writable(state: Telegram, bot: str, chat: JSON) -> None:
    status = state.status(bot, chat)
    if status == "kicked":
        raise refuse(403, f"Forbidden: bot was kicked from the {chat['type']} chat")
    if status == "left":
        raise refuse(403, f"Forbidden: bot is not a member of the {chat['type']} chat")
    if chat["type"] == "channel" and status != "administrator":
        raise refuse(400, "Bad Request: need administrator rights in the channel chat")


# -- updates ---------------------------------------------------------------------------


@method("getUpdates", "interactions")
def get_updates(call: Call, bot: str) -> list[JSON]:
    state: Telegram = call.state
    if state.mode["webhook"]:
        raise refuse(
            409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook"
        )
    if state.mode["poller"]:
        raise refuse(409, "Conflict: terminated by other getUpdates request")
    if "allowed_updates" in call.body:
        state.allowed[bot] = list(call.body["allowed_updates"])
    offset = int(call.body.get("offset", 0))
    # What is before the offset is gone for good.
    state.updates = [
        u for u in state.updates if u["bot"] != bot or not offset or u["update_id"] >= offset
    ]
    mine = [u for u in state.updates if u["bot"] == bot]
    limit = int(call.body.get("limit", 100))
    return [{name: v for name, v in u.items() if name != "bot"} for u in mine[:limit]]


@routes("POST", r"/bot.*", "unknown")
def unknown(call: Call) -> JSON:
    raise refuse(404, "Not Found")
