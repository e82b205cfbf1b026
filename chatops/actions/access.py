"""Roles: who has which, given for a time and taken back."""

from datetime import timedelta
from typing import Annotated

from chatops.model import Answer, BadArgument, Confirmation, NotPossible, Plan, Risk, Table
from chatops.parameters import Duration, Name, Text, Word
from chatops.parts import Parts
from chatops.registry import action
from chatops.run import Run
from chatops.times import moment, span
from config.ops import Policy, Role
from storage import grants
from storage.grants import GrantRecord

GROUPS = {"access": "Roles of people."}


async def _people(parts: Parts, typed: str) -> list[str]:
    granted = await grants.grants(now=parts.clock())
    return sorted({one.name for one in parts.policy.people} | {one.human for one in granted})


Human = Annotated[str, Name("a name of ops.yaml, or an account such as discord:123", _people)]
RoleName = Annotated[str, Word(tuple(role.value for role in Role))]


@action("access whoami", role=Role.VIEWER, private=True)
async def whoami(run: Run) -> Answer:
    """Tell who you are here, and what you may do."""
    text = f"You are {run.human}, {run.role.value} in {run.parts.policy.environment}."
    return Answer(text, data={"human": run.human, "role": run.role.value})


@action("access list", role=Role.ADMIN)
async def list_(run: Run) -> Answer:
    """List who has which role, and until when."""
    granted = await grants.grants(now=run.now)
    rows = [(one.name, one.role.value if one.role else "by group", "ops.yaml") for one in run.parts.policy.people]
    rows += [(f"{one.platform} group {one.group}", one.role.value, "ops.yaml") for one in run.parts.policy.groups]
    rows += [(one.human, one.role, f"until {moment(one.expires_at)}, by {one.granted_by}") for one in granted]
    if not rows:
        return Answer("Nobody has a role but whoever has a shell on the server.", data=[])
    data = [{"who": who, "role": role, "from": source} for who, role, source in rows]
    return Answer(f"{len(rows)} roles.", table=Table(("who", "role", "from"), tuple(rows)), data=data)


@action("access grant", role=Role.ADMIN, risk=Risk.DANGEROUS, confirm=Confirmation.TWO_PERSONS, check="access list")
async def grant(
    run: Run,
    user: Human,
    role: RoleName,
    for_: Annotated[timedelta, Duration("5m", "30d")] = timedelta(hours=2),
    reason: Annotated[str, Text(longest=200)] = "",
) -> Answer:
    """Give somebody a role for a time."""
    human = _other_human(run, user)
    given = await grants.grant(human, role, reason=reason, by=run.human, now=run.now, expires_at=run.now + for_)
    return Answer(f"{human} is {role} until {moment(given.expires_at)}.", data={"human": human, "role": role})


@grant.plan
async def plan_grant(run: Run, user: str, role: str, for_: timedelta = timedelta(hours=2), reason: str = "") -> Plan:
    """Who becomes what."""
    human = _other_human(run, user)
    before = await grants.grants(now=run.now, humans=[human])
    had = f" (has {', '.join(sorted({one.role for one in before}))})" if before else ""
    return Plan(f"{human}{had} becomes {role} for {span(for_)}.", target=human)


@action("access revoke", role=Role.ADMIN, risk=Risk.DANGEROUS, confirm=Confirmation.BUTTON, check="access list")
async def revoke(run: Run, user: Human) -> Answer:
    """Take back what was granted to somebody; roles of ops.yaml are taken back there."""
    human, held = await _revocable(run, user)
    await grants.revoke(human, now=run.now)
    return Answer(f"{human} has lost {', '.join(one.role for one in held)}.", data={"human": human})


@revoke.plan
async def plan_revoke(run: Run, user: str) -> Plan:
    """Who loses what."""
    human, held = await _revocable(run, user)
    return Plan(f"{human} loses {', '.join(one.role for one in held)}.", tuple(str(one.id) for one in held), human)


async def _revocable(run: Run, user: str) -> tuple[str, list[GrantRecord]]:
    human = _human(run.parts.policy, user)
    held = await grants.grants(now=run.now, humans=[human])
    if not held:
        raise NotPossible(f"Nothing was granted to {human} in chat; roles of ops.yaml are changed in that file.")
    if any(one.role == Role.ADMIN for one in held) and not await _other_admin(run, human):
        raise NotPossible(f"{human} is the last admin, and cannot be removed.")
    return human, held


async def _other_admin(run: Run, human: str) -> bool:
    """Whether an admin remains, be it in ops.yaml, on the server or by another grant."""
    policy = run.parts.policy
    if policy.terminal is Role.ADMIN or any(one.name != human for one in policy.admins()):
        return True
    return any(one.role == Role.ADMIN and one.human != human for one in await grants.grants(now=run.now))


def _other_human(run: Run, user: str) -> str:
    human = _human(run.parts.policy, user)
    if human == run.human:
        raise NotPossible("Nobody gives a role to themselves.")
    return human


def _human(policy: Policy, user: str) -> str:
    """The one who is meant: a name, or the owner of an account; raises BadArgument."""
    if entry := policy.person_named(user):
        return entry.name
    platform, between, account = user.partition(":")
    if not between or not account:
        raise BadArgument(f"user: nobody is called {user}; name somebody of ops.yaml, or an account as discord:123.")
    owner = policy.person_with(platform, account)
    return f"{platform}:{account}" if owner is None else owner.name
