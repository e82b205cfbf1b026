"""Conversions that nothing could finish, kept for engineers with reason and picture."""

from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from storage.models.conversions import Conversion


class DeadLetter(Model):
    """A conversion that was given up.

    ``resolved_at`` is set when it was tried again with success, or dropped.
    """

    id = fields.UUIDField(primary_key=True)
    conversion: fields.ForeignKeyRelation[Conversion] = fields.ForeignKeyField(
        "storage.Conversion", related_name="dead_letters", on_delete=fields.CASCADE
    )
    conversion_id: UUID
    reason = fields.CharField(max_length=48)
    detail = fields.TextField(default="")
    attempts = fields.IntField()
    created_at = fields.DatetimeField()
    resolved_at = fields.DatetimeField(null=True)

    class Meta:
        table = "dead_letters"
