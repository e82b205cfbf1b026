"""Jobs that were taken out of the queue by hand, kept for a time so that this can be undone."""

from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from storage.models.conversions import Conversion


class Purge(Model):
    """One emptying of the queue. ``undone_at`` is set when its jobs were queued again."""

    id = fields.CharField(primary_key=True, max_length=8)
    count = fields.IntField()
    by = fields.CharField(max_length=128)
    reason = fields.CharField(max_length=200)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    undone_at = fields.DatetimeField(null=True)

    class Meta:
        table = "purges"


class PurgedJob(Model):
    """One job of a purge, with its place in the queue."""

    id = fields.BigIntField(primary_key=True)
    purge: fields.ForeignKeyRelation[Purge] = fields.ForeignKeyField(
        "storage.Purge", related_name="jobs", on_delete=fields.CASCADE
    )
    purge_id: UUID
    conversion: fields.ForeignKeyRelation[Conversion] = fields.ForeignKeyField(
        "storage.Conversion", related_name="purges", on_delete=fields.CASCADE
    )
    conversion_id: UUID
    picture_hash = fields.CharField(max_length=64, null=True)
    priority = fields.IntField()
    accepted_at = fields.DatetimeField()

    class Meta:
        table = "purged_jobs"
