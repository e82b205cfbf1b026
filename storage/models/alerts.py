"""What Alertmanager delivers, what it says of each alert, and the cards that show it."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from storage.models.incidents import Incident


class AlertDelivery(Model):
    """One request of an Alertmanager, as it came. ``digest`` leaves out what differs between members of a cluster."""

    id = fields.BigIntField(primary_key=True)
    tenant = fields.CharField(max_length=64, default="")
    sender = fields.CharField(max_length=200, default="")
    digest = fields.CharField(max_length=64)
    body: Any = fields.JSONField()
    state = fields.CharField(max_length=12)
    problem = fields.TextField(null=True)
    received_at = fields.DatetimeField()
    folded_at = fields.DatetimeField(null=True)

    class Meta:
        table = "alert_deliveries"
        indexes = (("state", "id"), ("received_at",))


class AlertCard(Model):
    """What one message shows: a round of firing of a group, until it was quiet for long.

    ``posted_at`` is set when it has a message of its own. ``transitions`` are the latest times at which one of its
    alerts began or ended, in seconds since 1970.
    """

    id = fields.UUIDField(primary_key=True)
    number = fields.IntField(unique=True)
    incident: fields.ForeignKeyNullableRelation[Incident] = fields.ForeignKeyField(
        "storage.Incident", related_name="cards", on_delete=fields.SET_NULL, null=True
    )
    incident_id: UUID | None
    severity = fields.CharField(max_length=2)
    opened_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)
    posted_at = fields.DatetimeField(null=True)
    fired = fields.IntField(default=1)
    transitions: Any = fields.JSONField(default=list)
    flapping_since = fields.DatetimeField(null=True)

    class Meta:
        table = "alert_cards"
        indexes = (("posted_at", "severity"), ("closed_at",))


class AlertGroup(Model):
    """A group of Alertmanager, by the hash of its key. Several groups of the same alerts share a card."""

    id = fields.UUIDField(primary_key=True)
    key = fields.CharField(max_length=64, unique=True)
    tenant = fields.CharField(max_length=64, default="")
    receiver = fields.CharField(max_length=200, default="")
    labels: Any = fields.JSONField(default=dict)
    sender = fields.CharField(max_length=500, default="")
    card: fields.ForeignKeyNullableRelation[AlertCard] = fields.ForeignKeyField(
        "storage.AlertCard", related_name="groups", on_delete=fields.SET_NULL, null=True
    )
    card_id: UUID | None
    truncated = fields.IntField(default=0)
    deliveries = fields.IntField(default=0)
    digest = fields.CharField(max_length=64, default="")
    first_heard_at = fields.DatetimeField()
    last_heard_at = fields.DatetimeField()

    class Meta:
        table = "alert_groups"


class Alert(Model):
    """One alert, by the fingerprint of its labels, whatever groups it is in.

    ``starts_at`` and ``ends_at`` are what Alertmanager said of the present or last episode, ``opened_at`` and
    ``closed_at`` when that was heard here. ``suspect_until``: it is not certain until then whether it fires again.
    """

    id = fields.UUIDField(primary_key=True)
    tenant = fields.CharField(max_length=64, default="")
    fingerprint = fields.CharField(max_length=64)
    name = fields.CharField(max_length=200)
    severity = fields.CharField(max_length=2)
    labels: Any = fields.JSONField(default=dict)
    annotations: Any = fields.JSONField(default=dict)
    generator = fields.TextField(default="")
    state = fields.CharField(max_length=12)
    episode = fields.IntField(default=0)
    starts_at = fields.DatetimeField(null=True)
    last_starts_at = fields.DatetimeField(null=True)
    ends_at = fields.DatetimeField(null=True)
    opened_at = fields.DatetimeField(null=True)
    closed_at = fields.DatetimeField(null=True)
    suspect_until = fields.DatetimeField(null=True)
    silenced_by = fields.CharField(max_length=64, default="")
    first_heard_at = fields.DatetimeField()
    last_heard_at = fields.DatetimeField()

    class Meta:
        table = "alerts"
        unique_together = (("tenant", "fingerprint"),)
        indexes = (("state", "suspect_until"),)


class AlertEpisode(Model):
    """From when an alert began to fire until it no longer did. ``outcome`` is empty while it does."""

    id = fields.UUIDField(primary_key=True)
    alert: fields.ForeignKeyRelation[Alert] = fields.ForeignKeyField(
        "storage.Alert", related_name="history", on_delete=fields.CASCADE
    )
    alert_id: UUID
    number = fields.IntField()
    starts_at = fields.DatetimeField(null=True)
    ends_at = fields.DatetimeField(null=True)
    opened_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)
    outcome = fields.CharField(max_length=12, default="")

    class Meta:
        table = "alert_episodes"
        unique_together = (("alert", "number"),)


class AlertMember(Model):
    """An alert in a group. ``missing_since``: the group's updates no longer name it, which says nothing of it."""

    id = fields.UUIDField(primary_key=True)
    group: fields.ForeignKeyRelation[AlertGroup] = fields.ForeignKeyField(
        "storage.AlertGroup", related_name="members", on_delete=fields.CASCADE
    )
    group_id: UUID
    alert: fields.ForeignKeyRelation[Alert] = fields.ForeignKeyField(
        "storage.Alert", related_name="memberships", on_delete=fields.CASCADE
    )
    alert_id: UUID
    listed_at = fields.DatetimeField()
    missing_since = fields.DatetimeField(null=True)

    class Meta:
        table = "alert_members"
        unique_together = (("group", "alert"),)


class AlertDigest(Model):
    """One message in place of many, in a storm or after a chat was away, as ``reason`` says."""

    id = fields.UUIDField(primary_key=True)
    reason = fields.CharField(max_length=12)
    platform = fields.CharField(max_length=32)
    chat = fields.CharField(max_length=96)
    opened_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()

    class Meta:
        table = "alert_digests"
        indexes = (("platform", "chat", "changed_at"),)


class AlertDigestEntry(Model):
    """A card that a digest names."""

    id = fields.UUIDField(primary_key=True)
    digest: fields.ForeignKeyRelation[AlertDigest] = fields.ForeignKeyField(
        "storage.AlertDigest", related_name="entries", on_delete=fields.CASCADE
    )
    digest_id: UUID
    card: fields.ForeignKeyRelation[AlertCard] = fields.ForeignKeyField(
        "storage.AlertCard", related_name="digests", on_delete=fields.CASCADE
    )
    card_id: UUID

    class Meta:
        table = "alert_digest_entries"
        unique_together = (("digest", "card"),)


class Silence(Model):
    """A silence that was made here. ``silence`` is its present id in Alertmanager, which a change may replace."""

    id = fields.UUIDField(primary_key=True)
    silence = fields.CharField(max_length=64, default="")
    matchers: Any = fields.JSONField()
    comment = fields.TextField()
    human = fields.CharField(max_length=128)
    incident: fields.ForeignKeyNullableRelation[Incident] = fields.ForeignKeyField(
        "storage.Incident", related_name="silences", on_delete=fields.SET_NULL, null=True
    )
    incident_id: UUID | None
    state = fields.CharField(max_length=12)
    created_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    warned_at = fields.DatetimeField(null=True)

    class Meta:
        table = "silences"
        indexes = (("state", "ends_at"),)
