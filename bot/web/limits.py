"""What the page bears."""

from datetime import timedelta

PLATFORM = "web"
OPS_CHAT = "ops"
"""The operations channel: one chat for all who have a role."""

COOKIE = "s2d_session"
SESSION_LIFE = timedelta(days=14)
GUEST_LIFE = timedelta(days=90)
LINK_LIFE = timedelta(minutes=30)

MESSAGES = 60
"""The newest of a chat are shown."""
TEXT = 20_000
WORDS = 2_000
"""Characters of an order to the console."""
PAGES_OF_ONE = 8
"""Open pages of one session; the oldest gives way."""
BEAT_S = 20.0
"""Between two signs of life on an event stream, which keep proxies from closing it."""
SIGN_INS = 10
"""Attempts to sign in from one address in a minute."""
GUESTS = 30
"""New guests in a minute."""
