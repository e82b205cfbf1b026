"""What reading a content gave, for everybody who sends the same picture again."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class StoredReading(Model):
    """A reading that can be given again.

    ``deck`` is deck JSON, or None with the code and sentence of a refusal.
    """

    id = fields.BigIntField(primary_key=True)
    content_hash = fields.CharField(max_length=64)
    pipeline = fields.CharField(max_length=64)
    deck: Any = fields.JSONField(null=True)
    code = fields.CharField(max_length=48, null=True)
    sentence = fields.TextField(null=True)
    timings: Any = fields.JSONField(default=dict)
    created_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "readings"
        unique_together = (("content_hash", "pipeline"),)
