"""How sure readings were, and what players put right."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q

from storage.accuracy_counts import ALBUM, UNDO, certainties
from storage.database import column, patient
from storage.models import Conversion, Correction, StoredDeck
from storage.records import Json, State

_AT_ONCE = 50
_NO_CORRECTIONS = (ALBUM, UNDO)
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
class PutRight:
    """Lines that were ``flagged`` and ``certain``; ``decks`` of which a certain one was wrong."""

    flagged: int
    certain: int
    decks: int


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Readings of a time, of which ``decks`` are the newest; what players changed by kind; what gave no deck.

    ``put_right`` are the lines that players put right for the first time.
    """

    decks: Sequence[ReadDeck]
    readings: int
    changes: Mapping[str, int]
    put_right: PutRight
    refused: int
    failed: int


@patient
async def accuracy(since: datetime, *, without: str, limit: int = 400) -> Accuracy:
    """Of what was read after a time, the newest first; conversions of the community ``without`` do not count.

    Decks are large: ``limit`` of them tell enough, and are looked at a few at a time, so that nobody waits for this.
    """
    found = StoredDeck.filter(created_at__gt=since, conversion__from_cache=False)
    found = found.exclude(conversion__community=without)
    ids = await column(found.order_by("-created_at").limit(limit), "id")
    rows: list[Json] = []
    for start in range(0, len(ids), _AT_ONCE):
        rows += await StoredDeck.filter(id__in=ids[start : start + _AT_ONCE]).values("id", "read")
    made = Correction.filter(at__gt=since).exclude(kind__in=list(_NO_CORRECTIONS))
    changes = await made.values_list("deck_id", "kind")
    by_deck = Counter(deck for deck, _ in changes)
    ended = Conversion.filter(ended_at__gt=since).exclude(community=without)
    return Accuracy(
        [_read_deck(row["read"], by_deck[row["id"]]) for row in rows],
        len(rows) if len(rows) < limit else await found.count(),
        Counter(kind for _, kind in changes),
        await put_right(since),
        await ended.filter(state=State.REFUSED).count(),
        await ended.filter(state=State.FAILED).count(),
    )


@patient
async def put_right(since: datetime) -> PutRight:
    """Of corrections that were made after a time."""
    made = Correction.filter(Q(of_certain__gt=0) | Q(of_flagged__gt=0), at__gt=since)
    rows = await made.values_list("deck_id", "of_certain", "of_flagged")
    return PutRight(
        flagged=sum(flagged for _, _, flagged in rows),
        certain=sum(certain for _, certain, _ in rows),
        decks=len({deck for deck, certain, _ in rows if certain}),
    )


def _read_deck(read: Json, corrections: int) -> ReadDeck:
    lines = certainties(read).values()
    return ReadDeck(
        kind=str(read.get("kind", "")),
        engine=str(read.get("engine", "")),
        lines=len(lines),
        certain=sum(lines),
        is_verified=bool(read.get("verified")),
        corrections=corrections,
    )
