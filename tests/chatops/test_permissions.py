"""The permission matrix, whole: each action of the product, each role however it is held, each place, each platform."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from chatops.actions import registry
from chatops.authorisation import TERMINAL, Authorisation, Identity
from chatops.console import Console, start_console
from chatops.model import Actor, Answer, Confirmation, Denied, Order, Place
from chatops.parts import Parts
from chatops.registry import Action, action
from chatops.run import Run
from config.ops import Role, parse_policy
from config.settings import Settings
from storage import audit, grants, requests
from storage.database import Database
from storage.queue import Queue
from tests.chatops.acting import parts_of
from tests.chatops.things import away
from tests.making import NOW

INCLUDED = {
    None: set(),
    "viewer": {"viewer"},
    "responder": {"viewer", "responder"},
    "operator": {"viewer", "responder", "operator"},
    "admin": {"viewer", "responder", "operator", "admin"},
}
"""What a role may use, by the role that an action names; spelled out, so that no order of ours is believed."""
POLICY = """
environment: prod
terminal: operator
people:
  - {name: Person without, accounts: {discord: "10", telegram: "20"}}
  - {name: Person viewer, role: viewer, accounts: {discord: "11", telegram: "21"}}
  - {name: Person responder, role: responder, accounts: {discord: "12", telegram: "22"}}
  - {name: Person operator, role: operator, accounts: {discord: "13", telegram: "23"}}
  - {name: Person admin, role: admin, accounts: {discord: "14", telegram: "24"}}
groups:
  - {platform: discord, group: "901", role: viewer}
  - {platform: discord, group: "902", role: responder}
  - {platform: discord, group: "903", role: operator}
  - {platform: discord, group: "904", role: admin}
  - {platform: telegram, group: "-801", role: viewer}
  - {platform: telegram, group: "-802", role: responder}
  - {platform: telegram, group: "-803", role: operator}
  - {platform: telegram, group: "-804", role: admin}
places:
  - {platform: discord, chat: "7"}
  - {platform: telegram, chat: "-70"}
"""
ROLES = ("viewer", "responder", "operator", "admin")
OWN = {"discord": "7", "telegram": "-70"}


@action("access forgotten")
async def forgotten(run: Run) -> Answer:
    """Forget to name a role."""
    return Answer("!")


@dataclass(frozen=True)
class Somebody:
    """An account, the role that it has in truth, and whether ``ops.yaml`` names its human."""

    actor: Actor
    role: str | None
    is_known: bool


def everybody() -> Iterator[Somebody]:
    """All roles in all ways in which they are held, on all platforms, and all who only look as if they had one."""
    for platform, person, group in (("discord", 10, 900), ("telegram", 20, -800)):
        sign = -1 if group < 0 else 1
        for number, role in enumerate((None, *ROLES)):
            yield Somebody(Actor(platform, str(person + number)), role, is_known=True)
        for number, role in enumerate(ROLES, start=1):
            groups = frozenset({str(group + sign * number)})
            yield Somebody(Actor(platform, f"5{number}", groups=groups), role, is_known=False)
            yield Somebody(Actor(platform, f"6{number}"), role, is_known=False)  # granted in chat
            other = "telegram" if platform == "discord" else "discord"
            yield Somebody(Actor(other, f"7{number}", groups=groups), None, is_known=False)  # a group of elsewhere
        yield Somebody(Actor(platform, "666"), None, is_known=False)
        yield Somebody(Actor(platform, "Person admin", name="Person admin"), None, is_known=False)
        # the number of somebody's account on the other platform
        yield Somebody(Actor(platform, str(34 - person + 4)), None, is_known=False)
    yield Somebody(Actor(TERMINAL, "root"), "operator", is_known=False)
    yield Somebody(Actor("web", "14"), None, is_known=False)


def places() -> Iterator[tuple[Place, str]]:
    """Where something may be asked: ``own`` chats of the console, ``private`` ones, ``other`` ones, the terminal."""
    for platform, chat in OWN.items():
        other = OWN["telegram" if platform == "discord" else "discord"]
        yield Place(platform, chat), "own"
        yield Place(platform, f"{chat}/5", also=frozenset({chat})), "own"
        yield Place(platform, "31", is_private=True), "private"
        yield Place(platform, chat, is_private=True), "private"
        yield Place(platform, "8"), "other"
        yield Place(platform, f"{chat}0"), "other"
        yield Place(platform, "9", also=frozenset({"8"})), "other"
        yield Place(platform, other), "other"
    yield Place("web", "7"), "other"
    yield Place("web", "ops"), "own"  # the local page, where it is served
    yield Place("web", "ops", is_private=True), "private"
    yield Place(TERMINAL, TERMINAL, is_private=True), "terminal"


def expected(who: Somebody, kind: str) -> set[str]:
    """The names of all actions that are allowed."""
    if kind == "other" or (kind == "private" and not who.is_known):
        return set()
    return {one.name for one in registry() if one.role is not None and one.role.value in INCLUDED[who.role]}


@pytest.fixture
def parts(settings: Settings, database: Database, queue: Queue) -> Parts:
    return parts_of(settings, database, queue, policy=POLICY)


@pytest.fixture
async def console(parts: Parts) -> Console:
    """The product's actions, and one that names no role."""
    for platform in OWN:
        for number, role in enumerate(ROLES, start=1):
            until = NOW + timedelta(hours=1)
            await grants.grant(f"{platform}:6{number}", role, reason="", by="x", now=NOW, expires_at=until)
    return start_console(parts, registry().with_(forgotten))


async def test_every_role_in_every_place_is_offered_what_it_may_use_and_nothing_else(console: Console) -> None:
    for who in everybody():
        for place, kind in places():
            offered = {one.name for one in await console.offered(who.actor, place)}
            assert offered == expected(who, kind), (who, place)


async def test_whatever_is_not_offered_is_refused_recorded_and_not_done(console: Console, parts: Parts) -> None:
    asked = 0
    for number, role in enumerate((None, *ROLES)):
        for one in console.registry:
            if one.role is not None and one.role.value in INCLUDED[role]:
                continue
            asked += 1
            actor = Actor("discord", str(10 + number))
            outcome = await console.take(Order(actor, Place("discord", "7"), one.name, {}, f"discord:7:{asked}"))
            assert outcome.request is None, (role, one.name)
            assert outcome.answer is not None
            assert not outcome.answer.ok
    assert await requests.latest(1) == []
    denied = [one async for one in audit.all_lines() if one.line.kind == "denied"]
    assert len(denied) == asked > len(list(console.registry))


async def test_an_action_that_names_no_role_is_for_nobody(console: Console) -> None:
    identity = Identity("Person admin", Role.ADMIN, is_known=True)
    for place, _ in places():
        assert not console.authorisation.may(forgotten, identity, place)


def approvers() -> Iterator[tuple[Identity, bool]]:
    """All who may want to be the second person for Alice, and whether their account counts at all."""
    for role in (None, *Role):
        yield Identity("Bob", role, is_known=True), True
        yield Identity("Alice", role, is_known=True), False
        yield Identity("discord:9", role, is_known=False), False


def test_a_second_person_is_another_known_human_of_at_least_the_same_role(settings: Settings) -> None:
    people = "".join(
        f"  - {{name: {name}, role: admin, accounts: {{discord: '{number}'}}}}\n"
        for number, name in enumerate(("Alice", "Bob"))
    )
    policy = parse_policy(f"people:\n{people}places:\n  - {{platform: discord, chat: '7'}}\n")
    authorisation = Authorisation(policy, settings)
    two = [one for one in registry() if one.confirmation is Confirmation.TWO_PERSONS]
    assert two
    for one in two:
        for had in (role for role in Role if one.role is not None and role.includes(one.role)):
            for identity, counts in approvers():
                may = counts and identity.role is not None and had.value in INCLUDED[identity.role.value]
                for chat, is_own in (("7", True), ("8", False)):
                    place = Place("discord", chat)
                    assert _approves(authorisation, one, identity, place, had) is (may and is_own), (one.name, identity)


def _approves(authorisation: Authorisation, one: Action, identity: Identity, place: Place, role: Role) -> bool:
    try:
        authorisation.check_second(one, "Alice", identity, place, role)
    except Denied:
        return False
    return True


async def test_all_accounts_of_one_human_are_one(console: Console) -> None:
    for number in range(5):
        found = [
            await console.authorisation.identify(Actor(platform, str(first + number)), now=NOW)
            for platform, first in (("discord", 10), ("telegram", 20))
        ]
        assert found[0] == found[1]


async def test_what_cannot_be_looked_up_is_not_held(console: Console) -> None:
    with away("storage.grants.grants"):
        for who in everybody():
            identity = await console.authorisation.identify(who.actor, now=NOW)
            granted = who.actor.user.startswith("6") and who.role is not None
            assert identity.role == (None if granted or who.role is None else Role(who.role))


async def test_without_people_in_the_policy_nobody_but_the_server_itself_may_anything(
    settings: Settings, database: Database, queue: Queue
) -> None:
    parts = parts_of(settings, database, queue, policy="terminal: null\nplaces:\n  - {platform: discord, chat: '7'}\n")
    console = start_console(parts, registry())
    for who in everybody():
        for place, _ in places():
            assert await console.offered(who.actor, place) == []
