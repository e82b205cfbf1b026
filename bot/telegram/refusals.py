"""What Telegram's errors mean. It tells them apart by English sentences; those below are of the Bot API's server."""

from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

_NOT_MODIFIED = ("message is not modified", "topic_not_modified")
_GONE = (
    "message to edit not found",
    "message to delete not found",
    "message can't be edited",
    "message_id_invalid",
    "message not found",
)
_NO_RIGHT = (
    "not enough rights",
    "have no rights",
    "need administrator rights",
    "chat_write_forbidden",
    "chat_send_",
    "topic_closed",
    "chat_admin_required",
)
_NO_TOPIC = ("message thread not found", "topic_deleted", "topic_id_invalid")
_NO_CHAT = (
    "chat not found",
    "peer_id_invalid",
    "group chat was deactivated",
    "user is deactivated",
    *_NO_TOPIC,
)
_NO_FORUM = ("chat is not a forum",)
_TOO_BIG = ("file is too big",)


def is_not_modified(error: TelegramError) -> bool:
    """A change that would change nothing."""
    return _says(error, _NOT_MODIFIED)


def is_gone(error: TelegramError) -> bool:
    """Somebody deleted the message, or it cannot be edited any more."""
    return _says(error, _GONE)


def is_no_right(error: TelegramError) -> bool:
    """The bot is in the chat and may not do that."""
    return _says(error, _NO_RIGHT)


def is_unreachable(error: TelegramError) -> bool:
    """The chat, topic or person is not there for the bot: deleted, never started, blocked, kicked."""
    return isinstance(error, Forbidden) or _says(error, _NO_CHAT)


def is_no_forum(error: TelegramError) -> bool:
    """A group without topics."""
    return _says(error, _NO_FORUM)


def is_no_topic(error: TelegramError) -> bool:
    """Somebody deleted the topic."""
    return _says(error, _NO_TOPIC)


def is_too_big(error: TelegramError) -> bool:
    """A file beyond what bots may fetch."""
    return _says(error, _TOO_BIG)


def wait_s(error: RetryAfter) -> float:
    """How long Telegram asks to wait."""
    asked = error.retry_after
    return float(asked) if isinstance(asked, int) else asked.total_seconds()


def _says(error: TelegramError, sentences: tuple[str, ...]) -> bool:
    said = error.message.lower()
    return isinstance(error, BadRequest) and any(sentence in said for sentence in sentences)
