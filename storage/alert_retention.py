"""Alerts and incidents of long ago are dropped, some at a time so that nobody waits for it; never what is open.

What is shown goes with what shows it: messages of the outbox with their card, digest, page or incident.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

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

Drop = Callable[[Sequence[Any]], Awaitable[object]]


async def drop_deliveries(before: datetime) -> int:
    """Drop what was folded of what came before; what failed or waits stays. Returns how many."""
    kept = [DeliveryState.STORED.value, DeliveryState.FAILED.value]
    rows = AlertDelivery.filter(received_at__lt=before).exclude(state__in=kept)
    return await _in_portions(rows, lambda ids: AlertDelivery.filter(id__in=ids).delete())


async def drop_alerts(before: datetime, notices: Collection[str]) -> Mapping[str, int]:
    """Drop alerts that were over before, with episodes, cards, digests and silences; return how many of what.

    A card stays while one of its alerts fires or its incident is not resolved, and its alerts with it. An alert that
    was lost sight of counts as over when nobody has changed anything about its card since, and the incident is
    resolved. ``notices`` are subjects of messages that show nothing but themselves.
    """
    return {
        "failed deliveries": await _in_portions(_failed(before), lambda ids: AlertDelivery.filter(id__in=ids).delete()),
        "cards": await _in_portions(_cards(before), _drop_cards),
        "digests": await _in_portions(_digests(before), _drop_digests),
        "groups": await _in_portions(_groups(before), lambda ids: AlertGroup.filter(id__in=ids).delete()),
        "alerts": await _in_portions(_alerts(before), lambda ids: Alert.filter(id__in=ids).delete()),
        "episodes": await _in_portions(_episodes(before), lambda ids: AlertEpisode.filter(id__in=ids).delete()),
        "silences": await _in_portions(
            Silence.filter(ends_at__lt=before).exclude(state=ACTIVE), lambda ids: Silence.filter(id__in=ids).delete()
        ),
        "notices": await _in_portions(
            OutboxMessage.filter(is_pending=False, subject__in=[*notices, SUMMARY], changed_at__lt=before),
            lambda ids: OutboxMessage.filter(id__in=ids).delete(),
        ),
    }


async def drop_incidents(before: datetime) -> Mapping[str, int]:
    """Drop incidents that were resolved before, with timelines, deadlines and calls; return how many of what."""
    resolved = Incident.filter(state=IncidentState.RESOLVED.value, resolved_at__lt=before)
    return {
        "incidents": await _in_portions(resolved, _drop_incidents),
        "pages": await _in_portions(Page.filter(ended_at__lt=before), _drop_pages),
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


async def _drop_cards(ids: Sequence[UUID]) -> None:
    await _drop_messages(CARD, ids)
    await AlertCard.filter(id__in=list(ids)).delete()


async def _drop_digests(ids: Sequence[UUID]) -> None:
    await _drop_messages(DIGEST, ids)
    await AlertDigest.filter(id__in=list(ids)).delete()


async def _drop_pages(ids: Sequence[UUID]) -> None:
    await _drop_messages(PAGE, ids)
    await Page.filter(id__in=list(ids)).delete()


async def _drop_incidents(ids: Sequence[UUID]) -> None:
    await _drop_messages(INCIDENT, ids)
    await Deadline.filter(incident__in=list(ids)).delete()
    await Incident.filter(id__in=list(ids)).delete()


async def _drop_messages(subject: str, ids: Sequence[UUID]) -> None:
    await OutboxMessage.filter(subject=subject, subject_id__in=[str(one) for one in ids]).delete()


async def _in_portions(rows: QuerySet[Any], drop: Drop) -> int:
    """Each portion in a transaction of its own."""
    count = 0
    while found := await _portion(rows, drop):
        count += found
    return count


@patient
async def _portion(rows: QuerySet[Any], drop: Drop) -> int:
    async with transaction():
        ids = await column(rows.limit(_AT_ONCE), "id")
        if ids:
            await drop(ids)
    return len(ids)
