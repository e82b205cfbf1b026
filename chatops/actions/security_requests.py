"""Who asked for what over HTTP, and who was refused; read from the product's own log, by its fields."""

import contextlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from chatops.console import suggestion
from chatops.model import Answer, BadArgument, Suggestion, Table
from chatops.owners import offered_owners, owner_of
from chatops.parameters import Duration, Integer, Name, Network
from chatops.registry import action
from chatops.run import Run
from chatops.shielded import shielded, why_shielded
from chatops.times import ago, moment, span
from config.ops import Role
from storage import access_log
from storage.access_log import AccessRecord

_MOST = 50_000
_REFUSALS = (401, 403)

Since = Annotated[timedelta, Duration("1m", "30d")]


@action("security access-log", role=Role.OPERATOR)
async def requests_of(
    run: Run,
    who: Annotated[str, Name("an IP address or network, or an account such as api:name", offered_owners)],
    since: Since = timedelta(hours=24),
) -> Answer:
    """Count what an address or an account asked for, by path, status and hour."""
    found = await _requests(run, who, since)
    if not found:
        return Answer(f"Nothing came from {who} in {span(since)}; {_kept(run)}.", data={"requests": 0})
    by_route = Counter((one.route, one.status) for one in found)
    rows = tuple((route, str(status), str(count)) for (route, status), count in by_route.most_common(15))
    by_status, by_hour = Counter(str(one.status) for one in found), Counter(f"{one.at:%m-%d %H}h" for one in found)
    others = sorted({one.address for one in found})[:5]
    text = (
        f"{len(found)} requests from {who}, the first {moment(found[-1].at)}, the last {ago(found[0].at, run.now)}. "
        f"By status: {_listed(by_status)}. By hour: {_listed(by_hour)}."
    )
    data = {
        "requests": len(found),
        "status": dict(by_status),
        "hours": dict(by_hour),
        "addresses": others,
        "first": found[-1].at.isoformat(),
        "last": found[0].at.isoformat(),
    }
    return Answer(
        text, table=Table(("path", "status", "count"), rows), suggestions=await _blocking(run, others), data=data
    )


async def _requests(run: Run, who: str, since: timedelta) -> list[AccessRecord]:
    begin = run.now - since
    try:
        network = Network(0, 0).read(who)
    except BadArgument:
        owner = await owner_of(who, "who")
        return await access_log.entries(since=begin, person=str(owner.person), limit=_MOST)
    if network.num_addresses == 1:
        return await access_log.entries(since=begin, address=str(network.network_address), limit=_MOST)
    every = await access_log.entries(since=begin, limit=_MOST)
    return [one for one in every if one.address and Network(0, 0).read(one.address).subnet_of(network)]  # type: ignore[arg-type]


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())[-12:])


def _kept(run: Run) -> str:
    return f"requests are kept for {run.parts.settings.access_log_days} days"


async def _blocking(run: Run, addresses: Sequence[str]) -> tuple[Suggestion, ...]:
    """A button for the first that may be kept out."""
    kept = await shielded(run)
    for one in addresses:
        with contextlib.suppress(BadArgument):
            if not why_shielded(Network(32, 128).read(one), kept):
                return (suggestion("security block-ip", f"Block {one}", ip=one),)
    return ()


@action("security auth-failures", role=Role.RESPONDER)
async def failures(run: Run, since: Since = timedelta(hours=1), n: Annotated[int, Integer(1, 50)] = 20) -> Answer:
    """List where requests come from that were refused for want of a token or a role, most first."""
    found = await access_log.entries(since=run.now - since, statuses=_REFUSALS, limit=_MOST)
    if not found:
        return Answer(f"Nobody was refused in {span(since)}.", data=[])
    by_address: dict[str, list[AccessRecord]] = {}
    for one in found:
        by_address.setdefault(one.address or "unknown", []).append(one)
    sources = sorted(by_address.items(), key=lambda pair: -len(pair[1]))[:n]
    rows = tuple((address, *_failure(entries, run.now)) for address, entries in sources)
    data = [
        {"address": address, "count": len(entries), "paths": sorted({one.route for one in entries})[:5]}
        for address, entries in sources
    ]
    text = f"{len(found)} requests of {len(by_address)} addresses were refused in {span(since)}."
    table = Table(("address", "refused", "401", "403", "last", "mostly"), rows)
    return Answer(text, table=table, suggestions=await _blocking(run, [one for one, _ in sources]), data=data)


def _failure(entries: Sequence[AccessRecord], now: datetime) -> tuple[str, ...]:
    statuses = Counter(one.status for one in entries)
    mostly = Counter(one.route for one in entries).most_common(1)[0][0]
    return str(len(entries)), str(statuses[401]), str(statuses[403]), ago(entries[0].at, now), mostly
