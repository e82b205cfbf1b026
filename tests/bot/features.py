"""What a conversation with a player can do, declared once; tests of each platform say with ``@covers`` what they show.

A feature that a platform has no place for says why not. ``test_features`` compares all this with the code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

PLATFORMS = ("discord", "telegram", "web")

NO_EDITING = "What was sent on the page cannot be edited: another picture is sent instead."
ALONE = "The page is a chat with the bot alone."
OWN_SERVER = "The page comes from the bot itself, which needs nobody's permission."


@dataclass(frozen=True, slots=True)
class Feature:
    """``verbs`` of buttons, ``commands`` and ``texts`` that belong to it; ``absent`` says why a platform lacks it."""

    verbs: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    absent: Mapping[str, str] = field(default_factory=dict)


FEATURES: dict[str, Feature] = {
    # Ways in
    "picture": Feature(commands=("deck",)),
    "several pictures": Feature(),
    "forwarded": Feature(absent={"web": ALONE}),
    "in a group": Feature(absent={"web": ALONE}),
    "in reply": Feature(absent={"web": ALONE}),
    "unasked": Feature(absent={"web": ALONE}),
    "pasted list": Feature(),
    "deck file": Feature(),
    "edited": Feature(absent={"web": NO_EDITING}),
    "heic": Feature(),
    "large": Feature(),
    # At once, and the result
    "progress": Feature(texts=("reading", "next")),
    "cache": Feature(),
    "maintenance": Feature(texts=("held", "in_maintenance")),
    "doubts": Feature(texts=("doubt_or",)),
    "long list": Feature(texts=("in_file",)),
    "inert names": Feature(),
    "once": Feature(texts=("meanwhile",)),
    "restart": Feature(),
    # Afterwards
    "any format": Feature(verbs=("format",)),
    "candidate": Feature(verbs=("fix", "line", "pick")),
    "crop": Feature(),
    "right": Feature(verbs=("right",)),
    "search": Feature(verbs=("find",)),
    "count": Feature(verbs=("count",)),
    "move": Feature(verbs=("move",)),
    "remove": Feature(),
    "add": Feature(),
    "swap": Feature(verbs=("swap",)),
    "undo": Feature(verbs=("undo",)),
    "merge": Feature(verbs=("merge", "join")),
    "show": Feature(verbs=("show",)),
    "delete": Feature(verbs=("delete", "erase", "close")),
    "retry": Feature(verbs=("retry",)),
    # Commands
    "menu": Feature(),
    "help": Feature(commands=("help",)),
    "privacy": Feature(commands=("privacy",)),
    "formats": Feature(commands=("formats",)),
    "history": Feature(commands=("history",), verbs=("open",)),
    "fix": Feature(commands=("fix",)),
    "forget": Feature(commands=("forget",), verbs=("forgetme", "keepme")),
    "preferred format": Feature(commands=("preferences",), verbs=("preferformat",)),
    "language": Feature(verbs=("prefer",)),
    "private answers": Feature(),
    "set codes": Feature(texts=("sets_unknown",)),
    # Errors
    "no deck": Feature(texts=("no_deck",)),
    "no picture": Feature(texts=("bad_picture", "no_picture_here")),
    "too large": Feature(texts=("too_large",)),
    "limit": Feature(texts=("per_hour",)),
    "strangers": Feature(texts=("not_yours",)),
    "old button": Feature(texts=("old_button",)),
    "broken download": Feature(absent={"web": "What is sent on the page comes to the bot itself."}),
    "file gone": Feature(absent={"web": "What is sent on the page is kept at once."}),
    "no permission": Feature(absent={"web": OWN_SERVER}),
    "answered elsewhere": Feature(absent={"web": OWN_SERVER}),
    "slowed down": Feature(absent={"web": OWN_SERVER}),
}


def covers(*features: str) -> pytest.MarkDecorator:
    """Mark a test with the features that it shows; raises KeyError for one that is not declared."""
    for name in features:
        FEATURES[name]
    return pytest.mark.covers(*features)
