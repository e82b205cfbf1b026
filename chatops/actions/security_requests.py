"""Who asked for what over HTTP, and who was refused; read from the product's own log, by its fields."""

import contextlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from chatops.console import suggestion
from chatops.model import Answer, BadArgument, Suggestion, Table
from chatops.parameters import Duration, Integer, Name, Network
from chatops.registry import action
from chatops.run import Run
from chatops.security.owners import offered_owners, owner_of
from chatops.security.shielded import is_in, shielded, why_shielded
from chatops.times import ago, moment, span
from config.ops import Role
from storage import access_log
from storage.access_log import AccessRecord

_MOST = 2000
"""Of the newest so many it is told what they were: reading more would keep others waiting."""
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
    newest = "The newest " if len(found) == _MOST else ""
    text = (
        f"{newest}{len(found)} requests from {who}, the first {moment(found[-1].at)}, "
        f"the last {ago(found[0].at, run.now)}. "
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
    """The newest of them."""
    begin = run.now - since
    try:
        network = Network(0, 0).read(who)
    except BadArgument:
        owner = await owner_of(who, "who")
        return await access_log.entries(since=begin, person=str(owner.person), limit=_MOST)
    meant = [one for one in await access_log.counts_by_address(since=begin) if is_in(one, network)]
    return await access_log.entries(since=begin, addresses=meant, limit=_MOST)


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
    begin = run.now - since
    counts = await access_log.counts_by_address(since=begin, statuses=_REFUSALS)
    if not counts:
        return Answer(f"Nobody was refused in {span(since)}.", data=[])
    sources = sorted(counts, key=lambda address: -counts[address])[:n]
    newest: dict[str, list[AccessRecord]] = {}
    for one in await access_log.entries(since=begin, addresses=sources, statuses=_REFUSALS, limit=_MOST):
        newest.setdefault(one.address, []).append(one)
    rows = tuple((one or "unknown", str(counts[one]), *_failure(newest.get(one, []), run.now)) for one in sources)
    data = [
        {"address": one, "count": counts[one], "paths": sorted({each.route for each in newest.get(one, [])})[:5]}
        for one in sources
    ]
    text = f"{sum(counts.values())} requests of {len(counts)} addresses were refused in {span(since)}."
    table = Table(("address", "refused", "401", "403", "last", "mostly"), rows)
    return Answer(text, table=table, suggestions=await _blocking(run, sources), data=data)


def _failure(entries: Sequence[AccessRecord], now: datetime) -> tuple[str, ...]:
    """Of the newest: none where others fill the list."""
    if not entries:
        return "?", "?", "?", "?"
    statuses = Counter(one.status for one in entries)
    mostly = Counter(one.route for one in entries).most_common(1)[0][0]
    return str(statuses[401]), str(statuses[403]), ago(entries[0].at, now), mostly
