"""Tables, a file for each aggregate. No object of these classes leaves the room ``storage``: see ``records``."""

from storage.models.access import ApiKey
from storage.models.accuracy import AccuracyCount
from storage.models.alerts import (
    Alert,
    AlertCard,
    AlertDelivery,
    AlertDigest,
    AlertDigestEntry,
    AlertEpisode,
    AlertGroup,
    AlertMember,
    Silence,
)
from storage.models.checklists import ChecklistMark, ChecklistRun
from storage.models.console import AuditEntry, AuditHead, Grant, OpsFile, OpsLock, OpsRequest, OpsValue
from storage.models.conversions import Conversion, ConversionEvent
from storage.models.dead_letters import DeadLetter
from storage.models.decks import Correction, StoredDeck
from storage.models.gathered import GatheredPart
from storage.models.incidents import Counter, Incident, IncidentEvent, IncidentTalk
from storage.models.oncall import Deadline, OnCallException, Page, PageAttempt
from storage.models.outbox import OutboxMessage
from storage.models.people import Account, Person
from storage.models.pictures import Picture, PictureContent
from storage.models.purges import Purge, PurgedJob
from storage.models.readings import StoredReading
from storage.models.samples import FigureSample
from storage.models.security import AccessEntry, Block, OneTimeCode, Session, SigningKey

__all__ = [
    "AccessEntry",
    "Account",
    "AccuracyCount",
    "Alert",
    "AlertCard",
    "AlertDelivery",
    "AlertDigest",
    "AlertDigestEntry",
    "AlertEpisode",
    "AlertGroup",
    "AlertMember",
    "ApiKey",
    "AuditEntry",
    "AuditHead",
    "Block",
    "ChecklistMark",
    "ChecklistRun",
    "Conversion",
    "ConversionEvent",
    "Correction",
    "Counter",
    "DeadLetter",
    "Deadline",
    "FigureSample",
    "GatheredPart",
    "Grant",
    "Incident",
    "IncidentEvent",
    "IncidentTalk",
    "OnCallException",
    "OneTimeCode",
    "OpsFile",
    "OpsLock",
    "OpsRequest",
    "OpsValue",
    "OutboxMessage",
    "Page",
    "PageAttempt",
    "Person",
    "Picture",
    "PictureContent",
    "Purge",
    "PurgedJob",
    "Session",
    "SigningKey",
    "Silence",
    "StoredDeck",
    "StoredReading",
]
