"""How sure readings were, and what players put right."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.database import patient
from storage.models import Conversion, Correction, StoredDeck
from storage.records import Json, State

_SECTIONS = ("main", "side", "commander", "companion")
_NO_CORRECTIONS = ("album", "undo")
"""Changes that the product makes itself, and those that take one back."""


@dataclass(frozen=True, slots=True)
class ReadDeck:
    """One reading: ``lines`` of which ``certain`` were sure; ``corrections`` that players made to it."""

    kind: str
    engine: str
    lines: int
    certain: int
    is_verified: bool
    corrections: int

    @property
    def share(self) -> float:
        """Of lines that were certain."""
        return self.certain / self.lines if self.lines else 0.0


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Readings of a time, those that players changed by kind of change, and what gave no deck."""

    decks: Sequence[ReadDeck]
    changes: Mapping[str, int]
    refused: int
    failed: int


@patient
async def accuracy(since: datetime, *, without: str, limit: int = 5000) -> Accuracy:
    """Of what was read after a time, the newest first; conversions of the community ``without`` do not count."""
    rows = (
        await StoredDeck.filter(created_at__gt=since, conversion__from_cache=False)
        .exclude(conversion__community=without)
        .order_by("-created_at")
        .limit(limit)
        .values("id", "read")
    )
    made = Correction.filter(at__gt=since).exclude(kind__in=list(_NO_CORRECTIONS))
    changes = await made.values_list("deck_id", "kind")
    by_deck = Counter(deck for deck, _ in changes)
    ended = Conversion.filter(ended_at__gt=since).exclude(community=without)
    return Accuracy(
        [_read_deck(row["read"], by_deck[row["id"]]) for row in rows],
        Counter(kind for _, kind in changes),
        await ended.filter(state=State.REFUSED).count(),
        await ended.filter(state=State.FAILED).count(),
    )


def _read_deck(read: Json, corrections: int) -> ReadDeck:
    lines = [line for section in _SECTIONS for line in read.get(section, ())]
    return ReadDeck(
        kind=str(read.get("kind", "")),
        engine=str(read.get("engine", "")),
        lines=len(lines),
        certain=sum(bool(line.get("certain")) for line in lines),
        is_verified=bool(read.get("verified")),
        corrections=corrections,
    )
