"""What people ask of the console, what came of it, and the trail that it leaves."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.models import Model


class OpsRequest(Model):
    """One use of an action. ``origin`` is the platform's id of what asked for it, so that nothing is done twice.

    ``alive_at`` is written every few seconds by the process that executes it.
    """

    id = fields.UUIDField(primary_key=True)
    origin = fields.CharField(max_length=160, unique=True)
    action = fields.CharField(max_length=64)
    arguments: Any = fields.JSONField(default=dict)
    actor: Any = fields.JSONField()
    human = fields.CharField(max_length=128)
    place: Any = fields.JSONField()
    state = fields.CharField(max_length=16)
    confirmation = fields.CharField(max_length=16)
    phrase = fields.CharField(max_length=128, default="")
    plan: Any = fields.JSONField(null=True)
    plan_hash = fields.CharField(max_length=64, default="")
    approver: Any = fields.JSONField(null=True)
    progress: Any = fields.JSONField(default=list)
    answer: Any = fields.JSONField(null=True)
    executor = fields.CharField(max_length=96, default="")
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(null=True)
    started_at = fields.DatetimeField(null=True)
    alive_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "ops_requests"
        indexes = (("state", "alive_at"), ("action", "state"), ("created_at",))


class OpsFile(Model):
    """A file of an answer."""

    id = fields.UUIDField(primary_key=True)
    request: fields.ForeignKeyRelation[OpsRequest] = fields.ForeignKeyField(
        "storage.OpsRequest", related_name="files", on_delete=fields.CASCADE
    )
    request_id: UUID
    position = fields.IntField()
    name = fields.CharField(max_length=128)
    media_type = fields.CharField(max_length=64)
    content = fields.BinaryField()

    class Meta:
        table = "ops_files"
        unique_together = (("request", "position"),)


class OpsLock(Model):
    """Who executes what only one may at a time."""

    name = fields.CharField(primary_key=True, max_length=96)
    owner = fields.CharField(max_length=64)
    until = fields.DatetimeField()

    class Meta:
        table = "ops_locks"


class OpsValue(Model):
    """What is set by actions and outlives processes, such as maintenance or a changed threshold."""

    key = fields.CharField(primary_key=True, max_length=96)
    value: Any = fields.JSONField()
    changed_by = fields.CharField(max_length=128)
    changed_at = fields.DatetimeField()

    class Meta:
        table = "ops_values"


class Grant(Model):
    """A role given for a time, to a human by name or to an account."""

    id = fields.UUIDField(primary_key=True)
    human = fields.CharField(max_length=128)
    role = fields.CharField(max_length=16)
    reason = fields.CharField(max_length=200, default="")
    granted_by = fields.CharField(max_length=128)
    granted_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "ops_grants"
        indexes = (("human", "revoked_at"),)


class AuditEntry(Model):
    """One line of the trail. ``content`` is the canonical JSON that ``digest`` covers, with the digest before it."""

    digest = fields.CharField(primary_key=True, max_length=64)
    number = fields.IntField(unique=True)
    at = fields.DatetimeField()
    kind = fields.CharField(max_length=16)
    action = fields.CharField(max_length=64)
    human = fields.CharField(max_length=128)
    request = fields.CharField(max_length=36, default="")
    content = fields.TextField()

    class Meta:
        table = "audit"
        indexes = (("at",), ("human", "at"), ("action", "at"), ("request",))


class AuditHead(Model):
    """The last line of the trail, so that lines missing at its end are seen. One row, which writers queue for."""

    name = fields.CharField(primary_key=True, max_length=8)
    number = fields.IntField()
    digest = fields.CharField(max_length=64)

    class Meta:
        table = "audit_head"
