"""Who is kept out: networks by the HTTP server's own list, people by a ban of their account."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from chatops.model import Answer, Confirmation, NotPossible, Plan, Risk, Table
from chatops.parameters import Duration, Name, Network, Network_, Text
from chatops.parts import Parts
from chatops.registry import action
from chatops.run import Run
from chatops.security.evidence_first import evidence_first
from chatops.security.owners import User, owner_of
from chatops.security.shielded import is_in, shielded, why_shielded
from chatops.times import moment, span
from config.ops import Role
from storage import access_log, blocks, conversions, people
from storage.blocks import BlockRecord

GROUPS = {"security": "Keeping out, evidence, scans, and who asked for what."}

_LATELY = timedelta(hours=24)

Reason = Annotated[str, Text(longest=200)]


@action(
    "security block-ip", role=Role.OPERATOR, risk=Risk.DANGEROUS, confirm=Confirmation.BUTTON, check="security blocks"
)
async def block_ip(
    run: Run,
    ip: Annotated[Network_, Network(24, 48)],
    for_: Annotated[timedelta, Duration("1m", "7d")] = timedelta(hours=1),
    reason: Reason = "",
) -> Answer:
    """Refuse an address or network on the HTTP server for a while; the firewall stays as it is."""
    await _check(run, ip)
    until = run.now + for_
    await blocks.block(ip, until=until, reason=reason, by=run.human, now=run.now)
    text = f"{ip} is refused until {moment(until)}, within a second in all processes."
    return Answer(text, data={"network": str(ip), "until": until.isoformat()})


@block_ip.plan
async def plan_block_ip(run: Run, ip: Network_, for_: timedelta = timedelta(hours=1), reason: str = "") -> Plan:
    """How much came from there, and from whom."""
    await _check(run, ip)
    since = run.now - _LATELY
    counts = await access_log.counts_by_address(since=since)
    seen = {address: count for address, count in counts.items() if is_in(address, ip)}
    persons = await access_log.persons_at(seen, since=since)
    summary = (
        f"Refuses {ip} for {span(for_)}: {sum(seen.values())} requests came from there in the last 24 hours, "
        f"{len(persons)} known people among them."
    )
    return Plan(summary + await evidence_first(run.now), (str(ip),), str(ip))


async def _check(run: Run, network: Network_) -> None:
    if what := why_shielded(network, await shielded(run)):
        raise NotPossible(f"{network} is not kept out, since it is or holds {what}.")


async def _blocked(parts: Parts, typed: str) -> Sequence[str]:
    return [str(one.network) for one in await blocks.blocks(now=parts.clock())]


@action("security unblock-ip", role=Role.OPERATOR, risk=Risk.WRITE, check="security blocks")
async def unblock_ip(run: Run, ip: Annotated[str, Name("an address or network that is blocked", _blocked)]) -> Answer:
    """Let an address or network in again."""
    wanted = Network(0, 0).read(ip)
    found = [one for one in await blocks.blocks(now=run.now) if one.network == wanted]
    if not found:
        around = [str(one.network) for one in await blocks.blocks(now=run.now) if is_in(str(wanted[0]), one.network)]
        hint = f" It lies in {around[0]}, which is." if around else ""
        raise NotPossible(f"{wanted} is not blocked by itself.{hint}")
    for one in found:
        await blocks.unblock(one.id, now=run.now)
    return Answer(f"{wanted} is let in again; {found[0].hits} requests were refused.", data={"hits": found[0].hits})


@action("security blocks", role=Role.OPERATOR)
async def list_blocks(run: Run) -> Answer:
    """List who is kept out: networks with what was refused, and banned people."""
    found, banned = await blocks.blocks(now=run.now), await people.banned(now=run.now)
    rows = [(str(one.network), moment(one.expires_at), str(one.hits), one.reason or "-", one.made_by) for one in found]
    for person in banned:
        names = ", ".join(f"{one.platform}:{one.user}" for one in await people.accounts(person.id))
        rows.append((names, moment(person.banned_until), "-", "banned", "-"))
    if not rows:
        return Answer("Nobody is kept out.", data=[])
    text = f"{len(found)} networks and {len(banned)} people are kept out."
    table = Table(("who", "until", "refused", "why", "by"), tuple(rows))
    return Answer(text, table=table, data=[_data(one) for one in found])


def _data(one: BlockRecord) -> dict[str, object]:
    return {"network": str(one.network), "until": one.expires_at.isoformat(), "hits": one.hits, "reason": one.reason}


@action(
    "security ban-user", role=Role.OPERATOR, risk=Risk.DANGEROUS, confirm=Confirmation.BUTTON, check="security blocks"
)
async def ban_user(
    run: Run,
    user: User,
    for_: Annotated[timedelta, Duration("5m", "365d")] = timedelta(days=1),
    reason: Reason = "",
) -> Answer:
    """Accept nothing from a person for a while, whichever account they use."""
    owner = await owner_of(user)
    _refuse_own(run, owner.names)
    until = run.now + for_
    await people.ban(owner.person, until)
    accounts = ", ".join(owner.names)
    return Answer(f"{accounts}: nothing is accepted until {moment(until)}.", data={"accounts": owner.names})


@ban_user.plan
async def plan_ban_user(run: Run, user: str, for_: timedelta = timedelta(days=1), reason: str = "") -> Plan:
    """Which accounts, and what of theirs is still read."""
    owner = await owner_of(user)
    _refuse_own(run, owner.names)
    waiting = sum(one.person == owner.person for one in await conversions.open_conversions())
    summary = (
        f"Bans {', '.join(owner.names)} for {span(for_)}; {waiting} pictures that wait already are read. "
        "Decks of theirs stay."
    )
    return Plan(summary, tuple(owner.names), owner.account)


def _refuse_own(run: Run, names: Sequence[str]) -> None:
    """Whoever operates is not banned: roles are taken back in ops.yaml or by access revoke."""
    for name in names:
        platform, _, user = name.partition(":")
        entry = run.parts.policy.person_with(platform, user)
        if entry is not None or name == f"{run.actor.platform}:{run.actor.user}":
            raise NotPossible(f"{entry.name if entry else name} operates this product, and is not banned as a player.")


@action("security unban-user", role=Role.OPERATOR, risk=Risk.WRITE, check="security blocks")
async def unban_user(run: Run, user: User) -> Answer:
    """Accept pictures from a person again."""
    owner = await owner_of(user)
    if owner.person not in {one.id for one in await people.banned(now=run.now)}:
        raise NotPossible(f"{owner.account} is not banned.")
    await people.ban(owner.person, None)
    return Answer(f"{', '.join(owner.names)} may send pictures again.", data={"accounts": owner.names})
