"""Investigations: steps asked at once, judged, put together; what steps may not be asked is not asked."""

import asyncio
from datetime import timedelta
from types import ModuleType
from typing import Annotated, Any
from uuid import uuid4

import pytest

from chatops.actions import diagnose, registry
from chatops.figures import FIGURES
from chatops.model import Answer, NotPossible, Risk, Suggestion, Table
from chatops.observing import investigating
from chatops.observing.investigating import (
    Pack,
    Step,
    answer_of,
    any_found,
    investigate,
    not_normal,
    port_held,
    queue_state,
)
from chatops.parameters import Text
from chatops.parts import Need
from chatops.registry import Action, Registry, action
from chatops.run import Run
from config.ops import Role
from tests.chatops.acting import OPS, RITA, Ops

LACKING: Need[object] = Need("lacking", "Set LACKING to have it.")
together = asyncio.Event()


def actions() -> Registry:
    @action("part good", role=Role.VIEWER)
    async def good(run: Run, word: Annotated[str, Text()] = "") -> Answer:
        """Be well."""
        return Answer(f"All is well{word}. More.", suggestions=(Suggestion("x", "part good"),))

    @action("part bad", role=Role.RESPONDER)
    async def bad(run: Run) -> Answer:
        """Be unwell."""
        return Answer("It is full. So what.", ok=False, suggestions=(Suggestion("mend", "part mend"),), data=[1])

    @action("part refuses", role=Role.VIEWER)
    async def refuses(run: Run) -> Answer:
        """Refuse."""
        raise NotPossible("No worker is running.", Suggestion("start", "part start"))

    @action("part breaks", role=Role.VIEWER)
    async def breaks(run: Run) -> Answer:
        """Break."""
        raise ZeroDivisionError

    @action("part hangs", role=Role.VIEWER)
    async def hangs(run: Run) -> Answer:
        """Hang."""
        await asyncio.Event().wait()
        return Answer("")

    @action("part waits", role=Role.VIEWER)
    async def waits(run: Run) -> Answer:
        """Wait for another step."""
        await together.wait()
        return Answer("They ran together.")

    @action("part wakes", role=Role.VIEWER)
    async def wakes(run: Run) -> Answer:
        """Wake another step."""
        together.set()
        return Answer("Woken.")

    @action("part secret", role=Role.OPERATOR)
    async def secret(run: Run) -> Answer:
        """Only for operators."""
        return Answer("hidden")

    @action("part lacks", role=Role.VIEWER, needs=(LACKING,))
    async def lacks(run: Run) -> Answer:
        """Need what is not there."""
        return Answer("")

    @action("part mend", role=Role.VIEWER, risk=Risk.WRITE)
    async def mend(run: Run) -> Answer:
        """Change something."""
        raise AssertionError("an investigation changes nothing")

    chapter = ModuleType("chapter")
    vars(chapter).update({name: one for name, one in locals().items() if isinstance(one, Action)})
    vars(chapter)["GROUPS"] = {"part": "Parts."}
    return Registry.of([chapter])


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small registry, and no step that another test woke."""
    found = actions()
    monkeypatch.setattr(investigating, "registry", lambda: found)
    together.clear()


async def tell(_: str) -> None:
    raise AssertionError("steps tell no progress")


def run_of(ops: Ops) -> Run:
    return Run(ops.parts, RITA, "Rita", Role.RESPONDER, OPS, uuid4(), tell)


async def found(ops: Ops, *names: str | Step, remedies: tuple[str, ...] = ()) -> investigating.Diagnosis:
    steps = tuple(one if isinstance(one, Step) else Step(one, f"part {one}") for one in names)
    return await investigate(run_of(ops), Pack("test", "the test", steps, remedies))


async def test_where_all_is_well_it_says_so(ops: Ops) -> None:
    diagnosis = await found(ops, "good", Step("named", "part good", {"word": ", here"}), remedies=("part mend",))
    answer = answer_of(diagnosis)
    assert answer.ok
    assert answer.text == "Nothing wrong is found in 2 checks of the test."
    assert answer.table == Table(
        ("check", "state", "finding"), (("good", "ok", "All is well"), ("named", "ok", "All is well, here"))
    )
    assert answer.suggestions == ()


async def test_the_first_trouble_is_the_likely_cause(ops: Ops) -> None:
    answer = answer_of(await found(ops, "good", "bad", "refuses", remedies=("part mend", "part gone")))
    assert not answer.ok
    assert answer.text == "Likely bad: It is full. Also: refuses: No worker is running."
    assert [one.action for one in answer.suggestions] == ["part mend"]
    assert answer.suggestions[0].label == "mend"


async def test_what_cannot_be_asked_is_told_and_is_no_trouble(ops: Ops) -> None:
    answer = answer_of(await found(ops, "good", "secret", "lacks", "breaks", "mend"))
    assert answer.ok
    assert answer.text == "Nothing wrong is found in 1 check of the test. 4 could not be asked."
    assert answer.table is not None
    assert [row[1:] for row in answer.table.rows[1:]] == [
        ("?", "needs the role operator"),
        ("?", "not configured: Set LACKING to have it."),
        ("?", "a fault of the console, which its log tells"),
        ("?", "part mend changes something and belongs to no investigation"),
    ]


async def test_steps_are_asked_at_once_and_do_not_wait_for_one_that_hangs(ops: Ops) -> None:
    hanging = Step("hanging", "part hangs", within=timedelta(seconds=0.05))
    diagnosis = await found(ops, "waits", hanging, "wakes")
    assert [one.state for one in diagnosis.findings] == ["ok", "TROUBLE", "ok"]
    assert diagnosis.troubles[0].trouble == "no answer within 0 s"


async def test_the_evidence_is_a_file(ops: Ops) -> None:
    (file,) = answer_of(await found(ops, "good", "bad", "lacks")).files
    assert file.name == "diagnosis-test.txt"
    text = file.data.decode()
    assert "== bad (part bad, 0.0 s): TROUBLE\nIt is full. So what." in text
    assert "not configured" in text


FINE: dict[str, Any] = {"workers": [1], "jobs": {}, "waiting": 3, "out_per_minute": 2.0, "state": "normal"}


@pytest.mark.parametrize(
    ("changes", "trouble"),
    [
        ({}, ""),
        ({"workers": []}, "no worker is alive"),
        ({"jobs": {"orphaned": 2}}, "2 jobs were left behind by workers that are gone"),
        ({"out_per_minute": 0.0}, "jobs wait and none goes out"),
        ({"state": "alert"}, "the queue is alert"),
        ({"paused_until": "2026-11-01"}, "workers are paused"),
    ],
)
def test_a_small_queue_that_stands_still_is_a_trouble(changes: dict[str, Any], trouble: str) -> None:
    """A threshold of its length alone would not see it."""
    assert queue_state(Answer("", data=FINE | changes)) == trouble


def test_lists_of_troubles_and_figures_are_judged() -> None:
    assert any_found(Answer("No errors.", data=[])) == ""
    assert any_found(Answer("7 errors of 2 kinds. See.", data=[1])) == "7 errors of 2 kinds"
    figures = [{"name": "cpu", "state": "normal"}, {"name": "memory", "state": "alert"}]
    assert not_normal(Answer("", data=figures)) == "memory alert"
    assert port_held(Answer("Port 8484 is free.", data=[])) == "Port 8484 is free: nobody listens"
    assert port_held(Answer("Port 8484 is held by us.", data=[{}])) == ""


class TestPacks:
    """The packs as they ship, against all actions of the console."""

    def test_every_step_is_a_read_action_with_arguments_that_it_takes(self) -> None:
        for pack in diagnose.PACKS.values():
            for step in pack.steps:
                one = registry().named(step.action)
                assert one.name == step.action
                assert one.risk is Risk.READ, step.action
                one.read(step.arguments)

    def test_every_remedy_and_every_figures_action_can_be_a_button(self) -> None:
        named = {one for pack in diagnose.PACKS.values() for one in pack.remedies}
        named |= {one.action for one in FIGURES.values() if one.action}
        for name in named:
            assert not [one.name for one in registry().actions[name].parameters if one.is_required], name
