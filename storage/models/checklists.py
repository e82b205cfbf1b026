"""Checklists that were begun, and who ticked what."""

from uuid import UUID

from tortoise import fields
from tortoise.models import Model


class ChecklistRun(Model):
    """One use of a checklist.

    ``subject`` is what it is about: a day, a release, an incident.
    """

    id = fields.UUIDField(primary_key=True)
    name = fields.CharField(max_length=32)
    subject = fields.CharField(max_length=64)
    opened_by = fields.CharField(max_length=128)
    opened_at = fields.DatetimeField()
    reminded_at = fields.DatetimeField(null=True)
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "checklist_runs"
        unique_together = (("name", "subject"),)
        indexes = (("closed_at", "name"), ("opened_at",))


class ChecklistMark(Model):
    """What was found for one item: by hand, or from evidence."""

    id = fields.UUIDField(primary_key=True)
    run: fields.ForeignKeyRelation[ChecklistRun] = fields.ForeignKeyField(
        "storage.ChecklistRun", related_name="marks", on_delete=fields.CASCADE
    )
    run_id: UUID
    item = fields.CharField(max_length=48)
    state = fields.CharField(max_length=8)
    evidence = fields.CharField(max_length=300, default="")
    who = fields.CharField(max_length=128)
    at = fields.DatetimeField()

    class Meta:
        table = "checklist_marks"
        unique_together = (("run", "item"),)
