"""Incidents, what happened in them, and the chats in which people talk about them."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.models import Model


class Counter(Model):
    """Numbers that people type. Whoever takes one holds its row until the end of the transaction."""

    name = fields.CharField(primary_key=True, max_length=32)
    number = fields.IntField()

    class Meta:
        table = "counters"


class Incident(Model):
    """One incident. ``source`` is what opened it: ``alert``, ``watchdog`` or ``chat``.

    A time and a human for each state that it reached since it was last open.
    """

    id = fields.UUIDField(primary_key=True)
    number = fields.IntField(unique=True)
    title = fields.CharField(max_length=200)
    severity = fields.CharField(max_length=2)
    service = fields.CharField(max_length=64, default="")
    state = fields.CharField(max_length=16)
    source = fields.CharField(max_length=16)
    assignee = fields.CharField(max_length=128, default="")
    ticket = fields.CharField(max_length=128, default="")
    summary = fields.TextField(default="")
    reopened = fields.IntField(default=0)
    opened_at = fields.DatetimeField()
    opened_by = fields.CharField(max_length=128)
    reopened_at = fields.DatetimeField(null=True)
    acknowledged_at = fields.DatetimeField(null=True)
    acknowledged_by = fields.CharField(max_length=128, default="")
    assessing_at = fields.DatetimeField(null=True)
    assessing_by = fields.CharField(max_length=128, default="")
    mitigating_at = fields.DatetimeField(null=True)
    mitigating_by = fields.CharField(max_length=128, default="")
    verifying_at = fields.DatetimeField(null=True)
    verifying_by = fields.CharField(max_length=128, default="")
    resolved_at = fields.DatetimeField(null=True)
    resolved_by = fields.CharField(max_length=128, default="")
    changed_at = fields.DatetimeField()

    class Meta:
        table = "incidents"
        indexes = (("state", "opened_at"), ("opened_at",))


class IncidentEvent(Model):
    """One line of an incident's timeline, which is never changed: an edit is a line that ``replaces`` another.

    ``key`` keeps what is told twice from standing here twice.
    """

    id = fields.BigIntField(primary_key=True)
    incident: fields.ForeignKeyRelation[Incident] = fields.ForeignKeyField(
        "storage.Incident", related_name="events", on_delete=fields.CASCADE
    )
    incident_id: UUID
    kind = fields.CharField(max_length=24)
    human = fields.CharField(max_length=128, default="")
    text = fields.TextField(default="")
    details: Any = fields.JSONField(null=True)
    request = fields.CharField(max_length=36, default="")
    key = fields.CharField(max_length=200, null=True, unique=True)
    replaces = fields.BigIntField(null=True)
    at = fields.DatetimeField()

    class Meta:
        table = "incident_events"
        indexes = (("incident_id", "at"),)


class IncidentTalk(Model):
    """A thread or topic in which people talk about an incident."""

    id = fields.UUIDField(primary_key=True)
    incident: fields.ForeignKeyRelation[Incident] = fields.ForeignKeyField(
        "storage.Incident", related_name="talks", on_delete=fields.CASCADE
    )
    incident_id: UUID
    platform = fields.CharField(max_length=32)
    chat = fields.CharField(max_length=96)

    class Meta:
        table = "incident_talks"
        unique_together = (("platform", "chat"),)
