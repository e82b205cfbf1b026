"""Cards, which show rounds of firing, and digests, which stand for many of them."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from config.ops_oncall import Severity
from storage import outbox
from storage.alert_records import CardRecord, DigestRecord
from storage.budget import DIGEST, Budget, has_room
from storage.counters import next_number
from storage.database import column, existing, patient, transaction
from storage.incidents import CARD
from storage.models import AlertCard, AlertDigest, AlertDigestEntry, OutboxMessage
from storage.records import NewMessage

STORM, OUTAGE = "storm", "outage"


async def add_card(severity: Severity, *, now: datetime) -> CardRecord:
    """A new card, without an incident yet. Within the caller's transaction."""
    number = await next_number("card")
    row = await AlertCard.create(
        id=uuid4(), number=number, severity=severity.value, opened_at=now, changed_at=now, transitions=[]
    )
    return _card(row)


async def save_card(card: CardRecord, *, now: datetime, is_shown: bool = True) -> None:
    """Write a card and, unless more follows at once, have its messages show it. Within the caller's transaction."""
    await AlertCard.filter(id=card.id).update(
        incident_id=card.incident_id,
        severity=card.severity.value,
        changed_at=now,
        closed_at=card.closed_at,
        fired=card.fired,
        transitions=[list(one) for one in card.transitions],
        flapping_since=card.flapping_since,
    )
    if is_shown:
        await show_card(card.id, now=now)


async def show_card(card_id: UUID, *, now: datetime) -> None:
    """What a card shows has changed. Within the caller's transaction."""
    await outbox.want_newer(CARD, str(card_id), now=now, is_final=False)
    for digest in await digests_of(card_id):
        await outbox.want_newer(DIGEST, str(digest), now=now, is_final=False)


@patient
async def card(card_id: UUID) -> CardRecord:
    """Raises NotStored."""
    row = await existing(AlertCard.get_or_none(id=card_id), "This card is no longer kept.")
    return _card(row)


@patient
async def card_numbered(number: int) -> CardRecord:
    """Raises NotStored."""
    row = await existing(AlertCard.get_or_none(number=number), f"There is no card A{number}.")
    return _card(row)


@patient
async def cards_of_incident(incident: UUID) -> list[CardRecord]:
    """Oldest first."""
    return [_card(row) for row in await AlertCard.filter(incident_id=incident).order_by("number")]


@patient
async def open_cards(limit: int = 1000) -> list[CardRecord]:
    """Cards with something that fires, worst first."""
    rows = AlertCard.filter(closed_at=None).order_by("severity", "number")
    return [_card(row) for row in await rows.limit(limit)]


@patient
async def unposted_cards(limit: int = 1000) -> list[CardRecord]:
    """Cards without a message of their own, worst first, then oldest; also those of what is over by now."""
    rows = AlertCard.filter(posted_at=None).order_by("severity", "number")
    return [_card(row) for row in await rows.limit(limit)]


@patient
async def flapping_cards() -> list[CardRecord]:
    """Cards that flap."""
    rows = AlertCard.filter(flapping_since__isnull=False, closed_at=None)
    return [_card(row) for row in await rows.order_by("number")]


@patient
async def post_card(
    card_id: UUID, messages: Sequence[NewMessage], *, now: datetime, within: Budget | None = None
) -> bool:
    """Give a card its messages, where ``within`` leaves room for them; of those who try at once one does."""
    async with transaction():
        if within is not None and not await has_room(messages, within, now=now):
            return False
        if not await AlertCard.filter(id=card_id, posted_at=None).update(posted_at=now):
            return False
        for message in messages:
            await outbox.add_message(message, now=now)
    return True


@patient
async def give_incident(card_id: UUID, incident: UUID, *, now: datetime) -> None:
    """What a card shows is this incident's."""
    async with transaction():
        await AlertCard.filter(id=card_id).update(incident_id=incident, changed_at=now)
        await show_card(card_id, now=now)


@patient
async def is_away(platform: str, chat: str, before: datetime) -> bool:
    """Whether a chat cannot be reached: it waits for a card since before then, or for the digest of what it missed."""
    rows = OutboxMessage.filter(platform=platform, chat=chat, delivered=0, is_pending=True)
    if await rows.filter(subject__in=[CARD, DIGEST], created_at__lt=before).exists():
        return True
    return await _pending_outage(platform, chat) is not None


@patient
async def digest_since(reason: str, platform: str, chat: str, since: datetime) -> UUID | None:
    """The digest of a chat that still grows: it is not older than that."""
    rows = AlertDigest.filter(reason=reason, platform=platform, chat=chat, opened_at__gte=since)
    row = await rows.order_by("-opened_at").first()
    return None if row is None else row.id


@patient
async def add_to_digest(
    digest: UUID | None, reason: str, message: NewMessage, cards: Collection[UUID], *, now: datetime
) -> UUID:
    """Name cards in a digest, a new one with its message where there is none; returns its id."""
    async with transaction():
        return await _named(digest, reason, message, cards, now)


@patient
async def replace_by_digest(message: NewMessage, *, now: datetime) -> UUID | None:
    """Put one digest in place of all cards that a chat was never shown; None where there are none."""
    async with transaction():
        rows = OutboxMessage.filter(
            platform=message.platform, chat=message.chat, subject=CARD, delivered=0, is_pending=True
        )
        if not await rows.update(is_final=False):
            return None
        found = [UUID(str(one)) for one in await column(rows, "subject_id")]
        await rows.filter(subject_id__in=[str(one) for one in found]).delete()
        pending = await _pending_outage(message.platform, message.chat)
        return await _named(pending, OUTAGE, message, found, now)


async def _pending_outage(platform: str, chat: str) -> UUID | None:
    """The digest of an outage that the chat has not got yet."""
    rows = OutboxMessage.filter(platform=platform, chat=chat, subject=DIGEST, delivered=0, is_pending=True)
    waiting = [UUID(str(one)) for one in await column(rows, "subject_id")]
    row = await AlertDigest.filter(id__in=waiting, reason=OUTAGE).first() if waiting else None
    return None if row is None else row.id


async def _named(digest: UUID | None, reason: str, message: NewMessage, cards: Collection[UUID], now: datetime) -> UUID:
    identity = digest or uuid4()
    if digest is None:
        await AlertDigest.create(
            id=identity, reason=reason, platform=message.platform, chat=message.chat, opened_at=now, changed_at=now
        )
        shown = replace(message, subject=DIGEST, subject_id=str(identity), origin=f"digest-{identity}")
        await outbox.add_message(shown, now=now)
    else:
        await AlertDigest.filter(id=identity).update(changed_at=now)
        await outbox.want_newer(DIGEST, str(identity), now=now, is_final=False)
    known = set(await column(AlertDigestEntry.filter(digest_id=identity), "card_id"))
    new = [AlertDigestEntry(id=uuid4(), digest_id=identity, card_id=one) for one in cards if one not in known]
    await AlertDigestEntry.bulk_create(new)
    return identity


@patient
async def in_digests(cards: Collection[UUID], platform: str, chat: str) -> set[UUID]:
    """Those of some cards that a digest of a chat names."""
    rows = AlertDigestEntry.filter(card_id__in=list(cards), digest__platform=platform, digest__chat=chat)
    return set(await column(rows, "card_id"))


@patient
async def digests_of(card_id: UUID) -> list[UUID]:
    """Digests that name a card."""
    return await column(AlertDigestEntry.filter(card_id=card_id), "digest_id")


@patient
async def in_any_digest(cards: Collection[UUID]) -> set[UUID]:
    """Those of some cards that a digest names, whatever its chat."""
    rows = AlertDigestEntry.filter(card_id__in=list(cards))
    return set(await column(rows, "card_id"))


@patient
async def digest(digest_id: UUID) -> DigestRecord:
    """Raises NotStored."""
    row = await existing(AlertDigest.get_or_none(id=digest_id), "This digest is no longer kept.")
    entries = await AlertDigestEntry.filter(digest_id=digest_id).select_related("card")
    found = sorted((_card(one.card) for one in entries), key=lambda one: (one.severity, one.number))
    return DigestRecord(row.id, row.reason, row.platform, row.chat, row.opened_at, row.changed_at, tuple(found))


def _card(row: AlertCard) -> CardRecord:
    values: dict[str, Any] = {name: getattr(row, name) for name in CardRecord.__dataclass_fields__}
    transitions = tuple((str(one), float(at)) for one, at in row.transitions or ())
    return CardRecord(**{**values, "severity": Severity(row.severity), "transitions": transitions})
