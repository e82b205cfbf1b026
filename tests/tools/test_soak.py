"""What a soak says of what it saw; and the real product under load for a moment."""

import asyncio
import hashlib
import io
from argparse import Namespace
from itertools import islice
from pathlib import Path

import pytest
from PIL import Image

from tools.bench import Figure
from tools.load.ladder import knee
from tools.soak.__main__ import _climb, measure, minutes_table
from tools.soak.pictures import varied
from tools.soak.product import role
from tools.soak.sending import Answer
from tools.soak.verdict import Soak, figures, minutes, quantile
from tools.soak.watching import Held, Sample

MB = 1_000_000
PIDS = frozenset({("bot", 10), ("worker", 11), ("reader", 12)})


def sample(at: float, memory: int = 100, jobs: int = 1, handles: int = 20, pids: frozenset = PIDS) -> Sample:
    """The bot holds what is said; a reader is there where it is among the processes."""
    roles = {"bot": Held(memory * MB, handles, 5)}
    if any(name == "reader" for name, _ in pids):
        roles["reader"] = Held(500 * MB, 8, 4)
    return Sample(at, roles, jobs, 2.0, 0, 0, int(at) * 1000, 0, pids)


def soak(answers: list[Answer] | None = None, **changes: list[Sample]) -> Soak:
    """Twenty minutes with a picture each ten seconds, and a look as often."""
    times = range(0, 1200, 10)
    answers = answers or [Answer(at, 0.01, 3.0, "done") for at in times]
    return Soak(0, 1200, answers, changes.get("samples") or [sample(at) for at in times])


def missed(one: Soak) -> list[str]:
    return [figure.name for figure in figures(one) if not figure.is_reached]


def value(one: Soak, beginning: str) -> Figure:
    return next(figure for figure in figures(one) if figure.name.startswith(beginning))


def test_a_product_that_stays_as_it_is_passes() -> None:
    assert missed(soak()) == []


def test_memory_that_grows_by_more_than_a_twentieth_is_missed() -> None:
    samples = [sample(at, memory=100 + at // 10) for at in range(0, 1200, 10)]
    assert missed(soak(samples=samples)) == ["memory of all processes (medians), last 5.0 minutes / first"]
    assert value(soak(samples=samples), "memory of bot").value == pytest.approx(1.78, abs=0.02)


def test_a_peak_is_no_growth() -> None:
    samples = [sample(at, memory=900 if at % 90 == 0 else 100) for at in range(0, 1200, 10)]
    assert missed(soak(samples=samples)) == []


def test_handles_that_are_never_closed_are_missed() -> None:
    samples = [sample(at, handles=20 + at // 60) for at in range(0, 1200, 10)]
    assert missed(soak(samples=samples)) == ["handles of the process where they grew most, last 5.0 minutes / first"]


def test_a_queue_that_becomes_longer_is_missed() -> None:
    samples = [sample(at, jobs=at // 200) for at in range(0, 1200, 10)]
    assert missed(soak(samples=samples)) == ["pictures waiting or read (means), last more than first"]


def test_a_part_that_was_started_again_is_missed_but_readers_are_replaced_by_plan() -> None:
    reader = PIDS - {("reader", 12)} | {("reader", 13)}
    without, worker = PIDS - {("reader", 12)}, PIDS - {("worker", 11)} | {("worker", 14)}
    replaced = soak(samples=[sample(0), sample(100), sample(200, pids=without), sample(1100, pids=reader)])
    assert missed(replaced) == []
    assert value(replaced, "readers that were replaced").value == 1
    assert missed(soak(samples=[sample(0), sample(1100, pids=worker)])) == ["parts that were started again"]


@pytest.mark.parametrize(
    ("answer", "goal"),
    [
        (Answer(5, None, None, "no answer in 120 s"), "pictures that ended in an error"),
        (Answer(5, 0.01, 3, "failed: ReadingCrashed"), "pictures that ended in an error"),
        (Answer(5, 0.01, 0.1, "done", was_known=True), "answers from the cache, which are no work"),
        (Answer(5, 0.01, 5.1, "done"), "picture to deck, p95"),
    ],
)
def test_what_players_would_suffer_is_missed(answer: Answer, goal: str) -> None:
    assert missed(soak([Answer(4, 0.01, 3.0, "done"), answer])) == [goal]


def test_a_picture_without_a_deck_is_answered() -> None:
    assert missed(soak([Answer(5, 0.01, 3, "refused")])) == []


def test_a_soak_in_which_nothing_was_seen_does_not_pass() -> None:
    assert {"picture to deck, p95", "handles of the process where they grew most, last 5.0 minutes / first"} <= set(
        missed(Soak(0, 1200, [], []))
    )


async def test_the_knee_is_looked_for_until_a_rung_is_not_borne() -> None:
    class Programs:
        answers: list[Answer] = []  # noqa: RUF012

        async def send(self, rate: float, seconds: float) -> None:
            answer = Answer(0, 0.01, 3.0 if rate <= 0.5 else 9.0, "done")
            self.answers += [answer] * round(rate * seconds)

        async def end(self) -> None:
            pass

    class Looks:
        samples = [sample(0), sample(2, memory=300)]  # noqa: RUF012

        def begin(self) -> None:
            pass

    rungs = await _climb(Programs(), Looks(), [0.4, 0.5, 0.8, 1.0])
    assert [(one.offered, one.p95_ms, one.is_borne) for one in rungs] == [
        (0.4, 3000, True),
        (0.5, 3000, True),
        (0.8, 9000, False),
    ]
    assert knee(rungs) == rungs[1]
    assert rungs[0].memory == 800 * MB


def test_each_minute_has_its_row() -> None:
    rows = minutes(soak())
    assert [row.sent for row in rows] == [6] * 20
    assert minutes_table(rows).row_count == 20


def test_quantiles_are_values_that_were_seen() -> None:
    assert [quantile(range(1, 101), share) for share in (0.5, 0.95, 0.99)] == [50, 95, 99]
    assert quantile([7], 0.95) == 7


def test_roles_are_told_by_command_lines() -> None:
    python = ["/venv/bin/python", "-P", "-m"]
    assert role([*python, "bot.cli", "bot"]) == "bot"
    assert role([*python, "bot.cli", "worker"]) == "worker"
    assert role([*python, "ocr_worker.child", "--engine", "rapidocr"]) == "reader"
    assert role(["/venv/lib/valkey-server", "--port", "0"]) == "redis"


def test_no_picture_is_sent_twice() -> None:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(file, "PNG")
    sent = list(islice(varied([file.getvalue()]), 30))
    assert len({hashlib.sha256(one).digest() for one in sent}) == 30
    for one in sent:
        with Image.open(io.BytesIO(one)) as picture:
            assert 38 <= picture.width <= 40


@pytest.mark.slow
def test_the_real_product_under_load_for_a_moment(tmp_path: Path) -> None:
    options = Namespace(minutes=0.5, warm_up=0.1, rate=0.2, rates="", share=0.7, workers=1)
    rungs, rate, seen = asyncio.run(measure(tmp_path, options))
    assert (rungs, rate) == ([], 0.2)
    assert seen is not None
    assert seen.answers
    assert {one.outcome for one in seen.answers} == {"done"}
    assert set(seen.samples[-1].roles) == {"supervisor", "bot", "worker", "reader", "redis"}
    assert seen.complaints == []
