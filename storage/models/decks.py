"""Decks as they were read and as people corrected them."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from storage.models.conversions import Conversion
from storage.models.people import Person


class StoredDeck(Model):
    """A deck and where it came from.

    ``read`` is the deck JSON of the reading, ``deck`` the present one after ``revision`` corrections.
    """

    id = fields.UUIDField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "storage.Person", related_name="decks", on_delete=fields.CASCADE
    )
    person_id: UUID
    conversion: fields.OneToOneRelation[Conversion] = fields.OneToOneField(
        "storage.Conversion", related_name="result", on_delete=fields.CASCADE
    )
    conversion_id: UUID
    read: Any = fields.JSONField()
    deck: Any = fields.JSONField()
    revision = fields.IntField(default=0)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "decks"
        indexes = (("person_id", "created_at"),)


class Correction(Model):
    """One change that somebody made.

    ``before`` is the deck JSON that it changed; ``of_certain`` and ``of_flagged`` lines of the reading, sure ones and
    doubtful ones, were put right with it for the first time.
    """

    id = fields.UUIDField(primary_key=True)
    deck: fields.ForeignKeyRelation[StoredDeck] = fields.ForeignKeyField(
        "storage.StoredDeck", related_name="corrections", on_delete=fields.CASCADE
    )
    deck_id: UUID
    person: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "storage.Person", related_name="corrections", on_delete=fields.SET_NULL, null=True
    )
    person_id: UUID | None
    revision = fields.IntField()
    kind = fields.CharField(max_length=32)
    change: Any = fields.JSONField()
    before: Any = fields.JSONField()
    of_certain = fields.IntField(default=0, db_default=0)
    of_flagged = fields.IntField(default=0, db_default=0)
    at = fields.DatetimeField()

    class Meta:
        table = "corrections"
        unique_together = (("deck_id", "revision"),)
        indexes = (("at",),)
