"""Folds deliveries into what is known of alerts, one after the other, each in one transaction or not at all."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from chatops import notices
from chatops.alerting.alert_path import NAME as TEST
from chatops.alerting.alert_reading import Delivery, Told, read
from chatops.alerting.alertmanager import ALERTMANAGER
from chatops.alerting.alerts import FRESH, Outcome, Step, step, with_transitions, worst
from chatops.alerting.watchdog_alert import watchdog_name
from chatops.incidents.of_card import IncidentOfCard
from chatops.model import Answer
from chatops.parts import Parts
from chatops.places import alert_places
from config.ops_alerts import AlertRules
from storage import alerts, cards
from storage.alert_records import AlertState, CardRecord, DeliveryRecord, GroupRecord, ListedRecord
from storage.database import is_passing
from storage.errors import StorageError

log = logging.getLogger(__name__)

_AT_A_TIME = 100
"""Alerts in one transaction: a tenth of a second."""
_SILENT = frozenset((Outcome.REPEATED, Outcome.UNKNOWN, Outcome.LATE))


@dataclass(frozen=True, slots=True)
class Folding:
    """Folds for one process; what several processes fold at once, they fold in turn."""

    parts: Parts

    @property
    def rules(self) -> AlertRules:
        """The policy on alerts."""
        return self.parts.policy.alerts

    async def fold_waiting(self, most: int = 1000) -> int:
        """Fold what waits; returns how many. Raises DatabaseUnreachable."""
        numbers = await alerts.waiting_deliveries(most)
        for number in numbers:
            await self.fold(number)
        return len(numbers)

    async def fold(self, number: int) -> None:
        """Fold one delivery; of those who try at once, one does. Raises StorageError and what the database raises."""
        now = self.parts.clock()
        try:
            stored = await alerts.waiting_delivery(number)
            if stored is not None:
                await self._fold_whole(stored, now)
        except StorageError:
            raise
        except Exception as error:
            if is_passing(error):
                raise
            await self._give_up(number, error, now)

    async def _give_up(self, number: int, error: Exception, now: datetime) -> None:
        """A defect of ours: the delivery is kept, people are told, and the others go on."""
        log.exception("fault in folding delivery %s", number)
        await alerts.fail_delivery(number, f"{type(error).__name__}: {error}", now=now)
        said = Answer(
            f"A delivery of Alertmanager could not be understood (number {number}; the log has the fault). Look at "
            "Alertmanager itself for what fires.",
            ok=False,
        )
        origin, within = f"delivery-failed-{now:%Y%m%d%H}", notices.urgent(self.parts)
        await notices.say(alert_places(self.parts), said, origin=origin, now=now, within=within)

    async def _fold_whole(self, stored: DeliveryRecord, now: datetime) -> None:
        """Many alerts are folded some at a time, so that nobody waits long to write, least of all the next delivery.

        The delivery counts as folded with its last portion. What was folded when the process dies is folded again,
        and says nothing new then.
        """
        delivery = await asyncio.to_thread(read, stored.body, stored.tenant)
        *first, last = _portions(delivery)
        for portion in first:
            async with alerts.folding():
                if not await alerts.is_waiting(stored.id):
                    return
                await self._fold(stored, delivery, portion, now, is_last=False)
        async with alerts.folding():
            if await alerts.take_delivery(stored.id, now=now):
                await self._fold(stored, delivery, last, now, is_last=True)

    async def _fold(
        self, stored: DeliveryRecord, delivery: Delivery, portion: Sequence[Told], now: datetime, *, is_last: bool
    ) -> None:
        known = await alerts.alerts_with(stored.tenant, [one.fingerprint for one in portion])
        steps = [step(known.get(one.fingerprint), one, stored.tenant, self.rules, now) for one in portion]
        before = await alerts.group_with(delivery.group)
        among = None if is_last else [one.id for one in known.values()]
        listed = {} if before is None else await alerts.listed_in(before.id, among)
        group = _heard(before, delivery, stored, now)
        if not is_last:
            group = replace(group, digest="" if before is None else before.digest, deliveries=group.deliveries - 1)
        visible = [one for one in steps if one.alert.name != watchdog_name(self.parts.policy)]
        card = await self._card(group, visible, now)
        await alerts.save_alerts([one.change for one in steps], now=now)
        group = replace(group, card_id=group.card_id if card is None else card.id)
        await alerts.save_group(group, is_new=before is None)
        missing = _missing(listed, delivery) if is_last else []
        members = [one.alert for one in listed.values()]
        await alerts.list_members(group.id, [one.alert.id for one in steps], members, missing, now=now)
        if card is not None and _is_news(before, group, visible, listed, len(missing)):
            await self._update(card, visible, group, now, is_shown=is_last)
        elif is_last and before is not None and before.digest == stored.digest:
            await alerts.mark_repeated(stored.id)
        elif is_last and card is not None and len(delivery.alerts) > len(portion):
            await cards.show_card(card.id, now=now)  # what the portions before have changed

    async def _card(self, group: GroupRecord, steps: Sequence[Step], now: datetime) -> CardRecord | None:
        """The card of a group: its own, that of another group with the same alerts, or a new one; if it needs one."""
        card = None if group.card_id is None else await cards.card(group.card_id)
        firing = [one for one in steps if one.alert.state is AlertState.FIRING or _is_shown(one)]
        is_over = card is not None and card.closed_at is not None and now - card.closed_at > self.rules.reopen_within
        if not firing or (card is not None and not is_over):
            return card
        shared = await self._shared(steps)
        if shared is not None:
            return shared
        severity = worst([one.alert.severity for one in firing], self.rules.otherwise)
        return await cards.add_card(severity, now=now)

    async def _shared(self, steps: Sequence[Step]) -> CardRecord | None:
        """The oldest open card of another group that has one of these alerts firing already.

        The group's key has changed with Alertmanager's configuration, or an alert comes by two routes.
        """
        repeated = [one.alert.id for one in steps if one.outcome is Outcome.REPEATED and one.alert.is_open]
        found = {card for some in (await alerts.cards_of_alerts(repeated)).values() for card in some}
        records = [await cards.card(one) for one in found]
        return min((one for one in records if one.closed_at is None), key=lambda one: one.number, default=None)

    async def _update(
        self, card: CardRecord, steps: Sequence[Step], group: GroupRecord, now: datetime, *, is_shown: bool
    ) -> None:
        """Bring card and incident to what is known now; chats are shown it where ``is_shown``."""
        fresh = [one for one in steps if _is_shown(one)]
        was_closed = card.closed_at is not None
        card = with_transitions(card, steps, now)
        if fresh:
            severity = worst([card.severity, *(one.alert.severity for one in fresh)], card.severity)
            card = replace(card, severity=severity, closed_at=None, fired=card.fired + was_closed)
        if await alerts.count_open(card.id) == 0 and card.flapping_since is None:
            card = replace(card, closed_at=card.closed_at or now)
        incident = IncidentOfCard(self.parts.policy)
        certain = [one for one in fresh if one.outcome in FRESH or not self.parts.has(ALERTMANAGER)]
        if certain and not all(one.alert.name == TEST for one in certain):
            card = await incident.follow_firing(card, certain, group, now)
        await incident.note(card, steps, now)
        await cards.save_card(card, now=now, is_shown=is_shown)
        if card.closed_at is not None and not was_closed:
            await incident.follow_end(card, now)


def _heard(before: GroupRecord | None, delivery: Delivery, stored: DeliveryRecord, now: datetime) -> GroupRecord:
    if before is None:
        return GroupRecord(
            id=uuid4(),
            key=delivery.group,
            tenant=stored.tenant,
            receiver=delivery.receiver,
            labels=delivery.labels,
            sender=delivery.sender,
            card_id=None,
            truncated=delivery.truncated,
            deliveries=1,
            digest=stored.digest,
            first_heard_at=now,
            last_heard_at=now,
        )
    return replace(
        before,
        receiver=delivery.receiver,
        labels=delivery.labels,
        sender=delivery.sender,
        truncated=delivery.truncated,
        deliveries=before.deliveries + 1,
        digest=stored.digest,
        last_heard_at=now,
    )


def _portions(delivery: Delivery) -> list[list[Told]]:
    """At least one. What fires comes first: a card is not to end with one portion and begin again with the next."""
    told = sorted(delivery.alerts.values(), key=lambda one: not one.is_firing)
    return [told[start : start + _AT_A_TIME] for start in range(0, len(told), _AT_A_TIME)] or [[]]


def _missing(listed: Mapping[str, ListedRecord], delivery: Delivery) -> list[UUID]:
    """Alerts that fire and are no longer named; where some were left off, nothing is missing."""
    if delivery.truncated:
        return []
    return [
        one.alert
        for fingerprint, one in listed.items()
        if fingerprint not in delivery.alerts and one.state is not AlertState.RESOLVED and one.missing_since is None
    ]


def _is_shown(one: Step) -> bool:
    """What people must see at once: also what may be stale, where it would be bad."""
    is_bad = one.alert.severity.rank <= 1
    return one.outcome in FRESH or (one.outcome is Outcome.SUSPECTED and is_bad)


def _is_news(
    before: GroupRecord | None,
    group: GroupRecord,
    steps: Sequence[Step],
    listed: Mapping[str, ListedRecord],
    missing: int,
) -> bool:
    """Whether a card has to show something else than before."""
    if before is None or before.card_id != group.card_id or before.truncated != group.truncated or missing:
        return True
    if any(one.outcome not in _SILENT for one in steps):
        return True
    unlisted = {one.alert for one in listed.values() if one.missing_since is not None}
    return any(
        one.alert.id in unlisted
        or (one.change.before is not None and one.change.before.annotations != one.alert.annotations)
        for one in steps
    )
