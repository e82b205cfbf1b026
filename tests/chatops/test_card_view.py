"""What a card says: how many fire, what is uncertain about each, and where their incident is."""

from dataclasses import replace
from datetime import datetime

import pytest

from chatops.incidents.card_view import CardView, alert_line, card_lines, card_view, incident_line
from config.ops_oncall import Severity
from storage.alert_records import AlertState
from storage.incidents import IncidentRecord, IncidentState
from tests.chatops.pipeline import Pipeline, alert, body, group_of
from tests.making import NOW, seconds

MANY = [f"web-{number:02d}" for number in range(12)]


def at(when: datetime) -> str:
    return f"{when:%H:%M}"


async def shown(pipeline: Pipeline) -> CardView:
    return await card_view((await pipeline.card()).id)


def lines(view: CardView) -> list[str]:
    return card_lines(view, at, lambda address: f"<{address}>")


async def test_a_card_of_many_tells_ten_and_in_what_they_differ(pipeline: Pipeline) -> None:
    await pipeline.deliver(group_of(*MANY, at=NOW) | {"truncatedAlerts": 4})
    told = lines(await shown(pipeline))
    assert told[1] == "12 alerts firing; 4 more not listed by Alertmanager."
    assert sum(line.startswith("• instance=web-") for line in told) == 10
    assert "… and 2 more: instance ×12" in told


async def test_a_card_of_which_nothing_fires_any_more(pipeline: Pipeline) -> None:
    await pipeline.deliver(group_of("a", "b", at=NOW), group_of("a", "b", at=NOW, ended=("a", "b"), end=seconds(60)))
    view = await shown(pipeline)
    told = lines(view)
    assert view.firing == []
    assert told[0].startswith("🟢 ")
    assert told[1].startswith("No longer reported since ")
    assert told[1].endswith(": 2 alerts.")
    assert all(line.endswith("(no longer reported): HighLatency is high") for line in told if line.startswith("• "))


async def test_some_of_a_card_have_ended(pipeline: Pipeline) -> None:
    await pipeline.deliver(group_of("a", "b", at=NOW), group_of("a", "b", at=NOW, ended=("a",), end=seconds(60)))
    assert lines(await shown(pipeline))[1] == "1 alert firing, 1 no longer reported."


async def test_what_is_uncertain_about_an_alert_is_said(pipeline: Pipeline) -> None:
    await pipeline.deliver(group_of("a", at=NOW))
    [one] = (await shown(pipeline)).alerts
    doubts = {
        AlertState.SUSPECT: "(possibly stale: told after its end)",
        AlertState.STALE: "(lost sight of: nobody said that it ended)",
        AlertState.RESOLVED: "(no longer reported)",
    }
    for state, words in doubts.items():
        assert words in alert_line(replace(one, alert=replace(one.alert, state=state)), at)
    assert "(silenced)" in alert_line(replace(one, alert=replace(one.alert, silenced_by=("s-1",))), at)
    assert "(not in the last update)" in alert_line(replace(one, missing_since=NOW), at)
    assert "(firing 3×)" in alert_line(replace(one, alert=replace(one.alert, episode=3)), at)
    assert "(" not in alert_line(one, at)


async def test_links_are_addresses_of_the_web_and_nothing_else(pipeline: Pipeline) -> None:
    annotations = {
        "summary": "slow",
        "runbook_url": "javascript:alert(1)",
        "dashboard_url": "https://grafana.example.org/d/1",
        "runbook_action": "diagnose site",
    }
    await pipeline.deliver(body({**alert("a", at=NOW), "annotations": annotations}))
    told = lines(await shown(pipeline))
    assert "To do: diagnose site" in told
    assert "Dashboard: <https://grafana.example.org/d/1>" in told
    assert not [line for line in told if "javascript" in line or line.startswith("Runbook:")]


@pytest.fixture
async def incident(pipeline: Pipeline) -> IncidentRecord:
    """Of an alert that calls somebody."""
    await pipeline.deliver(body(alert("a", at=NOW, severity="critical")))
    return replace(await pipeline.incident(), number=7, severity=Severity.P1, assignee="")


def test_without_an_incident_nothing_is_said() -> None:
    assert incident_line(None, at) == ""


async def test_where_an_incident_is_and_who_has_it(incident: IncidentRecord) -> None:
    assert incident_line(incident, at) == "INC-7 P1, nobody has acknowledged it"
    again = replace(incident, reopened_at=NOW, assignee="Bob")
    assert incident_line(again, at) == f"INC-7 P1, nobody has acknowledged it, opened again {at(NOW)}, assigned to Bob"

    taken = replace(
        incident, state=IncidentState.ACKNOWLEDGED, acknowledged_at=NOW, acknowledged_by="Alice", assignee="Alice"
    )
    assert incident_line(taken, at) == f"INC-7 P1, acknowledged by Alice {at(NOW)}, assigned to Alice"
    under_way = replace(taken, state=IncidentState.MITIGATING)
    assert f"acknowledged by Alice {at(NOW)}, mitigating" in incident_line(under_way, at)
    over = replace(taken, state=IncidentState.RESOLVED, resolved_at=NOW, resolved_by="Alice")
    assert incident_line(over, at) == f"INC-7 resolved by Alice {at(NOW)}"
