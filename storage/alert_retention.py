"""Alerts and incidents of long ago are dropped, some at a time so that nobody waits for it; never what is open.

What is shown goes with what shows it: messages of the outbox with their card, digest, page or incident.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from tortoise import Model
from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from storage.alert_records import AlertState, DeliveryState
from storage.budget import DIGEST, SUMMARY
from storage.database import column, patient, transaction
from storage.incidents import CARD, IncidentState
from storage.incidents import SUBJECT as INCIDENT
from storage.models import (
    Alert,
    AlertCard,
    AlertDelivery,
    AlertDigest,
    AlertEpisode,
    AlertGroup,
    AlertMember,
    Deadline,
    Incident,
    OutboxMessage,
    Page,
    Silence,
)
from storage.pages import SUBJECT as PAGE
from storage.silences import ACTIVE

_AT_ONCE = 200
_FIRING = [AlertState.FIRING.value, AlertState.SUSPECT.value]
_OVER = Q(incident_id=None) | Q(incident__state=IncidentState.RESOLVED.value)


async def drop_deliveries(before: datetime) -> int:
    """Drop what was folded of what came before; what failed or waits stays. Returns how many."""
    kept = [DeliveryState.STORED.value, DeliveryState.FAILED.value]
    rows = AlertDelivery.filter(received_at__lt=before).exclude(state__in=kept)
    return await _drop(rows)


async def drop_alerts(before: datetime, notices: Collection[str]) -> Mapping[str, int]:
    """Drop alerts that were over before, with episodes, cards, digests and silences; return how many of what.

    A card stays while one of its alerts fires or its incident is not resolved, and its alerts with it. An alert that
    was lost sight of counts as over when nobody has changed anything about its card since, and the incident is
    resolved. ``notices`` are subjects of messages that show nothing but themselves.
    """
    return {
        "failed deliveries": await _drop(_failed(before)),
        "cards": await _drop(_cards(before), shown_as=CARD),
        "digests": await _drop(_digests(before), shown_as=DIGEST),
        "groups": await _drop(_groups(before)),
        "alerts": await _drop(_alerts(before)),
        "episodes": await _drop(_episodes(before)),
        "silences": await _drop(Silence.filter(ends_at__lt=before).exclude(state=ACTIVE)),
        "notices": await _drop(
            OutboxMessage.filter(is_pending=False, subject__in=[*notices, SUMMARY], changed_at__lt=before)
        ),
    }


async def drop_incidents(before: datetime) -> Mapping[str, int]:
    """Drop incidents that were resolved before, with timelines, deadlines and calls; return how many of what."""
    resolved = Incident.filter(state=IncidentState.RESOLVED.value, resolved_at__lt=before)
    return {
        "incidents": await _drop(resolved, shown_as=INCIDENT, named_by=(Deadline, "incident")),
        "pages": await _drop(Page.filter(ended_at__lt=before), shown_as=PAGE),
    }


def _failed(before: datetime) -> QuerySet[AlertDelivery]:
    return AlertDelivery.filter(received_at__lt=before, state=DeliveryState.FAILED.value)


def _cards(before: datetime) -> QuerySet[AlertCard]:
    firing = AlertMember.filter(alert__state__in=_FIRING, group__card_id__isnull=False).values("group__card_id")
    old = AlertCard.filter(_OVER).filter(Q(closed_at__lt=before) | Q(closed_at=None, changed_at__lt=before))
    return old.exclude(id__in=Subquery(firing))


def _digests(before: datetime) -> QuerySet[AlertDigest]:
    return AlertDigest.filter(changed_at__lt=before, entries__id=None)


def _groups(before: datetime) -> QuerySet[AlertGroup]:
    firing = AlertMember.filter(alert__state__in=_FIRING).values("group_id")
    return AlertGroup.filter(last_heard_at__lt=before, card_id=None).exclude(id__in=Subquery(firing))


def _alerts(before: datetime) -> QuerySet[Alert]:
    shown = AlertMember.filter(group__card_id__isnull=False).values("alert_id")
    return Alert.filter(last_heard_at__lt=before).exclude(state__in=_FIRING).exclude(id__in=Subquery(shown))


def _episodes(before: datetime) -> QuerySet[AlertEpisode]:
    """Those of an incident that is not resolved are still told of."""
    unresolved = [one.value for one in IncidentState if one is not IncidentState.RESOLVED]
    told = AlertMember.filter(group__card__incident__state__in=unresolved).values("alert_id")
    return AlertEpisode.filter(closed_at__lt=before).exclude(alert_id__in=Subquery(told))


_Column = tuple[type[Model], str]


async def _drop(rows: QuerySet[Any], *, shown_as: str = "", named_by: _Column | None = None) -> int:
    """Drop rows, messages that show them as that subject, and rows that name them without a foreign key."""
    count = 0
    while found := await _drop_portion(rows, shown_as, named_by):
        count += found
    return count


@patient
async def _drop_portion(rows: QuerySet[Any], shown_as: str, named_by: _Column | None) -> int:
    async with transaction():
        ids = await column(rows.limit(_AT_ONCE), "id")
        if ids and shown_as:
            await OutboxMessage.filter(subject=shown_as, subject_id__in=[str(one) for one in ids]).delete()
        if ids and named_by is not None:
            model, name = named_by
            await model.filter(**{f"{name}__in": ids}).delete()
        if ids:
            await rows.model.filter(id__in=ids).delete()
    return len(ids)
