"""Roles are given and taken back in chat."""

from dataclasses import replace

from chatops.model import Actor
from chatops.parts import Parts
from config.ops import parse_policy
from storage import grants
from tests.chatops.acting import ALICE, BOB, OLGA, VERA, Ops


async def test_two_admins_give_a_role_for_a_time(ops: Ops) -> None:
    given = await ops.done(ALICE, "access grant", user="Vera", role="operator", for_="2h")
    assert given.text.startswith("Vera is operator until")
    assert (await ops.done(VERA, "access whoami")).data["role"] == "operator"

    ops.later(hours=2)
    assert (await ops.done(VERA, "access whoami")).data["role"] == "viewer"


async def test_nobody_gives_a_role_to_themselves(ops: Ops) -> None:
    assert await ops.refused(ALICE, "access grant", user="discord:1", role="admin") == (
        "Nobody gives a role to themselves."
    )


async def test_what_was_granted_is_taken_back(ops: Ops) -> None:
    await ops.done(ALICE, "access grant", user="discord:99", role="responder")
    assert (await ops.done(BOB, "access revoke", user="discord:99")).text == "discord:99 has lost responder."
    assert "Nothing was granted" in await ops.refused(BOB, "access revoke", user="discord:99")


async def test_an_operator_cannot_look_at_who_may_what(ops: Ops) -> None:
    assert "needs the role admin" in await ops.refused(OLGA, "access list")


async def test_the_last_admin_cannot_be_removed(parts: Parts) -> None:
    """Whoever is admin by a group of a platform may be so no longer tomorrow."""
    groups = "groups: [{platform: discord, group: '9', role: admin}]"
    policy = parse_policy(f"terminal: null\n{groups}\nplaces: [{{platform: discord, chat: '7'}}]\n")
    ops = Ops(replace(parts, policy=policy))
    crew = Actor("discord", "50", groups=frozenset({"9"}))
    for user in ("discord:98", "discord:99"):
        await grants.grant(user, "admin", reason="", by="root", now=ops.now, expires_at=None)

    assert (await ops.done(crew, "access revoke", user="discord:98")).text == "discord:98 has lost admin."
    refused = await ops.refused(crew, "access revoke", user="discord:99")

    assert refused == "discord:99 is the last admin, and cannot be removed."


async def test_who_has_which_role_is_listed_with_where_it_comes_from(ops: Ops) -> None:
    await grants.grant("discord:99", "responder", reason="", by="Bob", now=ops.now, expires_at=None)

    listed = await ops.done(ALICE, "access list")

    roles = {one["who"]: (one["role"], one["from"]) for one in listed.data}
    assert roles["Olga"] == ("operator", "ops.yaml")
    assert roles["discord:99"] == ("responder", "until for good, by Bob")
