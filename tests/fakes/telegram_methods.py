"""The methods of the fake Bot API."""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp.web import FileField

from tests.fakes.telegram_formats import ApiError, checked_markup, checked_text, mentions
from tests.fakes.telegram_rooms import Room, Said

if TYPE_CHECKING:
    from tests.fakes.telegram_server import TelegramServer

Fields = dict[str, Any]
Method = Callable[["TelegramServer", Fields], Awaitable[Any]]
METHODS: dict[str, Method] = {}
_MEGABYTE = 1_000_000


def _method(call: Method) -> Method:
    first, *others = call.__name__.split("_")
    METHODS[first + "".join(one.capitalize() for one in others)] = call
    return call


@_method
async def get_me(server: "TelegramServer", fields: Fields) -> Fields:
    return _me(server) | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
    }


def _me(server: "TelegramServer") -> Fields:
    return {"id": server.bot_id, "is_bot": True, "first_name": "Deck", "username": server.username}


@_method
async def set_webhook(server: "TelegramServer", fields: Fields) -> bool:
    assert fields["url"].startswith("http")
    server.webhook = fields
    server.allowed = json.loads(fields.get("allowed_updates", "[]"))
    return True


@_method
async def delete_webhook(server: "TelegramServer", fields: Fields) -> bool:
    assert fields.get("drop_pending_updates", "false").lower() != "true", "what people sent must not be dropped"
    server.webhook = {}
    return True


@_method
async def get_updates(server: "TelegramServer", fields: Fields) -> list[Fields]:
    if server.polls_elsewhere:
        raise ApiError(409, "Conflict: terminated by other getUpdates request; make sure that only one bot runs")
    if server.webhook:
        raise ApiError(409, "Conflict: can't use getUpdates method while webhook is active")
    server.allowed = json.loads(fields.get("allowed_updates", "[]"))
    offset = int(fields.get("offset", 0))
    server.updates_told += [one for one in server.updates if one["update_id"] < offset]
    server.updates = [one for one in server.updates if one["update_id"] >= offset]
    until = time.monotonic() + min(float(fields.get("timeout", 0)), 5.0)
    while not _wanted(server) and time.monotonic() < until and not server.polls_elsewhere:
        server.new.clear()
        try:
            await asyncio.wait_for(server.new.wait(), 0.2)
        except TimeoutError:
            continue
    return _wanted(server)[: int(fields.get("limit", 100))]


def _wanted(server: "TelegramServer") -> list[Fields]:
    return [one for one in server.updates if any(kind in one for kind in server.allowed)]


@_method
async def set_my_commands(server: "TelegramServer", fields: Fields) -> bool:
    commands = json.loads(fields["commands"])
    for command in commands:
        if not (1 <= len(command["command"]) <= 32 and 1 <= len(command["description"]) <= 256):
            raise ApiError(400, "Bad Request: BOT_COMMAND_INVALID")
    if len(commands) > 100 or not all(re.fullmatch("[a-z0-9_]+", one["command"]) for one in commands):
        raise ApiError(400, "Bad Request: BOT_COMMAND_INVALID")
    scope = json.loads(fields["scope"])
    if "chat_id" in scope:
        _room(server, scope)
    name = f"chat {scope['chat_id']}" if "chat_id" in scope else scope["type"]
    server.menus[name, fields.get("language_code", "")] = commands
    return True


@_method
async def send_message(server: "TelegramServer", fields: Fields) -> Fields:
    room = _writable(server, fields)
    text, entities = checked_text(fields, "text", 4096)
    if not text.strip():
        raise ApiError(400, "Bad Request: message text is empty")
    said = _say(server, room, fields, {"text": text, "entities": entities})
    said.mentions = mentions(text, entities)
    return said.raw


@_method
async def send_document(server: "TelegramServer", fields: Fields) -> Fields:
    return await _send_file(server, fields, "document", 50)


@_method
async def send_photo(server: "TelegramServer", fields: Fields) -> Fields:
    return await _send_file(server, fields, "photo", 10)


async def _send_file(server: "TelegramServer", fields: Fields, kind: str, most: int) -> Fields:
    room = _writable(server, fields)
    if not room.can_send_files:
        raise ApiError(400, f"Bad Request: not enough rights to send {kind}s to the chat")
    caption, entities = checked_text(fields, "caption", 1024)
    upload = _upload(fields, kind)
    data = upload.file.read()
    if not data or len(data) > most * _MEGABYTE:
        raise ApiError(413, "Request Entity Too Large")
    said = _say(server, room, fields, _media(server, kind, data, upload.filename, caption, entities))
    said.file, said.file_name = data, upload.filename
    return said.raw


def _upload(fields: Fields, kind: str) -> FileField:
    """The file itself: PTB names it ``attach://`` where it is part of a group."""
    given = fields.get(kind)
    found = given if isinstance(given, FileField) else fields[str(given).removeprefix("attach://")]
    assert isinstance(found, FileField)
    return found


def _media(server: "TelegramServer", kind: str, data: bytes, name: str, caption: str, entities: list[Fields]) -> Fields:
    about = {"width": 800, "height": 600} if kind == "photo" else {"file_name": name}
    file = server.add_file(data, **about)
    words = {"caption": caption, "caption_entities": entities} if caption else {}
    return {kind: [file] if kind == "photo" else file, **words}


@_method
async def edit_message_text(server: "TelegramServer", fields: Fields) -> Fields:
    said = _own(server, fields)
    if "text" not in said.raw:
        raise ApiError(400, "Bad Request: there is no text in the message to edit")
    text, entities = checked_text(fields, "text", 4096)
    if not text.strip():
        raise ApiError(400, "Bad Request: message text is empty")
    _change(said, {"text": text, "entities": entities}, checked_markup(fields))
    said.mentions = mentions(text, entities)
    return said.raw


@_method
async def edit_message_reply_markup(server: "TelegramServer", fields: Fields) -> Fields:
    said = _own(server, fields)
    _change(said, {}, checked_markup(fields))
    return said.raw


@_method
async def edit_message_media(server: "TelegramServer", fields: Fields) -> Fields:
    said = _own(server, fields)
    if "text" in said.raw:
        raise ApiError(400, "Bad Request: there is no media in the message to edit")
    media = json.loads(fields["media"])
    caption, entities = checked_text(media, "caption", 1024)
    upload = fields[media["media"].removeprefix("attach://")]
    data = upload.file.read()
    for kind in ("photo", "document"):
        said.raw.pop(kind, None)
    said.file, said.file_name = data, upload.filename
    content = _media(server, media["type"], data, upload.filename, caption, entities)
    _change(said, {"caption": caption, **content}, checked_markup(fields))
    return said.raw


def _change(said: Said, content: Fields, markup: Fields | None) -> None:
    """An edit without a keyboard takes the keyboard away."""
    new = {key: value for key, value in {**said.raw, **content}.items() if key != "reply_markup"}
    if markup is not None:
        new["reply_markup"] = markup
    if {**new, "edit_date": 0} == {**said.raw, "edit_date": 0}:
        raise ApiError(
            400,
            "Bad Request: message is not modified: specified new message content and reply markup are exactly the "
            "same as a current content and reply markup of the message",
        )
    said.versions.append(said.text)
    said.raw = {**new, "edit_date": int(time.time())}


@_method
async def delete_message(server: "TelegramServer", fields: Fields) -> bool:
    room = _room(server, fields)
    said = room.said.get(int(fields["message_id"]))
    if said is None or said.is_deleted:
        raise ApiError(400, "Bad Request: message to delete not found")
    if said.is_old or not (said.by_bot or room.kind == "private"):
        raise ApiError(400, "Bad Request: message can't be deleted for everyone")
    said.is_deleted = True
    return True


@_method
async def create_forum_topic(server: "TelegramServer", fields: Fields) -> Fields:
    room = _room(server, fields)
    if not room.is_forum:
        raise ApiError(400, "Bad Request: the chat is not a forum")
    if not room.can_manage_topics:
        raise ApiError(400, "Bad Request: not enough rights to create a topic")
    if not 1 <= len(fields["name"]) <= 128:
        raise ApiError(400, "Bad Request: topic name must be non-empty and not too long")
    number = next(room.numbers)
    topic = room.begin_topic(fields["name"], number, _me(server), by_bot=True)
    return {"message_thread_id": number, **topic.beginning["forum_topic_created"]}


@_method
async def close_forum_topic(server: "TelegramServer", fields: Fields) -> bool:
    return _turn_topic(server, fields, closes=True)


@_method
async def reopen_forum_topic(server: "TelegramServer", fields: Fields) -> bool:
    return _turn_topic(server, fields, closes=False)


def _turn_topic(server: "TelegramServer", fields: Fields, *, closes: bool) -> bool:
    """Whoever made a topic needs no right for it."""
    room = _room(server, fields)
    if not room.is_forum:
        raise ApiError(400, "Bad Request: the chat is not a forum")
    topic = room.topics.get(int(fields["message_thread_id"]))
    if topic is None:
        raise ApiError(400, "Bad Request: TOPIC_ID_INVALID")
    if not (room.can_manage_topics or topic.by_bot):
        raise ApiError(400, "Bad Request: not enough rights to close the topic")
    if topic.is_closed == closes:
        raise ApiError(400, "Bad Request: TOPIC_NOT_MODIFIED")
    topic.is_closed = closes
    kind = "forum_topic_closed" if closes else "forum_topic_reopened"
    _say(server, room, fields, {kind: {}})
    return True


@_method
async def answer_callback_query(server: "TelegramServer", fields: Fields) -> bool:
    identity, text = fields["callback_query_id"], fields.get("text", "")
    if identity in server.notices:
        raise ApiError(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
    if len(text) > 200:
        raise ApiError(400, "Bad Request: MESSAGE_TOO_LONG")
    server.notices[identity] = (text, fields.get("show_alert", "false").lower() == "true")
    return True


@_method
async def send_chat_action(server: "TelegramServer", fields: Fields) -> bool:
    _writable(server, fields)
    return True


@_method
async def get_file(server: "TelegramServer", fields: Fields) -> Fields:
    file = server.files.get(fields["file_id"])
    if file is None:
        raise ApiError(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
    if len(file.data) > 20 * _MEGABYTE and not file.is_local:
        raise ApiError(400, "Bad Request: file is too big")
    about = {"file_id": fields["file_id"], "file_unique_id": "x", "file_size": len(file.data)}
    return {**about, "file_path": file.path}


@_method
async def get_chat_member(server: "TelegramServer", fields: Fields) -> Fields:
    user = int(fields["user_id"])
    person = {"id": user, "is_bot": False, "first_name": "?"}
    if user in _room(server, fields).outsiders:
        return {"status": "left", "user": person}
    if user not in _room(server, fields).admins:
        return {"status": "member", "user": person}
    return {"status": "creator", "user": person, "is_anonymous": False}


def _room(server: "TelegramServer", fields: Fields) -> Room:
    room = server.rooms.get(int(fields["chat_id"]))
    if room is None:
        if int(fields["chat_id"]) > 0:
            raise ApiError(403, "Forbidden: bot can't initiate conversation with a user")
        raise ApiError(400, "Bad Request: chat not found")
    if room.migrated_to is not None:
        sentence = "Bad Request: group chat was upgraded to a supergroup chat"
        raise ApiError(400, sentence, migrate_to_chat_id=room.migrated_to)
    return room


def _writable(server: "TelegramServer", fields: Fields) -> Room:
    room = _room(server, fields)
    if room.is_blocked:
        who = "blocked by the user" if room.kind == "private" else "kicked from the supergroup chat"
        raise ApiError(403, f"Forbidden: bot was {who}")
    if not room.can_write:
        raise ApiError(400, "Bad Request: not enough rights to send text messages to the chat")
    if "message_thread_id" in fields:
        topic = room.topics.get(int(fields["message_thread_id"])) if room.is_forum else None
        if topic is None:
            raise ApiError(400, "Bad Request: message thread not found")
        if topic.is_closed and not (room.can_manage_topics or topic.by_bot):
            raise ApiError(400, "Bad Request: TOPIC_CLOSED")
    return room


def _own(server: "TelegramServer", fields: Fields) -> Said:
    room = _room(server, fields)
    said = room.said.get(int(fields["message_id"]))
    if said is None or said.is_deleted:
        raise ApiError(400, "Bad Request: message to edit not found")
    if not said.by_bot:
        raise ApiError(400, "Bad Request: message can't be edited")
    if room.is_blocked:
        raise ApiError(403, "Forbidden: bot was blocked by the user")
    return said


def _say(server: "TelegramServer", room: Room, fields: Fields, content: Fields) -> Said:
    number = next(room.numbers)
    raw: Fields = {
        "message_id": number,
        "date": int(time.time()),
        "chat": room.as_json(),
        "from": _me(server),
        **content,
    }
    if "message_thread_id" in fields:
        raw |= {"message_thread_id": int(fields["message_thread_id"]), "is_topic_message": True}
    markup = checked_markup(fields)
    if markup is not None and "inline_keyboard" in markup:
        raw["reply_markup"] = markup
    _reply(room, fields, raw)
    said = Said(raw, by_bot=True)
    room.said[number] = said
    return said


def _reply(room: Room, fields: Fields, raw: Fields) -> None:
    if "reply_parameters" not in fields:
        return
    parameters = json.loads(fields["reply_parameters"])
    replied = room.said.get(parameters["message_id"])
    if replied is not None and not replied.is_deleted:
        raw["reply_to_message"] = {key: value for key, value in replied.raw.items() if key != "reply_to_message"}
    elif not parameters.get("allow_sending_without_reply"):
        raise ApiError(400, "Bad Request: message to be replied not found")
