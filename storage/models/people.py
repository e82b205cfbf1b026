"""People, and the chat accounts by which they are known; one person may have several."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.models import Model


class Person(Model):
    """Somebody who sends pictures.

    ``seen_at`` is written first in a transaction, which holds the row.
    """

    id = fields.UUIDField(primary_key=True)
    preferences: Any = fields.JSONField(default=dict)
    created_at = fields.DatetimeField()
    seen_at = fields.DatetimeField()
    banned_until = fields.DatetimeField(null=True)

    class Meta:
        table = "people"


class Account(Model):
    """An account on one platform.

    ``user`` is the platform's own id.
    """

    id = fields.UUIDField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "storage.Person", related_name="accounts", on_delete=fields.CASCADE
    )
    person_id: UUID
    platform = fields.CharField(max_length=32)
    user = fields.CharField(max_length=64)
    name = fields.CharField(max_length=128, default="")
    created_at = fields.DatetimeField()

    class Meta:
        table = "accounts"
        unique_together = (("platform", "user"),)
