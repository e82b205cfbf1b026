"""What chat processes must deliver."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class OutboxMessage(Model):
    """One message in one chat, and the newest state that it must show.

    ``wanted`` counts its states, ``delivered`` is the one that the chat shows (0: nothing yet). ``place`` is what
    the platform needs to reach the message again, such as its id there. ``origin`` is the message that it answers.
    """

    id = fields.UUIDField(primary_key=True)
    platform = fields.CharField(max_length=32)
    chat = fields.CharField(max_length=96)
    origin = fields.CharField(max_length=96, null=True)
    address: Any = fields.JSONField(default=dict)
    subject = fields.CharField(max_length=32)
    subject_id = fields.CharField(max_length=64)
    payload: Any = fields.JSONField(null=True)
    wanted = fields.IntField(default=1)
    delivered = fields.IntField(default=0)
    is_final = fields.BooleanField(default=False)
    place: Any = fields.JSONField(null=True)
    attempts = fields.IntField(default=0)
    due_at = fields.DatetimeField()
    given_up_at = fields.DatetimeField(null=True)
    problem = fields.TextField(null=True)
    created_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()
    delivered_at = fields.DatetimeField(null=True)
    is_pending = fields.BooleanField(default=True)

    class Meta:
        table = "outbox"
        unique_together = (("platform", "chat", "origin"),)
        indexes = (("is_pending", "platform", "due_at"), ("subject", "subject_id"))
