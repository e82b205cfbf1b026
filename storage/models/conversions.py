"""Conversions: one accepted picture each, from intake to a deck or a clear message."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from storage.models.people import Person


class Conversion(Model):
    """The present state of a conversion.

    ``post`` is what the conversions of one message have in common, ``position`` their order there.

    ``events`` holds how it came about. Times are None until they happen.
    """

    id = fields.UUIDField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "storage.Person", related_name="conversions", on_delete=fields.CASCADE
    )
    person_id: UUID
    state = fields.CharField(max_length=16)
    post = fields.UUIDField(db_index=True, null=True)
    position = fields.IntField(default=0, db_default=0)
    picture_hash = fields.CharField(max_length=64, null=True)
    picture_name = fields.CharField(max_length=255, default="")
    source: Any = fields.JSONField(null=True)
    community = fields.CharField(max_length=96, default="")
    priority = fields.IntField(default=0)
    attempts = fields.IntField(default=0)
    worker = fields.CharField(max_length=128, null=True)
    code = fields.CharField(max_length=48, null=True)
    sentence = fields.TextField(null=True)
    is_fresh = fields.BooleanField(default=False)
    from_cache = fields.BooleanField(default=False)
    timings: Any = fields.JSONField(null=True)
    correlation = fields.CharField(max_length=64)
    accepted_at = fields.DatetimeField()
    queued_at = fields.DatetimeField(null=True)
    started_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "conversions"
        indexes = (("state", "accepted_at"), ("person_id", "accepted_at"), ("picture_hash",), ("ended_at",))


class ConversionEvent(Model):
    """One change of state, in words for operators."""

    id = fields.BigIntField(primary_key=True)
    conversion: fields.ForeignKeyRelation[Conversion] = fields.ForeignKeyField(
        "storage.Conversion", related_name="events", on_delete=fields.CASCADE
    )
    conversion_id: UUID
    state = fields.CharField(max_length=16)
    detail = fields.TextField(default="")
    at = fields.DatetimeField()

    class Meta:
        table = "conversion_events"
