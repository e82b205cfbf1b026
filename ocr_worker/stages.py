"""What happens to a picture, in order, for those who want to follow it."""

from collections.abc import Callable
from enum import StrEnum


class Stage(StrEnum):
    """One part of the way from a picture to its deck."""

    DECODING = "decoding"
    """The file becomes pixels."""
    READING = "reading"
    """Text is found and read, the layout recognised, names looked up: nearly all of the time."""
    MATCHING = "matching"
    """All that was seen decides together what the deck is."""


StageListener = Callable[[Stage], None]
"""Is told of each stage when it begins; what it raises ends the reading."""


def ignore_stage(stage: Stage) -> None:
    """Listen to nothing."""
