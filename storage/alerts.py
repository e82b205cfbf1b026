"""Deliveries of Alertmanagers, and what they say of alerts: stored at once, folded into state one after the other."""

from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

from tortoise.expressions import Q

from config.ops_oncall import Severity
from storage.alert_records import (
    AlertChange,
    AlertRecord,
    AlertState,
    DeliveryRecord,
    DeliveryState,
    EpisodeRecord,
    GroupRecord,
    ListedRecord,
    MemberRecord,
)
from storage.counters import hold
from storage.database import column, patient, transaction, turn
from storage.models import Alert, AlertDelivery, AlertEpisode, AlertGroup, AlertMember
from storage.texts import storable

_AT_ONCE = 500
_OPEN = [AlertState.FIRING.value, AlertState.STALE.value]
_AT_ONCE_SHOWN = [Severity.P0.value, Severity.P1.value]
_CHANGING = [name for name in AlertRecord.__dataclass_fields__ if name not in ("id", "tenant", "fingerprint")]
_T = TypeVar("_T")


async def store_delivery(body: Any, *, tenant: str, sender: str, digest: str, now: datetime) -> int:
    """Keep what came, to be folded; returns its number. Repeated by the sender rather than here."""
    async with turn():
        row = await AlertDelivery.create(
            tenant=storable(tenant)[:64],
            sender=storable(sender)[:200],
            digest=digest,
            body=storable(body),
            state=DeliveryState.STORED.value,
            received_at=now,
        )
    return int(row.id)


@patient
async def waiting_deliveries(limit: int = 100) -> list[int]:
    """Numbers of those that are not folded, in the order in which they came."""
    rows = AlertDelivery.filter(state=DeliveryState.STORED.value).order_by("id").limit(limit)
    return await column(rows, "id")


@patient
async def oldest_waiting() -> datetime | None:
    """When the oldest came that is not folded."""
    row = await AlertDelivery.filter(state=DeliveryState.STORED.value).order_by("id").first()
    return None if row is None else row.received_at


@patient
async def last_delivery_at(tenant: str | None = None) -> datetime | None:
    """When an Alertmanager was last heard of."""
    rows = AlertDelivery.all() if tenant is None else AlertDelivery.filter(tenant=tenant)
    row = await rows.order_by("-received_at").first()
    return None if row is None else row.received_at


@asynccontextmanager
async def folding() -> AsyncIterator[None]:
    """A transaction in which nobody else folds, in whatever process."""
    async with transaction():
        await hold("folding")
        yield


@patient
async def waiting_delivery(number: int) -> DeliveryRecord | None:
    """A delivery; None where it was folded already."""
    row = await AlertDelivery.get_or_none(id=number, state=DeliveryState.STORED.value)
    if row is None:
        return None
    return DeliveryRecord(row.id, row.tenant, row.sender, row.digest, row.body, row.state, row.received_at)


async def is_waiting(number: int) -> bool:
    """Whether a delivery is not folded. Within the transaction of a fold."""
    return await AlertDelivery.filter(id=number, state=DeliveryState.STORED.value).exists()


async def take_delivery(number: int, *, now: datetime) -> bool:
    """Have a delivery count as folded when the transaction ends; whether it was not before."""
    rows = AlertDelivery.filter(id=number, state=DeliveryState.STORED.value)
    return bool(await rows.update(state=DeliveryState.FOLDED.value, folded_at=now))


async def mark_repeated(number: int) -> None:
    """It said nothing new."""
    await AlertDelivery.filter(id=number).update(state=DeliveryState.REPEATED.value)


@patient
async def fail_delivery(number: int, problem: str, *, now: datetime) -> None:
    """It cannot be folded, and would not be at the next try; it is kept for who looks into it."""
    async with turn():
        await AlertDelivery.filter(id=number).update(
            state=DeliveryState.FAILED.value, problem=storable(problem)[:2000], folded_at=now
        )


@patient
async def failed_count() -> int:
    """Deliveries that could not be folded."""
    return await AlertDelivery.filter(state=DeliveryState.FAILED.value).count()


async def group_with(key: str) -> GroupRecord | None:
    """A group without its members; ``listed_in`` has what a fold needs of them."""
    row = await AlertGroup.get_or_none(key=key)
    return None if row is None else _group(row)


async def listed_in(group: UUID, among: Collection[UUID] | None = None) -> dict[str, ListedRecord]:
    """By fingerprint, the alerts that a group has named, all or ``among`` some."""
    rows = AlertMember.filter(group_id=group)
    if among is not None:
        if not among:
            return {}
        rows = rows.filter(alert_id__in=list(among))
    found = await rows.values_list("alert_id", "alert__fingerprint", "alert__state", "missing_since")
    return {name: ListedRecord(_uuid(alert), AlertState(state), since) for alert, name, state, since in found}


async def groups_of_card(card: UUID) -> list[GroupRecord]:
    """All groups that a card shows, oldest first."""
    return await _with_members(await AlertGroup.filter(card_id=card).order_by("first_heard_at", "id"))


async def groups_of_alert(alert: UUID) -> list[GroupRecord]:
    """All groups that have an alert, oldest first."""
    rows = AlertGroup.filter(members__alert_id=alert).order_by("first_heard_at", "id")
    return await _with_members(await rows)


async def cards_of_alerts(alerts: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """By alert, the cards of the groups that have it."""
    found: dict[UUID, set[UUID]] = {}
    for some in _portions(list(alerts)):
        rows = AlertMember.filter(alert_id__in=list(some), group__card_id__isnull=False)
        for alert, card in await rows.values_list("alert_id", "group__card_id"):
            found.setdefault(_uuid(alert), set()).add(_uuid(card))
    return found


async def count_open(card: UUID) -> int:
    """How many alerts of a card fire, as far as is known, suspects that count as firing included."""
    suspects = Q(state=AlertState.SUSPECT.value, severity__in=_AT_ONCE_SHOWN)
    rows = Alert.filter(Q(state__in=_OPEN) | suspects, memberships__group__card_id=card)
    return await rows.distinct().count()


async def save_group(group: GroupRecord, *, is_new: bool) -> None:
    """Write a group, without its members."""
    columns: dict[str, Any] = {
        "receiver": storable(group.receiver)[:200],
        "labels": storable(dict(group.labels)),
        "sender": storable(group.sender)[:500],
        "card_id": group.card_id,
        "truncated": group.truncated,
        "deliveries": group.deliveries,
        "digest": group.digest,
        "last_heard_at": group.last_heard_at,
    }
    if is_new:
        own: dict[str, Any] = {"id": group.id, "key": group.key, "tenant": group.tenant}
        await AlertGroup.create(**own, first_heard_at=group.first_heard_at, **columns)
    else:
        await AlertGroup.filter(id=group.id).update(**columns)


async def alerts_with(tenant: str, fingerprints: Collection[str]) -> dict[str, AlertRecord]:
    """Known alerts by fingerprint."""
    found: dict[str, AlertRecord] = {}
    for some in _portions(list(fingerprints)):
        for row in await Alert.filter(tenant=tenant, fingerprint__in=list(some)):
            found[row.fingerprint] = _alert(row)
    return found


async def present(alert_id: UUID) -> AlertRecord | None:
    """An alert as it is now."""
    row = await Alert.get_or_none(id=alert_id)
    return None if row is None else _alert(row)


async def save_alerts(changes: Sequence[AlertChange], *, now: datetime) -> None:
    """Write alerts with the episodes that begin and end."""
    only_heard = [one.after.id for one in changes if _is_only_heard(one)]
    for some in _portions(only_heard):
        await Alert.filter(id__in=list(some)).update(last_heard_at=now)
    rows = [Alert(**_columns(one.after)) for one in changes if not _is_only_heard(one)]
    if rows:
        await Alert.bulk_create(rows, batch_size=_AT_ONCE, on_conflict=["id"], update_fields=_CHANGING)
    ended: dict[tuple[datetime | None, str], list[UUID]] = {}
    for one in changes:
        if one.ends:
            ended.setdefault((one.after.ends_at, one.ends), []).append(one.after.id)
    for (ends_at, outcome), ids in ended.items():
        open_ = AlertEpisode.filter(alert_id__in=ids, closed_at=None)
        await open_.update(ends_at=ends_at, closed_at=now, outcome=outcome)
    episodes = [
        AlertEpisode(
            id=uuid4(),
            alert_id=one.after.id,
            number=one.after.episode,
            starts_at=one.after.starts_at,
            opened_at=now,
        )
        for one in changes
        if one.begins
    ]
    if episodes:
        await AlertEpisode.bulk_create(episodes, batch_size=_AT_ONCE)


async def list_members(
    group: UUID, alerts: Collection[UUID], known: Collection[UUID], missing: Collection[UUID], *, now: datetime
) -> None:
    """The group's update names these alerts, of which it has named the ``known`` before, and no longer the missing."""
    before = set(known)
    new = [AlertMember(id=uuid4(), group_id=group, alert_id=one, listed_at=now) for one in alerts if one not in before]
    if new:
        await AlertMember.bulk_create(new, batch_size=_AT_ONCE)
    for some in _portions([one for one in alerts if one in before]):
        rows = AlertMember.filter(group_id=group, alert_id__in=list(some))
        await rows.update(listed_at=now, missing_since=None)
    for some in _portions(list(missing)):
        rows = AlertMember.filter(group_id=group, alert_id__in=list(some), missing_since=None)
        await rows.update(missing_since=now)


@patient
async def alerts_in(states: Collection[AlertState], *, limit: int = 5000) -> list[AlertRecord]:
    """Alerts in some states, worst first."""
    rows = await Alert.filter(state__in=[one.value for one in states]).order_by("severity", "opened_at").limit(limit)
    return [_alert(row) for row in rows]


@patient
async def missing_alerts() -> list[AlertRecord]:
    """Alerts that fire, as far as is known, and that a group's updates no longer name."""
    states = [AlertState.FIRING.value, AlertState.SUSPECT.value]
    rows = await Alert.filter(state__in=states, memberships__missing_since__isnull=False).distinct().limit(5000)
    return [_alert(row) for row in rows]


@patient
async def unheard_alerts(since: datetime) -> list[AlertRecord]:
    """Alerts that fire, as far as is known, and were not heard of since then."""
    rows = Alert.filter(state=AlertState.FIRING.value, last_heard_at__lt=since).limit(1000)
    return [_alert(row) for row in await rows]


@patient
async def find_alerts(prefix: str) -> list[AlertRecord]:
    """Alerts whose fingerprints begin so, at most 20."""
    return [_alert(row) for row in await Alert.filter(fingerprint__startswith=prefix.lower()).limit(20)]


@patient
async def alerts_named(tenant: str | None, name: str) -> list[AlertRecord]:
    """Alerts of a name, whatever their state."""
    rows = Alert.filter(name=name) if tenant is None else Alert.filter(name=name, tenant=tenant)
    return [_alert(row) for row in await rows.order_by("-last_heard_at").limit(1000)]


@patient
async def episodes(alert_id: UUID, limit: int = 50) -> list[EpisodeRecord]:
    """When an alert fired, newest first."""
    rows = await AlertEpisode.filter(alert_id=alert_id).order_by("-number").limit(limit)
    return [
        EpisodeRecord(row.number, row.starts_at, row.ends_at, row.opened_at, row.closed_at, row.outcome) for row in rows
    ]


@patient
async def open_episode_count() -> int:
    """Episodes that have not ended."""
    return await AlertEpisode.filter(closed_at=None).count()


async def _with_members(rows: Sequence[AlertGroup]) -> list[GroupRecord]:
    by_group: dict[UUID, dict[str, MemberRecord]] = {}
    async for one in _members([row.id for row in rows]):
        group = by_group.setdefault(one.group_id, {})
        group[one.alert.fingerprint] = MemberRecord(_alert(one.alert), one.listed_at, one.missing_since)
    return [replace(_group(row), members=by_group.get(row.id, {})) for row in rows]


async def _members(groups: Sequence[UUID]) -> AsyncIterator[AlertMember]:
    """With their alerts, some at a time: thousands at once would hold up whatever else this process does."""
    rows = AlertMember.filter(group_id__in=list(groups)).select_related("alert").order_by("id").limit(_AT_ONCE)
    found = await rows
    while found:
        for one in found:
            yield one
        found = await rows.filter(id__gt=found[-1].id) if len(found) == _AT_ONCE else []


def _group(row: AlertGroup) -> GroupRecord:
    names = (name for name in GroupRecord.__dataclass_fields__ if name != "members")
    return GroupRecord(**{name: getattr(row, name) for name in names})


def _alert(row: Alert) -> AlertRecord:
    values = {name: getattr(row, name) for name in AlertRecord.__dataclass_fields__}
    return AlertRecord(**{**values, "state": AlertState(row.state), "severity": Severity(row.severity)})


def _columns(record: AlertRecord) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(record, name) for name in AlertRecord.__dataclass_fields__}
    values |= {"state": record.state.value, "severity": record.severity.value}
    values |= {"labels": storable(dict(record.labels)), "annotations": storable(dict(record.annotations))}
    return values | {"name": storable(record.name)[:200], "generator": storable(record.generator)}


def _is_only_heard(change: AlertChange) -> bool:
    before = change.before
    return before is not None and replace(before, last_heard_at=change.after.last_heard_at) == change.after


def _portions(things: list[_T]) -> Iterator[list[_T]]:
    for start in range(0, len(things), _AT_ONCE):
        yield things[start : start + _AT_ONCE]


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))
