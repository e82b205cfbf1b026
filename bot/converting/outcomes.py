"""What became of each input, and the exit code that follows from all of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from ocr_worker.decks import Deck, deck_to_json, error_to_json


class Status(IntEnum):
    """What a conversion came to; the values are exit codes."""

    DONE = 0
    NOTHING_USABLE = 1
    BAD_INPUT = 2


@dataclass(frozen=True, slots=True)
class Converted:
    """A deck was read from ``name``; if that was a picture, by ``engine`` in ``seconds``.

    ``drawing`` is the file of the annotated picture, where one was asked for.
    """

    name: str
    deck: Deck
    engine: str | None = None
    seconds: float | None = None
    drawing: bytes | None = None

    def as_json(self) -> dict[str, Any]:
        """The deck as programs get it."""
        return deck_to_json(self.deck, image=self.name, engine=self.engine, seconds=self.seconds)


@dataclass(frozen=True, slots=True)
class Failed:
    """No deck came out of ``name``; ``reason`` is one sentence."""

    name: str
    reason: str
    status: Status

    def as_json(self) -> dict[str, Any]:
        """What programs get in the deck's place."""
        return error_to_json(self.name, self.reason)


Outcome = Converted | Failed


def exit_code(statuses: Iterable[Status]) -> Status:
    """2 if any input was bad, else 1 if any gave no deck, else 0."""
    return max(statuses, default=Status.DONE)
