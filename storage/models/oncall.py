"""Who is called: exceptions of rotations, pages with what became of each message, and deadlines of incidents."""

from uuid import UUID

from tortoise import fields
from tortoise.models import Model


class OnCallException(Model):
    """Somebody has a duty instead of whoever's turn it is, or is away."""

    id = fields.UUIDField(primary_key=True)
    kind = fields.CharField(max_length=12)
    duty = fields.CharField(max_length=16, default="")
    human = fields.CharField(max_length=128)
    since = fields.DatetimeField()
    until = fields.DatetimeField()
    made_by = fields.CharField(max_length=128)
    made_at = fields.DatetimeField()
    cancelled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "oncall_exceptions"
        indexes = (("until", "cancelled_at"),)


class Page(Model):
    """Somebody is called until one acknowledges. ``key`` is what it is made for, so that it is made once.

    ``next_at`` is when it is said again; whoever moves it says it. Without one the page has ended.
    """

    id = fields.UUIDField(primary_key=True)
    key = fields.CharField(max_length=96, unique=True)
    incident = fields.UUIDField(null=True)
    target = fields.CharField(max_length=16)
    title = fields.CharField(max_length=200)
    reason = fields.CharField(max_length=200, default="")
    severity = fields.CharField(max_length=2, default="")
    asked_by = fields.CharField(max_length=128)
    opened_at = fields.DatetimeField()
    round = fields.IntField(default=0)
    level = fields.IntField(default=0)
    next_at = fields.DatetimeField(null=True)
    acknowledged_at = fields.DatetimeField(null=True)
    acknowledged_by = fields.CharField(max_length=128, default="")
    ended_at = fields.DatetimeField(null=True)
    outcome = fields.CharField(max_length=200, default="")

    class Meta:
        table = "pages"
        indexes = (("next_at",), ("incident", "opened_at"))


class PageAttempt(Model):
    """One message of a page: to one account of a human, or to a chat with mentions. ``id`` is the message's."""

    id = fields.UUIDField(primary_key=True)
    page: fields.ForeignKeyRelation[Page] = fields.ForeignKeyField(
        "storage.Page", related_name="attempts", on_delete=fields.CASCADE
    )
    page_id: UUID
    round = fields.IntField()
    human = fields.CharField(max_length=128, default="")
    platform = fields.CharField(max_length=32)
    chat = fields.CharField(max_length=96)
    at = fields.DatetimeField()
    outcome = fields.CharField(max_length=12)
    problem = fields.CharField(max_length=300, default="")
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "page_attempts"
        indexes = (("outcome", "at"),)


class Deadline(Model):
    """When a share of an incident's time is over. ``told_at``: it was said, or was no longer worth saying.

    ``turn`` counts how often the incident was opened.
    """

    id = fields.UUIDField(primary_key=True)
    incident = fields.UUIDField()
    turn = fields.IntField(default=0)
    kind = fields.CharField(max_length=16)
    severity = fields.CharField(max_length=2)
    percent = fields.IntField()
    due_at = fields.DatetimeField()
    told_at = fields.DatetimeField(null=True)
    state = fields.CharField(max_length=12)

    class Meta:
        table = "deadlines"
        unique_together = (("incident", "turn", "kind", "severity", "percent"),)
        indexes = (("state", "due_at"),)
