"""What happens behind the network's back. Channels are named by the NAME of their bot."""

from __future__ import annotations

from socialhub.tests.support.standin.kit import JSON, Call, Routes
from socialhub.tests.support.standins.telegram.state import (
    Telegram,
    chat_of,
    group_of,
    number_of,
)

routes = Routes()


@routes("POST", r"/control/group", "control")
def group(call: Call) -> JSON:
    """The channel gets a discussion group: {"channel", "bot": "member" | "left"}."""
    state: Telegram = call.state
    name = call.given("channel")
    state.bot(f"token-{name}")
    made = {
        "id": group_of(name),
        "type": "supergroup",
        "title": f"{name} talk",
        "linked_chat_id": chat_of(name),
        "members": 30,
    }
    state.chats[made["id"]] = made
    state.chats[chat_of(name)]["linked_chat_id"] = made["id"]
    state.bots[name][made["id"]] = call.given("bot", "member")
    return {"id": made["id"]}


@routes("POST", r"/control/comments", "control")
def comment(call: Call) -> JSON:
    """Somebody writes in the group: {"channel", "text", "author"} and "post" (a post's number),
    "to" (a message of the group), or neither. "as_channel": by its owner, as the channel."""
    state: Telegram = call.state
    name = call.given("channel")
    place = state.chats[group_of(name)]
    above = int(call.body.get("to", 0)) or _start(state, place["id"], call.body.get("post"))
    author = call.given("author", "ana")
    first, _, last = author.partition(" ")
    fields: JSON = {
        "text": call.given("text"),
        "from": {"id": number_of(author), "is_bot": False, "first_name": first.title()},
        "reply_to": above,
    }
    if last:
        fields["from"]["last_name"] = last.title()
    else:
        fields["from"]["username"] = author
    if call.body.get("as_channel"):
        fields["sender_chat"] = {"id": chat_of(name), "type": "channel", "title": name}
    above_message = state.find(place["id"], above) if above else None
    if above_message is not None:
        fields["message_thread_id"] = above_message.get("message_thread_id") or above
    made = state.add(place, fields)
    state.tell(place, "message", state.public(made))
    return {"id": made["message_id"], "remote_id": f"{place['id']}:{made['message_id']}"}


def _start(state: Telegram, place: int, post: int | None) -> int:
    """Number of the copy of a post in the group."""
    for message in state.messages:
        origin = message.get("forward_origin")
        if message["chat"]["id"] == place and origin and origin["message_id"] == int(post or 0):
            return int(message["message_id"])
    return 0


@routes("POST", r"/control/metrics", "control")
def metrics(call: Call) -> JSON:
    """Reactions change: {"channel", "id", "likes"}; half of them hearts."""
    state: Telegram = call.state
    chat = state.chats[chat_of(call.given("channel"))]
    likes = int(call.body["likes"])
    kinds = [("👍", likes - likes // 2), ("❤", likes // 2)]
    content = {
        "chat": {"id": chat["id"], "type": "channel", "title": chat["title"]},
        "message_id": int(call.body["id"]),
        "date": int(state.now().timestamp()),
        "reactions": [
            {"type": {"type": "emoji", "emoji": emoji}, "total_count": count}
            for emoji, count in kinds
            if count
        ],
    }
    state.tell(chat, "message_reaction_count", content)
    return {}


@routes("POST", r"/control/revoke", "control")
def revoke(call: Call) -> JSON:
    """The token is replaced by a new one: {"account"}."""
    call.state.revoked.add(call.given("account"))
    return {}


@routes("POST", r"/control/status", "control")
def status(call: Call) -> JSON:
    """What the bot is in a channel: {"bot", "channel", "status"}; "" as at first: a stranger."""
    state: Telegram = call.state
    state.bot(f"token-{call.given('bot')}")
    name = call.given("channel") or call.given("bot")
    state.channel(name)
    state.bots[call.given("bot")][chat_of(name)] = call.given("status")
    return {"id": chat_of(name)}


@routes("POST", r"/control/chat", "control")
def chat(call: Call) -> JSON:
    """Something about a channel changes: {"channel", name: value}; null takes it away."""
    state: Telegram = call.state
    place = state.channel(call.given("channel"))
    for name, value in call.body.items():
        if name != "channel":
            place.pop(name, None)
            place |= {} if value is None else {name: value}
    return {"id": place["id"]}


@routes("POST", r"/control/migrate", "control")
def migrate(call: Call) -> JSON:
    """The chat has another id from now on: {"channel"}."""
    state: Telegram = call.state
    old = chat_of(call.given("channel"))
    new = old - 1
    state.moved[old] = new
    moved = {**state.chats[old], "id": new}
    # The old one is found by its id only.
    state.chats[old].pop("username", None)
    state.chats[new] = moved
    for places in state.bots.values():
        if old in places:
            places[new] = places[old]
    return {"id": new}


@routes("POST", r"/control/delete", "control")
def delete(call: Call) -> JSON:
    """A message of a channel goes: {"channel", "id"}."""
    state: Telegram = call.state
    gone = (chat_of(call.given("channel")), int(call.body["id"]))
    state.messages = [m for m in state.messages if (m["chat"]["id"], m["message_id"]) != gone]
    return {}
