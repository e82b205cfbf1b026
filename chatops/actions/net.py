"""The network: whether what the product depends on can be reached."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from chatops.model import Answer, BadArgument, Table
from chatops.observing.probing import Probe, probe_all, targets
from chatops.parameters import Name, one_of
from chatops.parts import Parts
from chatops.registry import action
from chatops.run import Run
from config.ops import Role

GROUPS = {"net": "Connections to what the product depends on."}

_ALL = "all"


async def _names(parts: Parts, typed: str) -> Sequence[str]:
    return [_ALL, *targets(parts)]


@action("net probe", role=Role.RESPONDER, timeout=timedelta(seconds=20))
async def probe(
    run: Run, target: Annotated[str, Name("the name of a configured address, or all", _names)] = _ALL
) -> Answer:
    """Time the steps to a configured address: name, connection, TLS, first byte."""
    configured = targets(run.parts)
    try:
        name = one_of(target, [_ALL, *configured])
    except BadArgument as error:
        raise BadArgument(f"target: {error}; only configured addresses can be probed.") from None
    found = await probe_all(configured if name == _ALL else {name: configured[name]})
    if not found:
        return Answer("No address is configured that could be probed.", ok=False)
    bad = [one for one in found if not one.is_ok]
    text = "All answer." if not bad else " ".join(f"{one.target}: {problem_of(one)}." for one in bad)
    rows = tuple((one.target, f"{one.total_ms:.0f} ms", steps_of(one) or problem_of(one)) for one in found)
    data = [
        {
            "target": one.target,
            "host": one.host,
            "ok": one.is_ok,
            "ms": one.steps,
            "status": one.status,
            "problem": one.problem,
        }
        for one in found
    ]
    return Answer(text, ok=not bad, table=Table(("target", "time", "steps"), rows), data=data)


def problem_of(one: Probe) -> str:
    """What is wrong."""
    return one.problem or f"answered {one.status}"


def steps_of(one: Probe) -> str:
    """``DNS 1, TCP 2, first byte 8 ms: 200``"""
    steps = ", ".join(f"{name} {length:.0f}" for name, length in one.steps.items())
    outcome = one.problem or (str(one.status) if one.status else "open")
    return f"{steps} ms: {outcome}" if steps else ""
