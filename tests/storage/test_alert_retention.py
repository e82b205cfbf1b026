"""What is dropped of alerts and incidents that were over long ago, and what stays because it is open."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from config.ops_oncall import Severity
from storage import alert_retention, alerts, cards, deadlines, incidents, models, outbox, pages, silences
from storage.alert_records import AlertChange, AlertRecord, AlertState, CardRecord, DeliveryState, GroupRecord
from storage.deadlines import Kind
from storage.incidents import CARD, IncidentRecord, NewIncident
from storage.pages import NewPage, Send
from storage.records import NewMessage
from tests.making import NOW, seconds

pytestmark = pytest.mark.usefixtures("database")
LATER = NOW + timedelta(days=1)
_TABLES: Mapping[str, Any] = {
    "alerts": models.Alert,
    "episodes": models.AlertEpisode,
    "members": models.AlertMember,
    "groups": models.AlertGroup,
    "cards": models.AlertCard,
    "digests": models.AlertDigest,
    "messages": models.OutboxMessage,
}
WHOLE = {"alerts": 1, "episodes": 1, "members": 1, "groups": 1, "cards": 1, "digests": 1, "messages": 2}
NOTHING = dict.fromkeys(WHOLE, 0)


def message(subject: str, identity: object) -> NewMessage:
    return NewMessage("discord", "7", subject, str(identity), origin=f"{subject}-{identity}")


async def told(
    name: str, state: AlertState, *, at: datetime = NOW, incident: IncidentRecord | None = None
) -> tuple[AlertRecord, CardRecord]:
    """An alert with an episode, in a group, on a card that a chat and a digest show."""
    is_over = state is AlertState.RESOLVED
    alert = AlertRecord(
        id=uuid4(),
        tenant="",
        fingerprint=name,
        name=name,
        severity=Severity.P2,
        labels={"alertname": name},
        annotations={},
        generator="",
        state=state,
        episode=1,
        opened_at=at,
        closed_at=at if is_over else None,
        first_heard_at=at,
        last_heard_at=at,
    )
    async with alerts.folding():
        await alerts.save_alerts([AlertChange(replace(alert, state=AlertState.FIRING), begins=True)], now=at)
        if is_over:
            await alerts.save_alerts([AlertChange(alert, replace(alert, closed_at=None), ends="resolved")], now=at)
        else:
            await models.Alert.filter(id=alert.id).update(state=state.value)
        card = await cards.add_card(Severity.P2, now=at)
        group = GroupRecord(
            id=uuid4(),
            key=name,
            tenant="",
            receiver="bot",
            labels={},
            sender="",
            card_id=card.id,
            truncated=0,
            deliveries=1,
            digest="",
            first_heard_at=at,
            last_heard_at=at,
        )
        await alerts.save_group(group, is_new=True)
        await alerts.list_members(group.id, [alert.id], [], [], now=at)
        number = None if incident is None else incident.id
        await cards.save_card(replace(card, closed_at=at if is_over else None, incident_id=number), now=at)
    await cards.post_card(card.id, [message(CARD, card.id)], now=at)
    await cards.add_to_digest(None, "storm", message("alert-digest", ""), [card.id], now=at)
    return alert, card


async def left() -> dict[str, int]:
    return {name: await table.all().count() for name, table in _TABLES.items()}


async def incident(at: datetime = NOW, *, is_resolved: bool) -> IncidentRecord:
    made = await incidents.open_incident(NewIncident("OCR is down", Severity.P1), by="Vera", now=at)
    if is_resolved:
        await incidents.resolve(made.id, "It works again.", by="Vera", now=at)
    return await incidents.incident(made.id)


async def test_what_was_over_goes_with_all_that_showed_it() -> None:
    await told("over", AlertState.RESOLVED)
    assert await left() == WHOLE

    assert set((await alert_retention.drop_alerts(NOW, ["notice"])).values()) == {0}
    removed = await alert_retention.drop_alerts(LATER, ["notice"])
    assert removed == {
        "failed deliveries": 0,
        "cards": 1,
        "digests": 1,
        "groups": 1,
        "alerts": 1,
        "episodes": 0,
        "silences": 0,
        "notices": 0,
    }
    assert await left() == NOTHING


@pytest.mark.parametrize("state", [AlertState.FIRING, AlertState.SUSPECT])
async def test_what_fires_stays_however_old(state: AlertState) -> None:
    await told("fires", state)
    await alert_retention.drop_alerts(LATER, ["notice"])
    assert await left() == WHOLE


async def test_what_belongs_to_an_open_incident_stays() -> None:
    await told("over", AlertState.RESOLVED, incident=await incident(is_resolved=False))
    await alert_retention.drop_alerts(LATER, ["notice"])
    assert await left() == WHOLE


async def test_what_was_lost_sight_of_goes_when_its_incident_is_resolved() -> None:
    open_, over = await incident(is_resolved=False), await incident(is_resolved=True)
    kept, _ = await told("open", AlertState.STALE, incident=open_)
    await told("over", AlertState.STALE, incident=over)
    await alert_retention.drop_alerts(LATER, ["notice"])
    assert [one.id for one in await alerts.alerts_in(list(AlertState))] == [kept.id]


async def test_an_old_round_goes_and_the_present_one_stays() -> None:
    alert, _ = await told("again", AlertState.RESOLVED)
    async with alerts.folding():
        present = await alerts.present(alert.id)
        assert present is not None
        fires = replace(present, state=AlertState.FIRING, episode=2, closed_at=None, last_heard_at=LATER)
        await alerts.save_alerts([AlertChange(fires, present, begins=True)], now=LATER)
        new = await cards.add_card(Severity.P2, now=LATER)
        [group] = await alerts.groups_of_alert(alert.id)
        await alerts.save_group(replace(group, card_id=new.id, last_heard_at=LATER), is_new=False)

    await alert_retention.drop_alerts(LATER, ["notice"])
    assert await left() == {**NOTHING, "alerts": 1, "episodes": 1, "members": 1, "groups": 1, "cards": 1}
    assert [one.number for one in await alerts.episodes(alert.id)] == [2]


async def test_more_than_a_portion_goes() -> None:
    rows = [
        models.AlertEpisode(id=uuid4(), alert_id=alert.id, number=number, opened_at=NOW, closed_at=NOW)
        for alert in [(await told("often", AlertState.FIRING))[0]]
        for number in range(2, 452)
    ]
    await models.AlertEpisode.bulk_create(rows)
    removed = await alert_retention.drop_alerts(LATER, ["notice"])
    assert removed["episodes"] == 450


async def test_deliveries_that_were_folded_go_and_those_that_wait_or_failed_stay() -> None:
    for state in DeliveryState:
        number = await alerts.store_delivery({}, tenant="", sender="", digest=state.value, now=NOW)
        await models.AlertDelivery.filter(id=number).update(state=state.value)
    assert await alert_retention.drop_deliveries(LATER) == 2
    assert (await alert_retention.drop_alerts(LATER, ["notice"]))["failed deliveries"] == 1
    assert len(await alerts.waiting_deliveries()) == 1


async def test_notices_that_were_delivered_go() -> None:
    for subject in ("notice", "summary", "request"):
        shown = await outbox.post(message(subject, 1), now=NOW)
        await outbox.mark_delivered(shown, 1, {}, now=NOW)
    await outbox.post(message("notice", 2), now=NOW)
    assert (await alert_retention.drop_alerts(LATER, ["notice"]))["notices"] == 2
    assert await models.OutboxMessage.all().count() == 2


async def test_silences_that_have_ended_go() -> None:
    for name in ("ended", "active"):
        asked = await silences.ask([], comment="no reason at all", by="Rita", incident=None, ends_at=NOW, now=NOW)
        await silences.made(asked, name, ends_at=NOW)
    await silences.end("ended", now=NOW)
    assert (await alert_retention.drop_alerts(LATER, ["notice"]))["silences"] == 1
    assert [one.silence for one in await silences.active()] == ["active"]


async def test_resolved_incidents_go_with_timelines_deadlines_and_calls() -> None:
    over, open_ = await incident(is_resolved=True), await incident(is_resolved=False)
    for one in (over, open_):
        await deadlines.plan(one.id, 0, "P1", {(Kind.RESPONSE, 50): seconds(60)})
        await outbox.post(message(incidents.SUBJECT, one.id), now=NOW)
        page = await pages.open_page(NewPage(f"incident:{one.id}", "primary", "OCR", "Vera", incident=one.id), now=NOW)
        assert page is not None
        await pages.say_round(page, [Send("Rita", message(pages.SUBJECT, page.id))], seconds(60), now=NOW)
    [page] = await pages.pages_of(over.id)
    await pages.end(page.id, "resolved", now=NOW)

    assert await alert_retention.drop_incidents(NOW) == {"incidents": 0, "pages": 0}
    assert await alert_retention.drop_incidents(LATER) == {"incidents": 1, "pages": 1}
    assert [one.id for one in await incidents.incidents()] == [open_.id]
    tables = (models.IncidentEvent, models.Deadline, models.Page, models.PageAttempt)
    assert [await table.all().count() for table in tables] == [1, 1, 1, 1]
    assert await models.OutboxMessage.all().count() == 2
