"""What is known of alerts, their groups and their cards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from config.ops_oncall import Severity
from storage.records import Json


class AlertState(StrEnum):
    """What is known of an alert.

    ``suspect``: it was told to fire after its end, by what may be a message that came late. ``stale``: it was never
    told to have ended, and nothing was heard of it for long, or Alertmanager no longer knows it.
    """

    FIRING = "firing"
    SUSPECT = "suspect"
    RESOLVED = "resolved"
    STALE = "stale"


class DeliveryState(StrEnum):
    """What became of a delivery; ``repeated``: it said what the one before it in its group had said."""

    STORED = "stored"
    FOLDED = "folded"
    REPEATED = "repeated"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """A request of an Alertmanager, as it came."""

    id: int
    tenant: str
    sender: str
    digest: str
    body: Any
    state: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """An alert; see ``storage.models.alerts.Alert``."""

    id: UUID
    tenant: str
    fingerprint: str
    name: str
    severity: Severity
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    generator: str
    state: AlertState
    first_heard_at: datetime
    last_heard_at: datetime
    episode: int = 0
    starts_at: datetime | None = None
    last_starts_at: datetime | None = None
    ends_at: datetime | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    suspect_until: datetime | None = None
    silenced_by: str = ""

    @property
    def is_open(self) -> bool:
        """It fires, as far as is known."""
        return self.state in (AlertState.FIRING, AlertState.STALE)


@dataclass(frozen=True, slots=True)
class EpisodeRecord:
    """One time of firing."""

    number: int
    starts_at: datetime | None
    ends_at: datetime | None
    opened_at: datetime
    closed_at: datetime | None
    outcome: str


@dataclass(frozen=True, slots=True)
class MemberRecord:
    """An alert in a group."""

    alert: AlertRecord
    listed_at: datetime
    missing_since: datetime | None


@dataclass(frozen=True, slots=True)
class CardRecord:
    """A round of firing, as one message shows it."""

    id: UUID
    number: int
    incident_id: UUID | None
    severity: Severity
    opened_at: datetime
    changed_at: datetime
    closed_at: datetime | None = None
    posted_at: datetime | None = None
    fired: int = 1
    transitions: Sequence[tuple[str, float]] = ()
    flapping_since: datetime | None = None

    @property
    def name(self) -> str:
        """What people call it: ``A12``."""
        return f"A{self.number}"


@dataclass(frozen=True, slots=True)
class ListedRecord:
    """An alert as a group has named it; see ``MemberRecord``."""

    alert: UUID
    state: AlertState
    missing_since: datetime | None


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """A group of Alertmanager with its alerts by fingerprint."""

    id: UUID
    key: str
    tenant: str
    receiver: str
    labels: Json
    sender: str
    card_id: UUID | None
    truncated: int
    deliveries: int
    digest: str
    first_heard_at: datetime
    last_heard_at: datetime
    members: Mapping[str, MemberRecord] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AlertChange:
    """An alert as it is now. ``before`` is None for a new one; an episode begins or ends with it, or neither."""

    after: AlertRecord
    before: AlertRecord | None = None
    begins: bool = False
    ends: str = ""


@dataclass(frozen=True, slots=True)
class DigestRecord:
    """One message in place of many cards; ``reason`` is ``storm`` or ``outage``."""

    id: UUID
    reason: str
    platform: str
    chat: str
    opened_at: datetime
    changed_at: datetime
    cards: tuple[CardRecord, ...] = ()
