"""Reading: tried on a picture whose list is known, and judged by what players put right."""

from collections import defaultdict
from datetime import timedelta
from typing import Annotated, Any

from chatops.console import suggestion
from chatops.model import Answer, NotPossible, Table
from chatops.parameters import Duration, Flag, Word
from chatops.queueing.selftesting import (
    COMMUNITY,
    DIRECT_READER,
    SAMPLE,
    Compared,
    Queued,
    Sample,
    compare,
    through_queue,
)
from chatops.registry import action
from chatops.run import Run
from chatops.times import counted, span
from config.ops import Role
from config.settings import OcrEngine
from storage import pausing
from storage.accuracy import Accuracy, ReadDeck, accuracy

GROUPS = {"ocr": "Reading of pictures."}

_SAMPLE = "builtin-small"
_ANY = "any"
_WAIT = timedelta(seconds=90)
_LOW = 0.6
"""A reading with a smaller share of certain lines is a bad one."""
_BARS = "▁▂▃▄▅▆▇█"
_BINS = 10
_SHOWN = 5

Direct = Annotated[bool, Flag(), "also read it without the queue"]
Engine = Annotated[str, Word((_ANY, *(one.value for one in OcrEngine))), "of the direct reading"]


@action("ocr selftest", role=Role.RESPONDER, needs=(SAMPLE,), check="queue list", timeout=timedelta(minutes=4))
async def selftest(
    run: Run, sample: Annotated[str, Word((_SAMPLE,))] = _SAMPLE, engine: Engine = _ANY, direct: Direct = True
) -> Answer:
    """Read the built-in sample through the real queue and directly, and compare with what it shows."""
    found = run.parts.get(SAMPLE)
    await _check_workers(run)
    await run.step("The sample is in the queue, before all that waits.")
    queued = await through_queue(run.parts, found, _WAIT)
    if queued.deck is None:
        why = queued.conversion.code or queued.conversion.state.value
        return Answer(
            f"Failed: the sample gave no deck ({why}).",
            ok=False,
            suggestions=(suggestion("job show", id=queued.conversion.id), suggestion("logs errors")),
            data={"passed": False, "id": str(queued.conversion.id), "code": why},
        )
    compared = compare(queued.deck, found.golden)
    beside = await _directly(run, found, engine) if direct else {}
    return _tested(queued, compared, beside)


async def _check_workers(run: Run) -> None:
    if await pausing.paused(run.now) is not None:
        raise NotPossible("Workers are paused, so that nothing would be read.", suggestion("queue resume"))
    if not await run.parts.queue.workers():
        raise NotPossible("No worker is running, so that nothing would be read.", suggestion("service status"))


async def _directly(run: Run, sample: Sample, engine: str) -> dict[str, Any]:
    """The same beside the queue, where this process can."""
    if not run.parts.has(DIRECT_READER):
        return {"remark": f"Not read directly: {DIRECT_READER.reason}"}
    await run.step("Now it is read directly, without the queue.")
    try:
        reading = await run.parts.get(DIRECT_READER).read(sample.picture, None if engine == _ANY else engine)
    except NotPossible as error:
        return {"remark": f"Not read directly: {error}"}
    compared = compare(reading.deck, sample.golden)
    return {
        "passed": compared.passed,
        "right": compared.right,
        "of": compared.of,
        "wrong": list(compared.wrong),
        "engine": reading.engine,
        "stages_ms": {stage: round(seconds * 1000, 1) for stage, seconds in reading.timings.items()},
    }


def _tested(queued: Queued, compared: Compared, beside: dict[str, Any]) -> Answer:
    row = queued.conversion
    passed = compared.passed and beside.get("passed", True)
    lines = [
        f"{'Passed' if passed else 'Failed'}: {compared.right} of {compared.of} cards are right through the queue, in "
        f"{queued.trace.total * 1000:,.0f} ms.",
    ]
    if "passed" in beside:
        total = sum(beside["stages_ms"].values())
        lines.append(f"Directly {beside['right']} of {beside['of']}, in {total:,.0f} ms by {beside['engine']}.")
    lines += [beside["remark"]] if "remark" in beside else []
    lines += [f"{one}." for one in (*compared.wrong, *beside.get("wrong", ()))[:_SHOWN]]
    stages = [{"name": one.name, "ms": round(one.seconds * 1000, 1)} for one in queued.trace.spans]
    return Answer(
        " ".join(lines),
        ok=passed,
        log=tuple(queued.trace.lines()),
        suggestions=(suggestion("trace job", id=row.id),) if passed else (suggestion("logs errors"),),
        data={
            "passed": passed,
            "id": str(row.id),
            "worker": row.worker,
            "right": compared.right,
            "of": compared.of,
            "wrong": list(compared.wrong),
            "stages": stages,
            "timings": dict(row.timings),
            "direct": beside or None,
        },
    )


@action("ocr accuracy", role=Role.RESPONDER)
async def accuracy_(run: Run, since: Annotated[timedelta, Duration("1h", "90d")] = timedelta(days=1)) -> Answer:
    """Tell how sure readings were, and what players put right."""
    found = await accuracy(run.now - since, without=COMMUNITY)
    if not found.decks:
        text = f"No picture gave a deck in the last {span(since)}; {_without(found)}."
        return Answer(text, data={"pictures": 0, "refused": found.refused, "failed": found.failed})
    low = [one for one in found.decks if one.share < _LOW]
    lines, certain = sum(one.lines for one in found.decks), sum(one.certain for one in found.decks)
    changes = ", ".join(f"{count} {kind}" for kind, count in sorted(found.changes.items()))
    changed = counted(sum(one.corrections > 0 for one in found.decks), "deck")
    newest = f" (judged by the newest {len(found.decks)})" if found.readings > len(found.decks) else ""
    pictures, share = counted(found.readings, "picture").capitalize(), len(low) / len(found.decks)
    text = (
        f"{pictures} read in the last {span(since)}{newest}: {certain} of {lines} lines are certain, {lines - certain} "
        f"flagged. {len(low)} ({share:.0%}) have less than {_LOW:.0%} certain lines. Players changed {changed}"
        f"{f' ({changes})' if changes else ''}; {_without(found)}.{_put_right(found)}"
    )
    return Answer(
        text,
        table=_by_kind(found),
        log=(f"0 % {_histogram([one.share for one in found.decks])} 100 % of lines certain",),
        data={
            "pictures": found.readings,
            "judged": len(found.decks),
            "lines": lines,
            "certain": certain,
            "low": len(low),
            "changes": dict(found.changes),
            "flagged_changed": found.put_right.flagged,
            "certain_changed": found.put_right.certain,
            "certain_decks": found.put_right.decks,
            "refused": found.refused,
            "failed": found.failed,
        },
    )


def _without(found: Accuracy) -> str:
    return f"{found.refused} showed no deck, {found.failed} failed"


def _put_right(found: Accuracy) -> str:
    """Which lines players changed: the flagged ones should be, the certain ones should not."""
    made = found.put_right
    if not made.flagged and not made.certain:
        return ""
    certain = f"{counted(made.certain, 'certain one')} in {counted(made.decks, 'deck')}" if made.certain else "no other"
    return f" They put {counted(made.flagged, 'flagged line')} right, and {certain}."


def _by_kind(found: Accuracy) -> Table:
    kinds: dict[tuple[str, str], list[ReadDeck]] = defaultdict(list)
    for one in found.decks:
        kinds[one.kind, one.engine].append(one)
    rows = tuple(
        (
            f"{kind} ({engine})",
            str(len(of)),
            f"{sum(one.certain for one in of) / max(1, sum(one.lines for one in of)):.1%}",
            f"{sum(one.is_verified for one in of) / len(of):.0%}",
            str(sum(one.corrections > 0 for one in of)),
        )
        for (kind, engine), of in sorted(kinds.items())
    )
    return Table(("kind", "pictures", "certain", "verified", "changed"), rows)


def _histogram(shares: list[float]) -> str:
    """How many readings have which share of certain lines, in ten steps."""
    bins = [0] * _BINS
    for share in shares:
        bins[min(_BINS - 1, int(share * _BINS))] += 1
    most = max(bins)
    return "".join(" " if not count else _BARS[round((len(_BARS) - 1) * count / most)] for count in bins)
