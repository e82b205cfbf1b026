"""An action is one declaration, from which everything else is made."""

from datetime import timedelta
from types import ModuleType
from typing import Annotated

import pytest

from chatops.actions import registry
from chatops.model import Answer, BadArgument, Confirmation, Risk
from chatops.parameters import Duration, Integer, Word
from chatops.registry import Action, Registry, action
from chatops.run import Run
from config.ops import Role


@action("queue drain", role=Role.OPERATOR, risk=Risk.WRITE, timeout=timedelta(minutes=16))
async def drain(run: Run, timeout: Annotated[timedelta, Duration("10s", "15m")] = timedelta(minutes=5)) -> Answer:
    """Wait until nothing waits.

    More that nobody needs in a menu.
    """
    return Answer(str(timeout))


@action("queue list", role=Role.RESPONDER)
async def list_(
    run: Run, state: Annotated[str, Word(("ready", "running"))], for_: Annotated[int, Integer(1, 3)] = 1
) -> Answer:
    """List what waits."""
    return Answer(state)


def chapter(**content: object) -> ModuleType:
    module = ModuleType("chapter")
    vars(module).update(content)
    return module


@pytest.fixture
def actions() -> Registry:
    return Registry.of([chapter(GROUPS={"queue": "Pictures that wait."}, drain=drain, list_=list_)])


def test_a_declaration_says_all() -> None:
    assert (drain.group, drain.verb, drain.help) == ("queue", "drain", "Wait until nothing waits.")
    assert (drain.role, drain.risk, drain.confirmation) == (Role.OPERATOR, Risk.WRITE, Confirmation.NONE)
    [timeout] = drain.parameters
    assert (timeout.option, timeout.is_required, timeout.kind.hint) == ("timeout", False, "10s to 15m")
    assert drain.lock == "queue drain"
    assert list_.lock == ""


def test_arguments_become_values_under_the_names_of_the_function() -> None:
    assert list_.read({"state": "running", "for": "2"}) == {"state": "running", "for_": 2}
    assert list_.canonical({"st": " running "}) == {"state": "running"}
    assert drain.read({}) == {}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({}, "queue list needs state: ready, running."),
        ({"state": "redy"}, "state: did you mean ready?"),
        ({"state": "ready", "for": "9"}, "for: must be 1 to 3."),
        ({"stat2": "ready"}, "queue list has no parameter stat2: did you mean state?"),
    ],
)
def test_wrong_arguments_are_told(arguments: dict[str, str], sentence: str) -> None:
    with pytest.raises(BadArgument) as error:
        list_.read(list_.canonical(arguments))
    assert str(error.value) == sentence


@pytest.mark.parametrize(
    ("group", "verb", "found"),
    [("queue", "drain", drain), ("QUEUE", "Drain", drain), ("que", "dr", drain)],
)
def test_an_action_is_found_by_what_is_meant(actions: Registry, group: str, verb: str, found: Action) -> None:
    assert actions.find(group, verb) is found


@pytest.mark.parametrize(
    ("group", "verb", "sentence"),
    [
        ("queeu", "drain", "There is no group 'queeu': did you mean queue?"),
        ("queue", "drian", "queue has no 'drian': did you mean drain?"),
        ("queue", "", "queue needs one of drain, list."),
        ("x", "y", "There is no group 'x': must be one of queue"),
    ],
)
def test_what_is_not_there_gets_the_nearest(actions: Registry, group: str, verb: str, sentence: str) -> None:
    with pytest.raises(BadArgument) as error:
        actions.find(group, verb)
    assert str(error.value) == sentence


def test_an_action_without_help_or_kind_or_group_is_a_mistake_of_the_author() -> None:
    async def silent(run: Run) -> Answer:
        return Answer("")

    async def untyped(run: Run, count: int) -> Answer:
        """Count."""
        return Answer("")

    with pytest.raises(ValueError, match="has no help"):
        action("x y")(silent)
    with pytest.raises(ValueError, match="count has no kind"):
        action("x y")(untyped)
    with pytest.raises(ValueError, match="no chapter says what queue is about"):
        Registry.of([chapter(drain=drain)])


@pytest.mark.parametrize("one", list(registry()), ids=lambda one: one.name)
def test_every_action_of_the_product_is_declared_whole(one: Action) -> None:
    assert one.role is not None
    assert one.help.endswith(".")
    assert one.help[0].isupper()
    assert len(one.help) <= 100
    if one.confirmation is not Confirmation.NONE:
        assert one.planner is not None, "what is confirmed is planned"
    if one.risk in (Risk.DANGEROUS, Risk.DESTRUCTIVE):
        assert one.confirmation is not Confirmation.NONE
    if one.risk is Risk.DESTRUCTIVE:
        assert one.confirmation is Confirmation.TWO_PERSONS
        assert one.role is Role.ADMIN
    if one.check:
        assert registry().named(one.check).risk is Risk.READ
