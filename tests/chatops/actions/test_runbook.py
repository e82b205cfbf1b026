"""The runbook is shown and searched in a chat, and its steps are buttons."""

from chatops.actions import registry
from chatops.checking.runbook import search, section_named, sections
from tests.chatops.acting import VERA, Ops


async def test_all_sections_are_listed(ops: Ops) -> None:
    answer = await ops.done(VERA, "runbook show")
    assert {"the-site-is-down", "security-incident", "signing-in-fails"} <= set(answer.data)


async def test_a_section_shows_its_steps_with_their_actions_as_buttons(ops: Ops) -> None:
    answer = await ops.done(VERA, "runbook show", section="security")
    assert answer.text.startswith("Security incident. The order matters: evidence, contain, revoke, patch.")
    assert answer.log[0].endswith("→ security evidence")
    assert [one.action for one in answer.suggestions][:2] == ["security evidence", "security auth-failures"]


async def test_a_section_is_found_by_part_of_its_name_or_the_nearest(ops: Ops) -> None:
    assert (await ops.done(VERA, "runbook show", section="Site is down")).data["section"] == "the-site-is-down"
    assert "there is none like 'zzzz'" in await ops.refused(VERA, "runbook show", section="zzzz")
    assert "the-database-does-not-answer-or-slowly" in {one.name for one in section_named("databse")}


async def test_steps_are_found_by_words(ops: Ops) -> None:
    answer = await ops.done(VERA, "runbook search", text="restart worker")
    assert {one["action"] for one in answer.data} == {"restart worker"}
    assert (await ops.refused(VERA, "runbook search", text="zzzz")) == "No step of the runbook has these words."


def test_security_comes_in_its_order() -> None:
    [section] = section_named("security-incident")
    kinds = ["security evidence", "security block-ip", "auth lockdown", "security patch-status"]
    places = [[step.action for step in section.steps].index(one) for one in kinds]
    assert places == sorted(places)


def test_every_step_names_an_action_that_there_is() -> None:
    named = {step.action for section in sections() for step in section.steps if step.action}
    assert named - set(registry().actions) == set()


def test_no_step_is_a_shell_command() -> None:
    assert len(sections()) >= 14
    for word in ("docker", "kubectl", "redis-cli", "systemctl", "psql", "sudo"):
        assert not search(word)
