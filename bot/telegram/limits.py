"""Numbers of the Bot API (core.telegram.org/bots/api, and /bots/faq for the pace), and how the bot keeps to them."""

from datetime import timedelta

TEXT = 4096
"""UTF-16 units of a message's text, after its marks are taken away."""
CAPTION = 1024
CALLBACK_DATA = 64
"""Bytes."""
NOTICE = 200
MOST_COMMANDS, COMMAND_DESCRIPTION = 100, 256
PLACEHOLDER = 64
TOPIC_NAME = 128

POLL_S = 25
"""How long one call for updates waits."""
OLD = timedelta(minutes=10)
"""Older posts, which waited while the bot was away, are answered by an excuse."""
ALBUM_QUIET_S = 1.5
"""Albums arrive picture by picture, without an end: this long after the last one they count as whole."""
ALBUM_LONGEST_S = 10.0

TYPING_EVERY_S = 4.5
"""Telegram shows it for five seconds."""
TYPING_LONGEST_S = 90.0
MOST_TYPING = 20

MESSAGES, MESSAGES_S = 4, 0.16
"""Messages and edits to all chats: so many at once, and then as many again in that time. 30 a second are allowed."""

PRIVATE_EDIT_S = 1.5
GROUP_SPARE = 10
"""Of a group's 20 messages a minute, what topics leave to cards and answers."""
GROUP_EDIT_S = 6.0
"""Between two edits that only tell progress: a group bears 20 messages a minute, edits included."""
