"""Orders that the pages name are orders: the registry knows them, and the console plans them as they stand there."""

import re
import shlex

import yaml

from bot.conversation.commands import COMMANDS
from bot.conversation.operations.ordering import options_of
from chatops.actions import registry
from chatops.console import Outcome
from chatops.model import Risk
from storage.requests import Stage
from tests.chatops.acting import Ops
from tests.chatops.everything import ordered
from tests.shared import ROOT

GENERATED = ("command-line.md", "console.md", "runbook.md", "formats.md")
PAGES = [ROOT / "README.md", *(one for one in sorted((ROOT / "docs").glob("*.md")) if one.name not in GENERATED)]
_PLACEHOLDER = re.compile(r"\b[A-Z]{2,}\b|…")


def codes() -> set[str]:
    """What stands in running text as code."""
    found = set()
    for page in PAGES:
        text = re.sub(r"(?s)```.*?```", "", page.read_text(encoding="utf-8"))
        found |= {" ".join(one.split()) for one in re.findall(r"`([^`]+)`", text)}
    return found


def orders() -> set[str]:
    """Those that begin with a group of actions and something that may be its verb."""
    groups = "|".join(map(re.escape, registry().groups))
    return {one.removeprefix("/") for one in codes() if re.match(rf"/?({groups}) [a-z]", one)}


def whole() -> list[str]:
    """Orders with all that they need, and nothing that the reader is to fill in."""
    found = []
    for order in sorted(orders()):
        group, verb, *words = shlex.split(order)
        action = registry().find(group, verb)
        given = {} if _PLACEHOLDER.search(order) else options_of(action, words)
        if (words and given) or not any(one.is_required for one in action.parameters):
            found.append(order)
    return found


def test_every_order_is_an_action_under_its_full_name() -> None:
    assert len(orders()) > 80
    for order in orders():
        group, verb, *_ = order.split()
        assert registry().find(group, verb).name == f"{group} {verb}", order


def test_parameters_of_orders_are_parameters() -> None:
    for order in orders():
        group, verb, *words = shlex.split(order)
        names = [word for word in words if not _PLACEHOLDER.fullmatch(word)]
        action = registry().find(group, verb)
        for option in options_of(action, names):
            assert action.parameter(option).option == option


def test_orders_are_taken_as_they_stand() -> None:
    assert {"queue drain 5m", 'maintenance on reason="new disk" for=1h', "deploy switch green"} <= set(whole())
    for order in whole():
        group, verb, *words = shlex.split(order)
        action = registry().find(group, verb)
        action.read(options_of(action, words) if not _PLACEHOLDER.search(order) else {})


async def test_what_changes_something_is_planned_and_waits(ops: Ops) -> None:
    outcome = await _taken(ops, 'maintenance on reason="new disk" for=1h')
    assert outcome.request is not None, outcome.answer
    assert outcome.request.state is Stage.PLANNED


async def test_what_is_given_whole_gets_a_plan_or_an_answer(ops: Ops) -> None:
    for order in whole():
        group, verb, *_ = shlex.split(order)
        if registry().find(group, verb).risk is Risk.READ:
            continue
        outcome = await _taken(ops, order)
        if outcome.request is not None:
            assert outcome.request.state in (Stage.PLANNED, Stage.DONE, Stage.RUNNING), order
        else:
            assert outcome.answer is not None
            assert not re.search(r"has no parameter|takes no|There is no group", outcome.answer.text), order
    await ops.console.executor.close(within_s=0)


async def _taken(ops: Ops, order: str) -> Outcome:
    group, verb, *words = shlex.split(order)
    action = registry().find(group, verb)
    return await ordered(ops, action.name, options_of(action, words) if not _PLACEHOLDER.search(order) else {})


def test_commands_with_a_slash_are_those_of_players_of_the_console_or_addresses() -> None:
    described = yaml.safe_load((ROOT / "bot" / "http" / "openapi.yaml").read_text(encoding="utf-8"))
    known = {one.name for one in COMMANDS} | set(registry().groups) | {"ops", "start"}
    telegram = (ROOT / "docs" / "connect-telegram.md").read_text(encoding="utf-8")
    for code in (one for one in codes() if re.fullmatch(r"/[a-z]+(@\w+)?( .*)?", one)):
        name = re.split(r"[@ ]", code[1:])[0]
        is_botfather = f"`/{name}`" in telegram and re.search(rf"(?s)BotFather.*`/{name}`", telegram)
        is_address = any(path.startswith(f"/{name}") for path in described["paths"]) or name == "telegram"
        assert name in known or is_botfather or is_address, code
