"""What time, or Alertmanager when asked, says of alerts: suspects are settled, lost ones are told to be lost."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from chatops.alerting.alertmanager import ALERTMANAGER, AlertmanagerError, LiveAlert
from chatops.alerting.alerts import FRESH, Step, dismiss, lose_sight, promote, with_transitions
from chatops.incidents.of_card import IncidentOfCard
from chatops.parts import Parts
from storage import alerts, cards
from storage.alert_records import AlertChange, AlertRecord, AlertState, CardRecord

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settling:
    """Looks at what is not certain."""

    parts: Parts

    async def settle(self) -> int:
        """Settle what can be; returns how many alerts changed."""
        now = self.parts.clock()
        uncertain = await alerts.alerts_in([AlertState.SUSPECT]) + await alerts.missing_alerts()
        live = await self._live() if uncertain else None
        steps = [one for alert in _once(uncertain) if (one := self._step(alert, live, now)) is not None]
        told = {one.alert.id for one in steps}
        old = await alerts.unheard_alerts(now - self.parts.policy.alerts.stale_after)
        steps += [lose_sight(one) for one in old if one.id not in told]
        for one in steps:
            await self._apply(one, now)
        await self._end_flapping(now)
        return len(steps)

    async def _live(self) -> Mapping[str, LiveAlert] | None:
        """All that Alertmanager has, None where it cannot be asked."""
        if not self.parts.has(ALERTMANAGER):
            return None
        try:
            return {one.fingerprint: one for one in await self.parts.get(ALERTMANAGER).alerts()}
        except AlertmanagerError as error:
            log.warning("%s", error)
            return None

    def _step(self, alert: AlertRecord, live: Mapping[str, LiveAlert] | None, now: datetime) -> Step | None:
        known = None if live is None else live.get(alert.fingerprint)
        if alert.state is AlertState.SUSPECT:
            if known is not None:
                return promote(alert, now)
            if live is not None:
                return dismiss(alert)
            return promote(alert, now) if alert.suspect_until is not None and alert.suspect_until <= now else None
        if live is None:
            return None
        if known is None:
            return lose_sight(alert)
        return _silenced(alert, known)

    async def _apply(self, one: Step, now: datetime) -> None:
        """Write it, unless a delivery said something else meanwhile."""
        async with alerts.folding():
            before = one.change.before
            if before is None or await alerts.present(before.id) != before:
                return
            await alerts.save_alerts([one.change], now=now)
            for card in await self._cards(one, now):
                await self._update(card, one, now)

    async def _cards(self, one: Step, now: datetime) -> list[CardRecord]:
        """The cards that show an alert; a new one where it fires and none does."""
        found = (await alerts.cards_of_alerts([one.alert.id])).get(one.alert.id, set())
        records = [await cards.card(card) for card in sorted(found)]
        within = self.parts.policy.alerts.reopen_within
        if one.outcome not in FRESH or any(
            card.closed_at is None or now - card.closed_at <= within for card in records
        ):
            return records
        new = await cards.add_card(one.alert.severity, now=now)
        for group in await alerts.groups_of_alert(one.alert.id):
            await alerts.save_group(replace(group, card_id=new.id), is_new=False)
        return [new]

    async def _update(self, card: CardRecord, one: Step, now: datetime) -> None:
        was_closed = card.closed_at is not None
        incident = IncidentOfCard(self.parts.policy)
        card = with_transitions(card, [one], now)
        if one.outcome in FRESH:
            card = replace(card, closed_at=None, fired=card.fired + was_closed)
            groups = await alerts.groups_of_card(card.id)
            card = await incident.follow_firing(card, [one], groups[-1], now)
        elif await alerts.count_open(card.id) == 0 and card.flapping_since is None:
            card = replace(card, closed_at=card.closed_at or now)
        await incident.note(card, [one], now)
        await cards.save_card(card, now=now)
        if card.closed_at is not None and not was_closed:
            await incident.follow_end(card, now)

    async def _end_flapping(self, now: datetime) -> None:
        """Cards that have been quiet."""
        for card in await cards.flapping_cards():
            quiet = with_transitions(card, (), now)
            if quiet.flapping_since is not None:
                continue
            async with alerts.folding():
                if await alerts.count_open(card.id) == 0:
                    quiet = replace(quiet, closed_at=now)
                await cards.save_card(quiet, now=now)
                if quiet.closed_at is not None:
                    await IncidentOfCard(self.parts.policy).follow_end(quiet, now)


def _silenced(alert: AlertRecord, known: LiveAlert) -> Step | None:
    """By which silence it is kept from being told, where that has changed."""
    by = known.silenced_by[0] if known.silenced_by else ""
    if by == alert.silenced_by:
        return None
    one = lose_sight(alert)
    return replace(one, change=AlertChange(replace(alert, silenced_by=by), alert))


def _once(found: Iterable[AlertRecord]) -> list[AlertRecord]:
    return list({one.id: one for one in found}.values())
