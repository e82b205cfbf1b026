"""Tables, a file for each aggregate. No object of these classes leaves the room ``storage``: see ``records``."""

from storage.models.access import ApiKey
from storage.models.console import AuditEntry, AuditHead, Grant, OpsFile, OpsLock, OpsRequest, OpsValue
from storage.models.conversions import Conversion, ConversionEvent
from storage.models.dead_letters import DeadLetter
from storage.models.decks import Correction, StoredDeck
from storage.models.gathered import GatheredPart
from storage.models.outbox import OutboxMessage
from storage.models.people import Account, Person
from storage.models.pictures import Picture, PictureContent
from storage.models.readings import StoredReading

__all__ = [
    "Account",
    "ApiKey",
    "AuditEntry",
    "AuditHead",
    "Conversion",
    "ConversionEvent",
    "Correction",
    "DeadLetter",
    "GatheredPart",
    "Grant",
    "OpsFile",
    "OpsLock",
    "OpsRequest",
    "OpsValue",
    "OutboxMessage",
    "Person",
    "Picture",
    "PictureContent",
    "StoredDeck",
    "StoredReading",
]
