"""What the console does for an incident stands in its timeline, with its audit id and how it ended."""

from dataclasses import replace

from storage import audit, incidents, timeline
from storage.timeline import EventRecord
from tests.chatops.acting import OLGA, OPS, RITA, Ops


async def opened(ops: Ops, number: int = 1) -> str:
    """An incident; its id."""
    await ops.done(RITA, "incident open", title="Decks are not read", sev="P1")
    return str((await incidents.incident_numbered(number)).id)


async def lines(number: int = 1) -> list[EventRecord]:
    return await timeline.events((await incidents.incident_numbered(number)).id)


async def test_in_a_talk_everything_that_is_asked_for_reading_too(ops: Ops) -> None:
    await opened(ops)
    found = await incidents.incident_numbered(1)
    await timeline.talk_in(found.id, "discord", "900")
    thread = replace(OPS, chat="900", also=frozenset({OPS.chat}))
    await ops.done(OLGA, "queue inspect", place=thread)

    [line] = [one for one in await lines() if one.kind == "action"]
    assert line.text.startswith("queue inspect: done. ")
    assert line.human == "Olga"
    assert [one.line.action for one in await audit.lines(10, request=line.request)] == ["queue inspect"]


async def test_with_a_button_of_its_card_where_there_is_no_talk(ops: Ops) -> None:
    card = replace(OPS, incident=await opened(ops))
    await ops.done(OLGA, "queue inspect", place=card)

    assert (await lines())[-1].text.startswith("queue inspect: done. ")


async def test_a_deed_by_its_id_is_told_once_and_a_failed_one_too(ops: Ops) -> None:
    await opened(ops)
    await ops.done(RITA, "incident ack", id="INC-1")
    told = [one.kind for one in await lines()]
    assert told == ["opened", "acknowledged"]

    await ops.done(RITA, "incident show", id="1")
    await ops.refused(RITA, "incident assign", id="1", user="Nobody")
    told_now = await lines()
    assert [one.kind for one in told_now] == ["opened", "acknowledged", "action"]
    assert told_now[-1].text.startswith("incident assign id=1 user=Nobody: failed. ")
    assert told_now[-1].request


async def test_of_an_incident_that_is_not_known_nothing_is_kept(ops: Ops) -> None:
    await opened(ops)
    await ops.refused(RITA, "incident ack", id="77")
    assert [one.kind for one in await lines()] == ["opened"]
