"""Figures as they were measured, so that there is something to look back at."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class FigureSample(Model):
    """What one process measured in one span of ``seconds`` that begins at ``at``.

    ``levels`` are figures of that moment by name, ``tallies`` what was counted in the span.
    """

    id = fields.UUIDField(primary_key=True)
    source = fields.CharField(max_length=96)
    at = fields.DatetimeField()
    seconds = fields.IntField()
    levels: Any = fields.JSONField()
    tallies: Any = fields.JSONField()

    class Meta:
        table = "figure_samples"
        unique_together = (("source", "at", "seconds"),)
        indexes = (("at",),)
