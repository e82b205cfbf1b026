"""Help lists what its reader may use here, and why what cannot be used cannot."""

import pytest

from chatops.actions import registry
from chatops.model import Answer
from chatops.parts import Need
from chatops.registry import action
from chatops.run import Run
from config.ops import Role
from tests.chatops.acting import ALICE, VERA, Ops


async def test_help_lists_what_the_role_allows_and_nothing_else(ops: Ops) -> None:
    for actor, role in ((VERA, Role.VIEWER), (ALICE, Role.ADMIN)):
        answer = await ops.done(actor, "ops help")

        listed = {f"{one['group']} {one['verb']}" for one in answer.data}
        allowed = {one.name for one in registry() if one.role is not None and role.includes(one.role)}
        assert listed == allowed
        assert answer.text.startswith(f"You are {role.value} here and may use {len(allowed)} actions.")
        assert all(len(line) <= 120 for line in answer.log)


LACK: Need[object] = Need("lack", "Set LACK to have it.")


@action("access lack", role=Role.VIEWER, needs=(LACK,))
async def lack(run: Run) -> Answer:
    """Need what is not there."""
    return Answer("")


async def test_help_of_a_group_tells_parameters_and_what_is_lacking(ops: Ops, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatops.actions.registry", lambda: registry().with_(lack))

    answer = await ops.done(ALICE, "ops help", group="access")

    assert "grant <user> <role> [for] [reason]" in answer.log
    assert "  Not available: Set LACK to have it." in answer.log


async def test_what_is_not_theirs_is_not_shown(ops: Ops) -> None:
    assert await ops.refused(VERA, "ops help", group="audit") == "As viewer you may use nothing of audit."
    assert await ops.refused(VERA, "ops help", group="maintnance") == "group: did you mean maintenance?"
