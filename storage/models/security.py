"""Keys that sign tokens, sessions, links that are good once, what is kept out, and who asked for what over HTTP."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from storage.models.people import Person


class SigningKey(Model):
    """A key that signs tokens, encrypted. ``ring`` names the secret that it is encrypted with.

    ``accepted_until`` is set when a newer one takes over.
    """

    kid = fields.CharField(primary_key=True, max_length=32)
    ring = fields.CharField(max_length=16)
    number = fields.IntField()
    sealed = fields.TextField()
    created_at = fields.DatetimeField()
    accepted_until = fields.DatetimeField(null=True)

    class Meta:
        table = "signing_keys"
        unique_together = (("ring", "number"),)


class Session(Model):
    """Somebody who signed in: a token of the API, or a browser. Only a hash of its id is kept.

    ``source`` says where its role comes from, ``credential`` is the API key behind it.
    """

    id_hash = fields.CharField(primary_key=True, max_length=64)
    kind = fields.CharField(max_length=16)
    person: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "storage.Person", related_name="sessions", on_delete=fields.CASCADE, null=True
    )
    person_id: UUID | None
    account = fields.CharField(max_length=128, default="")
    role = fields.CharField(max_length=16)
    source = fields.CharField(max_length=96, default="")
    credential = fields.CharField(max_length=36, default="")
    agent = fields.CharField(max_length=200, default="")
    created_at = fields.DatetimeField()
    used_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)
    revoked_by = fields.CharField(max_length=128, default="")

    class Meta:
        table = "sessions"
        indexes = (("revoked_at", "expires_at"), ("person_id", "expires_at"), ("expires_at",))


class OneTimeCode(Model):
    """A link that is good once, of which only a hash is kept."""

    code_hash = fields.CharField(primary_key=True, max_length=64)
    purpose = fields.CharField(max_length=32)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "storage.Person", related_name="codes", on_delete=fields.CASCADE
    )
    person_id: UUID
    details: Any = fields.JSONField(default=dict)
    made_by = fields.CharField(max_length=128)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "one_time_codes"
        indexes = (("expires_at",),)


class Block(Model):
    """A network whose requests the HTTP server refuses for a while."""

    id = fields.UUIDField(primary_key=True)
    network = fields.CharField(max_length=64)
    reason = fields.CharField(max_length=200, default="")
    made_by = fields.CharField(max_length=128)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    lifted_at = fields.DatetimeField(null=True)
    hits = fields.IntField(default=0)
    hit_at = fields.DatetimeField(null=True)

    class Meta:
        table = "blocks"
        indexes = (("lifted_at", "expires_at"),)


class AccessEntry(Model):
    """One request over HTTP. ``route`` is the declared path, in which ids stand as names."""

    id = fields.IntField(primary_key=True)
    at = fields.DatetimeField()
    address = fields.CharField(max_length=64)
    method = fields.CharField(max_length=8)
    route = fields.CharField(max_length=96)
    status = fields.IntField()
    milliseconds = fields.IntField()
    person = fields.CharField(max_length=36, default="")

    class Meta:
        table = "access_log"
        indexes = (("at",), ("address", "at"), ("person", "at"), ("status", "at"))
