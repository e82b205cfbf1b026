"""Decks and their corrections; all of them are kept, so that each can be taken back."""

from datetime import datetime
from uuid import UUID, uuid4

from storage.accuracy_counts import Change, count_correction
from storage.database import patient, transaction
from storage.errors import NotStored
from storage.models import Correction, StoredDeck
from storage.records import CorrectionRecord, DeckRecord, Json
from storage.texts import storable


class DeckChanged(Exception):
    """Somebody else corrected the deck meanwhile: look at it again."""


@patient
async def deck(deck_id: UUID) -> DeckRecord:
    """Raises NotStored."""
    return _found(await StoredDeck.get_or_none(id=deck_id))


@patient
async def deck_of(conversion_id: UUID) -> DeckRecord:
    """The deck that a conversion gave; raises NotStored."""
    return _found(await StoredDeck.get_or_none(conversion_id=conversion_id))


@patient
async def decks_of(person_id: UUID, *, limit: int = 20, offset: int = 0) -> list[DeckRecord]:
    """A person's decks, newest first."""
    rows = await StoredDeck.filter(person_id=person_id).order_by("-created_at").offset(offset).limit(limit)
    return [_record(row) for row in rows]


async def correct(
    deck_id: UUID, revision: int, kind: str, change: Json, corrected: Json, *, person: UUID | None, now: datetime
) -> DeckRecord:
    """Make ``corrected`` the deck, if it is still at ``revision``; raises DeckChanged otherwise."""
    async with transaction():
        changed = await StoredDeck.filter(id=deck_id, revision=revision).update(revision=revision + 1)
        if not changed:
            raise DeckChanged
        row = await StoredDeck.get(id=deck_id)
        of_certain, of_flagged = await count_correction(row, Change(kind, change))
        await Correction.create(
            id=uuid4(),
            deck_id=deck_id,
            person_id=person,
            revision=revision + 1,
            kind=kind,
            change=storable(dict(change)),
            before=row.deck,
            of_certain=of_certain,
            of_flagged=of_flagged,
            at=now,
        )
        await StoredDeck.filter(id=deck_id).update(deck=storable(dict(corrected)))
    return await deck(deck_id)


@patient
async def corrections(deck_id: UUID) -> list[CorrectionRecord]:
    """All corrections of a deck, oldest first."""
    rows = await Correction.filter(deck_id=deck_id).order_by("revision")
    return [CorrectionRecord(row.revision, row.kind, row.change, row.before, row.person_id, row.at) for row in rows]


@patient
async def remove_deck(deck_id: UUID) -> bool:
    """Erase a deck with its corrections."""
    return bool(await StoredDeck.filter(id=deck_id).delete())


def _found(row: StoredDeck | None) -> DeckRecord:
    if row is None:
        raise NotStored("This deck is no longer kept.")
    return _record(row)


def _record(row: StoredDeck) -> DeckRecord:
    return DeckRecord(
        row.id,
        row.person_id,
        row.conversion_id,
        row.read,
        row.deck,
        row.revision,
        row.created_at,
        row.expires_at,
    )
