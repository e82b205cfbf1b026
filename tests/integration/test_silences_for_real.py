"""Alertmanager as it really is (slow): silences, previews, errors, passwords, a pair of which one dies."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from chatops.alerting.alertmanager import (
    ALERTMANAGER,
    Alertmanager,
    AlertmanagerError,
    AlertmanagerUnreachable,
    LiveAlert,
    Matcher,
    NewSilence,
    NoSuchSilence,
)
from chatops.alerting.silencing import preview, read_matchers
from chatops.jobs.alerts import tell_ends
from config.clock import utcnow
from config.settings import Settings
from storage import silences
from storage.database import Database
from storage.queue import Queue
from tests.chatops.acting import OLGA, Ops, parts_of
from tests.integration.alerting import alertmanager, free_port, needed

pytestmark = [pytest.mark.slow, needed("prometheus-alertmanager")]

NOBODY = "http://127.0.0.1:9/"
WHY = "the disk is being replaced"
PASSWORD = "s3cret/@ 1"  # noqa: S105
WEB = "basic_auth_users: {bot: $2y$04$abcdefghijklmnopqrstuu.axsuS0NZo9JmonxXHFyUFnRJt/6N8G}\n"
"""Its bcrypt hash."""
ALERTS = [
    {"alertname": "DiskFull", "instance": "db-1", "severity": "warning"},
    {"alertname": "DiskFull", "instance": "db-2", "severity": "warning", "path": "/var"},
    {"alertname": "DiskFull", "instance": "web-1", "severity": "critical"},
    {"alertname": "DiskFull", "instance": 'a"b\\c', "severity": "warning"},
    {"alertname": "DiskFull", "instance": "two\nlines", "severity": "warning"},
    {"alertname": "Slow", "instance": "db-1", "severity": "warning"},
]
TARGETS = [
    "alertname=DiskFull",
    "alertname=DiskFull,instance=~db-.*",
    "alertname=DiskFull,instance!~db-.*",
    "alertname=DiskFull,instance!=web-1",
    "alertname=~.*,instance=db-1",
    "alertname=DiskFull,instance=~db",
    'alertname=DiskFull,path=""',
    'alertname=DiskFull,path!=""',
    'alertname=DiskFull,instance="a\\"b\\\\c"',
    'alertname=DiskFull,instance="two\\nlines"',
    "alertname=DiskFull,severity=critical",
    "alertname=Nothing",
]


@pytest.fixture
async def real(tmp_path: Path) -> AsyncIterator[Alertmanager]:
    async with alertmanager(tmp_path / "am", NOBODY) as address:
        found = Alertmanager.of(address)
        await fire(found)
        yield found


async def fire(client: Alertmanager) -> None:
    """What fires, until Alertmanager has all of it."""
    await client.post_alerts([{"labels": one} for one in ALERTS])
    await eventually(lambda found: len(found) == len(ALERTS), client)


async def eventually(holds: Callable[[list[LiveAlert]], bool], client: Alertmanager) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                if holds(await client.alerts()):
                    return
            except AlertmanagerUnreachable:
                pass
            await asyncio.sleep(0.05)


@pytest.fixture
def ops(settings: Settings, database: Database, queue: Queue, real: Alertmanager) -> Ops:
    """A console that is told the real time, as Alertmanager is."""
    parts = parts_of(settings, database, queue, provided={ALERTMANAGER.name: real})
    return Ops(parts, now=utcnow())


async def muted(client: Alertmanager) -> set[str]:
    return {one.fingerprint for one in await client.alerts() if one.silenced_by}


async def states(client: Alertmanager) -> list[str]:
    return sorted(one.state for one in await client.silences())


def new(*matchers: Matcher, start: datetime | None = None, more: timedelta = timedelta(hours=1)) -> NewSilence:
    begin = start or utcnow()
    return NewSilence(matchers, begin, begin + more, "test", "a comment of a test")


async def test_a_preview_is_what_is_muted_then(ops: Ops, real: Alertmanager) -> None:
    for target in TARGETS:
        matchers = read_matchers(target)
        expected = {one.fingerprint for one in (await preview(ops.parts, matchers)).muted}
        identity = await real.make_silence(new(*matchers))
        assert await muted(real) == expected, target
        assert (len(expected) > 0) == (target not in ("alertname=Nothing", "alertname=DiskFull,instance=~db")), target
        await real.expire(identity)
        assert await muted(real) == set(), target


async def test_made_listed_prolonged_and_undone_by_people(ops: Ops, real: Alertmanager) -> None:
    plan = await ops.planned(OLGA, "alerts silence", target="alertname=DiskFull,instance=db-1", comment=WHY)
    assert "Mutes 1 alert of 6 firing now, for 1 h" in plan.summary
    made = await ops.done(OLGA, "alerts silence", target="alertname=DiskFull,instance=db-1", comment=WHY)
    [found] = await real.silences()
    assert (found.id, found.state) == (made.data["silence"], "active")
    assert WHY in found.comment
    assert "audit" in found.comment
    assert len(await muted(real)) == 1

    listed = await ops.done(OLGA, "alerts silences")
    assert listed.text == "1 silence."
    longer = await ops.done(OLGA, "alerts extend", id=found.id[:8], for_="2h")
    assert longer.data["silence"] == found.id  # the same matchers and start: the same silence
    [same] = await real.silences()
    assert same.ends_at is not None
    assert found.ends_at is not None
    assert timedelta(hours=2) - timedelta(seconds=2) < same.ends_at - found.ends_at < timedelta(hours=2, seconds=2)

    await ops.done(OLGA, "alerts unsilence", id=found.id[:8])
    assert await states(real) == ["expired"]
    assert await muted(real) == set()
    assert "over already" in await ops.refused(OLGA, "alerts unsilence", id=found.id[:8])
    assert (await ops.done(OLGA, "alerts silences")).text == "Nothing is muted."


async def test_one_that_is_over_is_made_anew_when_it_is_prolonged(ops: Ops, real: Alertmanager) -> None:
    made = await ops.done(OLGA, "alerts silence", target="alertname=Slow", comment=WHY)
    await real.expire(made.data["silence"])
    again = await ops.done(OLGA, "alerts extend", id=made.data["silence"][:8], for_="1h")
    assert again.data["silence"] != made.data["silence"]
    assert await states(real) == ["active", "expired"]
    assert len(await muted(real)) == 1


async def test_one_that_somebody_ended_elsewhere_is_not_told_to_have_ended(ops: Ops, real: Alertmanager) -> None:
    made = await ops.done(OLGA, "alerts silence", target="alertname=Slow", comment=WHY, for_="5m")
    await real.expire(made.data["silence"])
    await tell_ends(ops.parts)
    assert await silences.active() == []


async def test_errors_are_one_sentence(real: Alertmanager) -> None:
    exact = Matcher("alertname", "Slow")
    bad = [
        new(exact, start=utcnow() - timedelta(hours=2)),  # ends in the past
        new(exact, more=timedelta(hours=-1)),  # ends before it begins
        new(Matcher("alertname", "(?=x)", is_regex=True)),  # no expression there, but one here
        new(Matcher("alertname", "")),  # matches what has no such label: everything
        new(),  # another shape of error
    ]
    for one in bad:
        with pytest.raises(AlertmanagerError) as told:
            await real.make_silence(one)
        sentence = str(told.value)
        assert sentence.startswith("Alertmanager refuses: "), sentence
        assert sentence.endswith("."), sentence
        assert "\n" not in sentence
        assert "Traceback" not in sentence
    assert await real.silences() == []


async def test_unknown_ids(real: Alertmanager) -> None:
    for identity in ("00000000-0000-4000-8000-000000000000", "nonsense"):
        with pytest.raises(NoSuchSilence):
            await real.silence(identity)
        with pytest.raises(NoSuchSilence):
            await real.expire(identity)
    made = await real.make_silence(new(Matcher("alertname", "Slow")))
    await real.expire(made)
    await real.expire(made)  # twice is once


async def test_user_and_password_of_the_address(tmp_path: Path) -> None:
    async with alertmanager(tmp_path / "am", NOBODY, web=WEB) as address:
        host = address.removeprefix("http://")
        client = Alertmanager.of(f"http://bot:{quote(PASSWORD, safe='')}@{host}")
        await fire(client)
        await client.make_silence(new(Matcher("alertname", "Slow")))
        assert len(await muted(client)) == 1
        assert (await client.version()).startswith("0.")

        for wrong in (address, f"http://bot:wrong@{host}"):
            with pytest.raises(AlertmanagerError, match="put user and password into ALERTMANAGER_URL"):
                await Alertmanager.of(wrong).alerts()
        assert PASSWORD not in repr(client)
        assert quote(PASSWORD, safe="") not in repr(client)


async def test_a_pair_of_which_one_is_dead(tmp_path: Path) -> None:
    """What one member is told the other knows, and either is enough."""
    async with AsyncExitStack() as stack:
        gossip = free_port()
        dying = await stack.enter_async_context(AsyncExitStack())
        first = await dying.enter_async_context(alertmanager(tmp_path / "a", NOBODY, cluster=gossip))
        second = await stack.enter_async_context(alertmanager(tmp_path / "b", NOBODY, cluster=free_port(), peer=gossip))
        pair, other = Alertmanager.of(f"{first},{second}"), Alertmanager.of(second)
        await fire(pair)
        await eventually(lambda found: len(found) == len(ALERTS), other)
        made = await pair.make_silence(new(Matcher("alertname", "DiskFull")))
        await eventually(lambda found: len([one for one in found if one.silenced_by]) == 5, other)

        await dying.aclose()
        pair = replace(pair, timeout_s=2.0)
        assert len(await muted(pair)) == 5
        before = await pair.silence(made)
        assert before.starts_at is not None
        longer = replace(new(*before.matchers, start=before.starts_at, more=timedelta(hours=3)), id=made)
        assert await pair.make_silence(longer) == made
        another = await pair.make_silence(new(Matcher("alertname", "Slow")))
        assert len(await muted(pair)) == 6
        for identity in (made, another):
            await pair.expire(identity)
        assert await states(pair) == ["expired", "expired"]

    with pytest.raises(AlertmanagerUnreachable, match="does not answer at ALERTMANAGER_URL"):
        await pair.alerts()
