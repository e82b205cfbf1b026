"""Sessions ended, keys replaced, accounts locked: what a stolen credential asks for, for those whom it concerns."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID, uuid4

from chatops import notices
from chatops.model import Answer, BadArgument, Confirmation, File, NotPossible, Plan, Risk, Table
from chatops.own_http import public_address_of
from chatops.parameters import Duration, Name, Text
from chatops.registry import action
from chatops.run import Run
from chatops.security.evidence_first import evidence_first
from chatops.security.owners import User, offered_owners, owner_of
from chatops.security.scopes import Scope, Sessions, meant_by
from chatops.times import moment, span
from config.ops import Role
from storage import access, codes, grants, sessions, values
from storage.records import ApiKeyRecord
from storage.sessions import SessionRecord, Which

RENEW = "renew-key"
"""Purpose of the link with which a person gets a new API key."""
LINK_LIFE = timedelta(minutes=15)
_LOCKDOWN = "auth:lockdown:"
_CHATS = ("discord", "telegram")


@action(
    "auth reset-sessions", role=Role.OPERATOR, risk=Risk.DANGEROUS, confirm=Confirmation.BUTTON, check="auth sessions"
)
async def reset_sessions(run: Run, scope: Annotated[Scope, Sessions()] = Scope("invalid")) -> Answer:  # noqa: B008
    """End sessions; whoever had them is asked to sign in again. Your own stays."""
    found = await _to_end(run, scope)
    ended = await sessions.revoke_sessions([one.id_hash for one in found], by=run.human, now=run.now)
    return Answer(f"{ended} sessions ended; their tokens are good for a second at most.", data={"ended": ended})


@reset_sessions.plan
async def plan_reset_sessions(run: Run, scope: Scope = Scope("invalid")) -> Plan:  # noqa: B008  (never changes)
    """Which sessions end."""
    found = await _to_end(run, scope)
    if not found:
        raise NotPossible(f"No session is {scope}." if scope.kind == "invalid" else f"No session fits {scope}.")
    is_wide = scope.kind == "all"
    accounts = len({one.account for one in found})
    summary = f"Ends {len(found)} sessions of {accounts} accounts ({scope}), which have to sign in again."
    return Plan(
        summary + (await evidence_first(run.now) if is_wide else ""),
        tuple(one.id_hash for one in found),
        "sessions",
        confirmation=Confirmation.PHRASE if is_wide else None,
        role=Role.ADMIN.value if is_wide or scope.kind in ("platform", "role", "older-than") else None,
        table=_sessions_table(found),
    )


async def _to_end(run: Run, scope: Scope) -> list[SessionRecord]:
    own = {f"{run.actor.platform}:{run.actor.user}"}
    if entry := run.parts.policy.person_named(run.human):
        own |= {f"{platform}:{user}" for platform, user in entry.accounts.items()}
    return [one for one in await meant_by(scope, now=run.now) if one.account not in own]


def _sessions_table(found: Collection[SessionRecord]) -> Table:
    rows = [(one.short, one.account, one.role, one.source) for one in found]
    return Table(("session", "who", "role", "by"), tuple(rows[:20]))


@dataclass(frozen=True, slots=True)
class _Renewal:
    """Whose key is replaced, and where the link goes."""

    person: UUID
    account: str
    keys: list[ApiKeyRecord]
    last: ApiKeyRecord
    sessions: list[SessionRecord]
    to: tuple[str, str]


@action("auth reset-user", role=Role.ADMIN, risk=Risk.DANGEROUS, confirm=Confirmation.BUTTON, check="auth sessions")
async def reset_user(
    run: Run, user: User, to: Annotated[str, Name("a chat account such as discord:123", offered_owners)] = ""
) -> Answer:
    """Revoke a user's keys and sessions, and send them a link, good once, with which they get a new key."""
    one = await _renewal(run, user, to)
    details = {"name": one.last.name, "role": one.last.role}
    await access.revoke_keys([key.id for key in one.keys], now=run.now)
    await sessions.revoke_sessions([each.id_hash for each in one.sessions], by=run.human, now=run.now)
    code = await codes.make_code(RENEW, one.person, details, by=run.human, life=LINK_LIFE, now=run.now)
    link = f"{public_address_of(run.parts.settings)}/api/auth/renew/{code}"
    text = f"An admin has replaced your API key. Get the new one within {span(LINK_LIFE)}, once: {link}"
    await notices.say([notices.direct(*one.to)], Answer(text), origin=f"renew-{run.request}", now=run.now)
    platform, account = one.to
    return Answer(
        f"Link sent to {platform}:{account}; it is good for {span(LINK_LIFE)}. {len(one.keys)} keys and "
        f"{len(one.sessions)} sessions ended.",
        data={"keys": len(one.keys), "sessions": len(one.sessions)},
    )


@reset_user.plan
async def plan_reset_user(run: Run, user: str, to: str = "") -> Plan:
    """What ends, and where the link goes."""
    one = await _renewal(run, user, to)
    platform, account = one.to
    summary = (
        f"Revokes {len(one.keys)} keys and {len(one.sessions)} sessions of {one.account} at once, and sends a link for "
        f"a new {one.last.role} key to {platform}:{account} directly."
    )
    items = [str(key.id) for key in one.keys] + [each.id_hash for each in one.sessions] + [f"{platform}:{account}"]
    return Plan(summary, tuple(items), one.account)


async def _renewal(run: Run, user: str, to: str) -> _Renewal:
    owner = await owner_of(user)
    last = await access.last_key_of(owner.person)
    if last is None:
        raise NotPossible(f"{owner.account} never had an API key; auth reset-sessions ends what else they have.")
    if to:
        platform, _, account = (await owner_of(to, "to")).account.partition(":")
        chats = [(platform, account)] if platform in _CHATS else []
    else:
        chats = [(one.platform, one.user) for one in owner.accounts if one.platform in _CHATS]
    if not chats:
        raise NotPossible(f"{owner.account} has no chat account to send a link to; say with to which one it goes to.")
    found = await sessions.live_sessions(Which(persons=[owner.person]), now=run.now)
    return _Renewal(owner.person, owner.account, await access.keys_of(owner.person), last, found, chats[0])


@dataclass(frozen=True, slots=True)
class _Affected:
    """What a lockdown concerns."""

    label: str
    persons: list[UUID]
    keys: list[ApiKeyRecord]
    sessions: list[SessionRecord]
    humans: list[str]

    def ids(self) -> list[str]:
        return [
            *(f"person {one}" for one in self.persons),
            *(f"key {one.prefix} of {one.name}" for one in self.keys),
            *(f"session {one.short} of {one.account}" for one in self.sessions),
            *(f"grant of {one}" for one in self.humans),
        ]


Affected = Annotated[
    str, Name("accounts separated by commas, or role:operator", offered_owners, longest=400), "whom it concerns"
]


@action("auth lockdown", role=Role.ADMIN, risk=Risk.DANGEROUS, confirm=Confirmation.TWO_PERSONS, check="auth sessions")
async def lockdown(
    run: Run,
    scope: Affected,
    for_: Annotated[timedelta, Duration("5m", "7d")] = timedelta(hours=1),
    reason: Annotated[str, Text(longest=200)] = "",
) -> Answer:
    """Lock the accounts that are affected: sessions end, keys rest, roles given in chat are taken back."""
    one = await _affected(run, scope)
    until, name = run.now + for_, uuid4().hex[:8]
    keys = [key.id for key in one.keys]
    kept = {"keys": [str(key) for key in keys], "until": until.isoformat(), "scope": one.label, "reason": reason}
    await values.set_value(_LOCKDOWN + name, kept, by=run.human, now=run.now)
    await access.suspend_keys(keys, until)
    ended = await sessions.revoke_sessions([each.id_hash for each in one.sessions], by=run.human, now=run.now)
    for human in one.humans:
        await grants.revoke(human, now=run.now)
    file = File(
        f"lockdown-{name}.json", json.dumps({**kept, "affected": one.ids()}, indent=1).encode(), "application/json"
    )
    text = (
        f"Lockdown {name}: {len(keys)} keys rest until {moment(until)}, {ended} sessions ended, "
        f"{len(one.humans)} grants taken back. auth release {name} undoes the first."
    )
    return Answer(
        text, files=(file,), data={"id": name, "keys": len(keys), "sessions": ended, "grants": len(one.humans)}
    )


@lockdown.plan
async def plan_lockdown(run: Run, scope: str, for_: timedelta = timedelta(hours=1), reason: str = "") -> Plan:
    """Whom it concerns."""
    one = await _affected(run, scope)
    summary = (
        f"{one.label}: {len(one.keys)} keys rest for {span(for_)}, {len(one.sessions)} sessions end, "
        f"{len(one.humans)} roles given in chat are taken back; no password or key is changed."
    )
    return Plan(summary + await evidence_first(run.now), tuple(one.ids()), one.label)


async def _lockdowns(_: object, typed: str) -> list[str]:
    return [key.removeprefix(_LOCKDOWN) for key in await values.values(_LOCKDOWN)]


@action("auth release", role=Role.ADMIN, risk=Risk.WRITE, confirm=Confirmation.BUTTON, check="auth sessions")
async def release(run: Run, id_: Annotated[str, Name("a lockdown", _lockdowns)]) -> Answer:
    """End a lockdown before its time; sessions stay ended."""
    kept = await values.value(_LOCKDOWN + id_)
    count = await access.suspend_keys([UUID(one) for one in kept["keys"]], None)
    await values.remove_value(_LOCKDOWN + id_)
    return Answer(f"{count} keys are good again.", data={"keys": count})


@release.plan
async def plan_release(run: Run, id_: str) -> Plan:
    """What is good again."""
    kept = await values.value(_LOCKDOWN + id_)
    if kept is None:
        raise BadArgument(f"id: there is no lockdown {id_}.")
    return Plan(f"{len(kept['keys'])} keys of {kept['scope']} are good again.", tuple(kept["keys"]), id_)


async def drop_old_lockdowns(now: datetime) -> None:
    """Forget those whose time is over."""
    for key, kept in (await values.values(_LOCKDOWN)).items():
        if datetime.fromisoformat(kept["until"]) <= now:
            await values.remove_value(key)


async def _affected(run: Run, scope: str) -> _Affected:
    kind, between, role = scope.partition(":")
    if between and kind == "role":
        return await _with_role(run, role.strip().casefold())
    owners = [await owner_of(one.strip(), "scope") for one in scope.split(",") if one.strip()]
    persons = [one.person for one in owners]
    keys = [key for key in await access.keys() if key.person in persons and key.revoked_at is None]
    names = [name for one in owners for name in one.names]
    found = await sessions.live_sessions(Which(persons=persons, accounts=names), now=run.now)
    granted = await grants.grants(now=run.now, humans=names)
    label = ",".join(one.account for one in owners)
    return _Affected(label, persons, keys, found, sorted({one.human for one in granted} - {run.human}))


async def _with_role(run: Run, role: str) -> _Affected:
    if role not in ("player", *Role):
        raise BadArgument(f"scope: there is no role {role[:20]}; name player, {', '.join(Role)}.")
    keys = [key for key in await access.keys() if key.role == role and key.revoked_at is None]
    own = f"{run.actor.platform}:{run.actor.user}"
    found = [one for one in await sessions.live_sessions(Which(role=role), now=run.now) if one.account != own]
    granted = [one for one in await grants.grants(now=run.now) if one.role == role]
    humans = sorted({one.human for one in granted} - {run.human})
    return _Affected(f"role:{role}", sorted({key.person for key in keys}), keys, found, humans)
