"""Keys by which programs use the HTTP API."""

from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from storage.models.people import Person


class ApiKey(Model):
    """A key of which only a hash is kept.

    ``prefix`` tells people which one it is. A suspended key is good again when its time is over.
    """

    id = fields.UUIDField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "storage.Person", related_name="api_keys", on_delete=fields.CASCADE
    )
    person_id: UUID
    name = fields.CharField(max_length=64)
    prefix = fields.CharField(max_length=16)
    key_hash = fields.CharField(max_length=64, unique=True)
    role = fields.CharField(max_length=16)
    created_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)
    suspended_until = fields.DatetimeField(null=True)

    class Meta:
        table = "api_keys"
