"""Figures as people ask for them."""

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from PIL import Image

from chatops import figures
from chatops.figures.sampling import Sampler
from chatops.observing.meters import Meters
from storage import samples
from storage.samples import SampleRecord
from tests.chatops.acting import ALICE, OLGA, VERA, Ops
from tests.making import NOW, accepted, somebody
from tests.storage.test_queue import ANNA


async def measured(ops: Ops, **answers: int) -> None:
    """So many answers over HTTP by status: ``s200=10``."""
    meters = Meters()
    for status, count in answers.items():
        for _ in range(count):
            meters.answered("GET", "/api/ocr", int(status[1:]), 0.01 if status == "s200" else 3.0)
    await ops.parts.queue.say_alive(ANNA)
    await Sampler(meters, source="bot/1").sample(ops.parts)
    ops.later(seconds=15)


async def test_all_figures_of_the_runbook_are_told_with_their_states(ops: Ops) -> None:
    await measured(ops, s200=60, s500=40)

    answer = await ops.done(VERA, "metrics show", plot="no")
    assert answer.table is not None
    rows = {row[0]: row[1:] for row in answer.table.rows}
    assert list(rows)[:6] == ["api_latency_p95", "error_rate", "cpu", "memory", "queue_length", "cache_hit_rate"]
    assert rows["error_rate"] == ("40.0 %", "ALERT", "1.0 % / 5.0 %")
    assert rows["api_latency_p95"][1:] == ("ALERT", "500 ms / 1000 ms")
    assert rows["queue_length"] == ("0", "normal", "100 / 500")
    assert rows["cache_hit_rate"][:2] == ("(no picture seen before in the last 15 min)", "–")
    assert "Alert: api_latency_p95, error_rate" in answer.text
    assert {"diagnose site", "logs errors"} <= {one.action for one in answer.suggestions}
    assert answer.data[1].items() >= {"name": "error_rate", "value": 0.4, "state": "alert", "unit": "share"}.items()


async def test_a_plot_comes_with_them(ops: Ops) -> None:
    for minute in range(5):
        await samples.add(SampleRecord("bot/1", NOW + timedelta(minutes=minute), 15, {"queue_length": 150.0}, {}))
    ops.later(minutes=5)

    answer = await ops.done(VERA, "metrics show", name="queue_length", window="10m")
    (file,) = answer.files
    assert (file.name, file.media_type) == ("metrics.png", "image/png")
    assert Image.open(io.BytesIO(file.data)).width == 960


async def test_without_samples_there_is_no_plot_and_it_says_so(ops: Ops) -> None:
    answer = await ops.done(VERA, "metrics show", name="queue_length")
    assert answer.files == ()
    assert answer.text.endswith("Nothing was measured in this time, so there is no plot.")


async def test_other_figures_are_told_only_if_they_are_not_normal(ops: Ops) -> None:
    answer = await ops.done(VERA, "metrics show", plot="no")
    assert answer.table is not None
    assert "workers" in [row[0] for row in answer.table.rows]

    await ops.parts.queue.say_alive(ANNA)
    answer = await ops.done(VERA, "metrics show", plot="no")
    assert answer.table is not None
    assert "workers" not in [row[0] for row in answer.table.rows]


async def test_a_wrong_name_is_told_the_nearest(ops: Ops) -> None:
    assert await ops.refused(VERA, "metrics show", name="queue_lenght") == "name: did you mean queue_length?"


async def test_limits_can_be_changed_and_taken_back(ops: Ops) -> None:
    await accepted(await somebody())
    plan = await ops.planned(ALICE, "metrics threshold-set", name="queue_length", warn=1, alert=10)
    assert plan.summary == "queue_length: 100 / 500 becomes 1 / 10. It is 1 now: elevated."

    await ops.done(ALICE, "metrics threshold-set", name="queue_length", warn=1, alert=10)
    assert (await figures.thresholds(ops.parts))["queue_length"].warn == 1
    answer = await ops.done(VERA, "metrics thresholds")
    assert answer.table is not None
    assert ("queue_length", "1 / 10", "metrics threshold-set") in answer.table.rows

    answer = await ops.done(ALICE, "metrics threshold-set", name="queue_length")
    assert answer.text == "queue_length: 1 / 10 until now, 100 / 500 from now on."


@pytest.mark.parametrize(
    ("name", "limits", "why"),
    [
        ("cpu", {"warn": 80, "alert": 90}, "cpu is a share: its limits are from 0 to 1, such as 0.8 for 80 %."),
        ("queue_length", {"warn": 600}, "Of queue_length, alert must be at or above warn; they would be 600 / 500."),
        (
            "cache_hit_rate",
            {"alert": 0.9},
            "Of cache_hit_rate, alert must be below warn; they would be 80.0 % / 90.0 %.",
        ),
        ("throughput", {"warn": 1}, "throughput has no limits"),
        ("cpu", {"warn": -1}, "warn: must be 0 to 1e+12."),
        ("cpu", {"warn": "nan"}, "warn: must be 0 to 1e+12."),
    ],
)
async def test_limits_that_make_no_sense_are_refused(ops: Ops, name: str, limits: dict[str, float], why: str) -> None:
    assert (await ops.refused(ALICE, "metrics threshold-set", name=name, **limits)).startswith(why)


async def test_limits_are_for_admins(ops: Ops) -> None:
    refused = await ops.refused(OLGA, "metrics threshold-set", name="cpu", warn=0.5)
    assert "admin" in refused


async def test_ops_yaml_may_set_limits(ops: Ops) -> None:
    limit = figures.FIGURES["cpu"].threshold
    assert limit is not None
    mine = limit.model_copy(update={"warn": 0.1, "alert": 0.2})
    policy = ops.parts.policy.model_copy(update={"thresholds": {"cpu": mine, "cpus": mine}})
    answer = await Ops(replace(ops.parts, policy=policy)).done(VERA, "metrics thresholds")
    assert answer.table is not None
    assert ("cpu", "10.0 % / 20.0 %", "ops.yaml") in answer.table.rows
    assert "ops.yaml has limits for cpus, which is no figure." in answer.text
