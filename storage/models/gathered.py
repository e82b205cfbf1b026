"""Parts of a post that arrive one by one, such as the pictures of an album."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class GatheredPart(Model):
    """One part, until it is too old to belong to what may still come.

    ``group`` is what its platform says that the parts have in common, ``part`` tells them apart. ``is_taken`` says
    that the post was accepted with it. ``user`` is whose it is, so that it can be forgotten.
    """

    id = fields.UUIDField(primary_key=True)
    platform = fields.CharField(max_length=32)
    chat = fields.CharField(max_length=96)
    group = fields.CharField(max_length=96)
    part = fields.CharField(max_length=96)
    user = fields.CharField(max_length=64)
    content: Any = fields.JSONField()
    is_taken = fields.BooleanField(default=False)
    created_at = fields.DatetimeField(db_index=True)
    changed_at = fields.DatetimeField()

    class Meta:
        table = "gathered_parts"
        unique_together = (("platform", "chat", "group", "part"),)
        indexes = (("platform", "user"), ("platform", "is_taken"))
