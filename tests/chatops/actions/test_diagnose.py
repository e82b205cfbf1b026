"""The runbook's investigations on real parts."""

import json
from dataclasses import replace

import pytest

from chatops.actions import diagnose
from tests.chatops.acting import OLGA, RITA, VERA, Ops
from tests.making import NOW, accepted, failed, somebody
from tests.storage.test_queue import ANNA


def quiet(ops: Ops) -> Ops:
    """The same, where nobody answers over HTTP."""
    return Ops(replace(ops.parts, settings=ops.parts.settings.model_copy(update={"http_port": 1})))


@pytest.mark.parametrize("name", list(diagnose.PACKS))
async def test_each_gives_a_verdict_and_evidence_for_each_step(ops: Ops, name: str) -> None:
    answer = await quiet(ops).answer(RITA, f"diagnose {name}")
    pack = diagnose.PACKS[name]
    assert answer.table is not None
    assert [row[0] for row in answer.table.rows] == [step.why for step in pack.steps]
    assert answer.text.startswith(("Likely ", "Nothing wrong is found in "))
    assert f"diagnosis-{name}.txt" in [file.name for file in answer.files]
    # None of the steps is a fault of the console.
    assert "a fault of the console" not in str(answer.table)
    json.dumps(answer.data)


async def test_a_site_without_its_process_is_down(ops: Ops) -> None:
    answer = await quiet(ops).answer(RITA, "diagnose site")
    assert not answer.ok
    assert "Not ready: bot, workers" in answer.text or "bot" in answer.text
    assert "restart bot" in [one.action for one in answer.suggestions]


async def test_reading_without_workers_names_them_first(ops: Ops) -> None:
    await accepted(await somebody(), at=NOW)
    await failed(await somebody("other"))
    answer = await ops.answer(RITA, "diagnose ocr")
    assert answer.text.startswith("Likely queue and workers: no worker is alive.")
    assert "pictures given up: 1 picture given up" in answer.text


async def test_a_queue_that_works_is_no_trouble(ops: Ops) -> None:
    await ops.parts.queue.say_alive(ANNA)
    answer = await ops.answer(RITA, "diagnose ocr")
    rows = {one["check"]: one["state"] for one in answer.data["findings"]}
    assert rows["queue inspect"] == "ok"


async def test_a_responder_is_not_told_what_only_operators_may_see(ops: Ops) -> None:
    for actor, state in ((RITA, "?"), (OLGA, "ok")):
        answer = await ops.answer(actor, "diagnose auth")
        (row,) = [one for one in answer.data["findings"] if one["check"] == "config check"]
        assert row["state"] in (state, "TROUBLE" if actor is OLGA else state)


async def test_diagnosing_is_for_responders(ops: Ops) -> None:
    assert "responder" in await ops.refused(VERA, "diagnose db")
