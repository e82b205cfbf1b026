"""The post-mortem of an incident: everything that happened, with dates, in one document."""

import re
from datetime import timedelta

import pytest

from chatops.jobs.oncall import aftermath, keep
from chatops.parts import Parts
from config.ops_oncall import Severity
from config.settings import Settings
from storage import checklists, incidents, samples, timeline
from storage.database import Database
from storage.queue import Queue
from storage.samples import SampleRecord
from storage.timeline import NewEvent
from tests.chatops.acting import OLGA, RITA, VERA, Ops
from tests.chatops.calling import Calling, calling_parts
from tests.chatops.pipeline import Pipeline, captured
from tests.making import NOW


@pytest.fixture
def parts(settings: Settings, database: Database, queue: Queue) -> Parts:
    return calling_parts(settings, database, queue)


@pytest.fixture
def calling(ops: Ops) -> Calling:
    return Calling(ops)


async def told(ops: Ops, name: str = "INC-1") -> tuple[str, dict[str, bytes]]:
    """The document and all files."""
    answer = await ops.done(RITA, "incident postmortem", id=name)
    files = {one.name: one.data for one in answer.files}
    return files[f"post-mortem-{name}.md"].decode(), files


def section(document: str, heading: str) -> str:
    """What stands under a heading."""
    return document.partition(f"## {heading}")[2].partition("\n## ")[0].strip()


async def lived_through(calling: Calling) -> str:
    """An incident from the alert to the end."""
    ops, pipeline = calling.ops, Pipeline(calling.ops)
    await pipeline.deliver(captured("38"))
    [opened] = await incidents.unresolved()
    await incidents.set_severity(opened.id, Severity.P1, by="Vera", now=ops.now)
    await calling.after(seconds=2)
    await calling.after(seconds=2)
    ops.later(minutes=3)
    await ops.done(OLGA, "oncall ack")
    ops.later(minutes=1)
    await timeline.add(opened.id, NewEvent("message", "is it <b>the</b> | cable? @everyone `x`", "Olga"), now=ops.now)
    await ops.done(OLGA, "incident stage", id=opened.name, stage="mitigating", text="new cable")
    await ops.done(OLGA, "oncall override", user="Rita", until="+1h")
    await ops.done(OLGA, "oncall who")
    ops.later(minutes=30)
    await pipeline.deliver(captured("39"))
    await incidents.reopen(opened.id, "to write a summary", by="Olga", now=ops.now)
    await ops.done(OLGA, "incident resolve", id=opened.name, summary="The cable was loose; it is a new one now.")
    return opened.name


async def test_it_has_all_that_happened_with_dates_and_audit_ids(calling: Calling) -> None:
    name = await lived_through(calling)
    document, files = await told(calling.ops, name)

    assert document.startswith(f"# Post-mortem of {name}: ")
    assert section(document, "Summary").startswith("The cable was loose; it is a new one now.")
    lines = [line for line in section(document, "Timeline (UTC)").splitlines()[2:] if line]
    assert len(lines) > 8
    assert all(re.match(r"\| 2026-11-01 \d\d:\d\d:\d\d \|", line) for line in lines)
    for word in ("opened", "page: Olga called", "acknowledged", "stage: new cable", "reopened", "resolved"):
        assert any(word in line for line in lines), word
    assert r"is it \<b\>the\</b\> \| cable? @everyone \`x\`" in document
    actions = section(document, "Actions taken")
    assert re.search(r"\| Olga \| oncall ack \| done \| \d+ \| [0-9a-f]{8} \|", actions)
    assert re.search(r"\| Olga \| oncall override until=\+1h user=Rita \| done \|", actions)
    assert "oncall who" not in actions
    assert re.search(r"\| Olga \| incident resolve id=INC-1 .* \| done \|", actions)
    called = section(document, "People who were called")
    assert "Olga on Discord: delivered; Olga on Telegram: delivered | acknowledged by Olga |" in called
    assert list(files) == [f"post-mortem-{name}.md"]
    assert "Nothing was measured in this time" in section(document, "Figures in the window")


async def test_times_stand_against_their_targets(calling: Calling) -> None:
    opened = await calling.incident(Severity.P0)
    await incidents.acknowledge(opened.id, by="Olga", now=NOW + timedelta(minutes=4))
    calling.ops.later(minutes=50)
    await incidents.resolve(opened.id, "It came back by itself, for whatever reason.", by="Olga", now=calling.ops.now)
    document, _ = await told(calling.ops)
    assert section(document, "Times against their targets").splitlines()[2:] == [
        "| Acknowledged | 15 min | 4 min | 2026-11-01 12:04:00 | yes |",
        "| Worked on (mitigation begun, or resolved) | 15 min | 50 min | 2026-11-01 12:50:00 | no |",
        "| Resolved |  | 50 min | 2026-11-01 12:50:00 |  |",
    ]


async def test_alerts_stand_with_when_they_fired(calling: Calling) -> None:
    await lived_through(calling)
    document, _ = await told(calling.ops)
    rows = section(document, "Alerts").splitlines()[2:]
    assert len(rows) == 1
    assert re.match(r"\| \w+ \| P\d \| \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \| \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \|", rows[0])


async def test_figures_of_the_window_are_drawn(calling: Calling) -> None:
    opened = await calling.incident(Severity.P1)
    for minute in range(60):
        at = NOW - timedelta(minutes=30 - minute)
        await samples.add(SampleRecord("bot", at, 60, {"queue_length": 10.0 * minute}, {}))
    calling.ops.later(minutes=31)
    await incidents.resolve(opened.id, "Workers were added until it was short.", by="Olga", now=calling.ops.now)
    document, files = await told(calling.ops)
    assert files["post-mortem-INC-1.png"].startswith(b"\x89PNG")
    assert "![post-mortem-INC-1.png](post-mortem-INC-1.png)" in document
    assert re.search(r"\| Pictures that wait \| 590 \| 29\d \| 500 \|", section(document, "Figures in the window"))


async def test_the_list_for_afterwards_is_in_it_and_the_document_ticks_its_own_item(calling: Calling) -> None:
    opened = await calling.incident(Severity.P1)
    await incidents.resolve(opened.id, "It was the cable, as always.", by="Olga", now=calling.ops.now)
    document, _ = await told(calling.ops)
    assert section(document, "Follow-up").count("- [ ]") == 5
    again, _ = await told(calling.ops)
    assert "- [x] Create the post-mortem" in section(again, "Follow-up")
    kinds = [one.kind for one in await timeline.events(opened.id)]
    assert kinds.count("postmortem") == 2


async def test_before_the_end_it_says_what_is_missing(calling: Calling) -> None:
    await calling.incident(Severity.P2)
    answer = await calling.ops.done(RITA, "incident postmortem", id="1")
    assert "Still to be written by people: a summary" in answer.text
    assert "not resolved yet" in answer.files[0].data.decode()


async def test_a_viewer_writes_none(calling: Calling) -> None:
    await calling.incident()
    assert "needs the role responder" in await calling.ops.refused(VERA, "incident postmortem", id="1")


async def test_an_incident_that_ended_by_itself_has_its_list_begun_too_so_that_it_is_reminded_of(
    calling: Calling,
) -> None:
    for severity in (Severity.P1, Severity.P3):
        opened = await calling.incident(severity)
        await incidents.resolve(opened.id, "All alerts ended.", by="Alertmanager", now=calling.ops.now)
    await keep(calling.ops.parts)
    await aftermath(calling.ops.parts)
    assert await checklists.open_checklists("incident") == []
    calling.ops.later(minutes=31)
    await aftermath(calling.ops.parts)
    await aftermath(calling.ops.parts)
    assert [one.subject for one in await checklists.open_checklists("incident")] == ["INC-1"]
