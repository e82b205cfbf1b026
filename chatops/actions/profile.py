"""Where a running process spends its time and memory, as files to look at."""

import base64
from datetime import timedelta
from typing import Annotated

from chatops.model import Answer, Confirmation, File, NotPossible, Plan, Risk
from chatops.parameters import Integer
from chatops.registry import action
from chatops.run import Run
from chatops.security.processes import Service, asked, one_of_them
from config.inspection.sampling import dump
from config.ops import Role

GROUPS = {"profile": "Where running processes spend time and memory."}

_SLACK_S = 45.0
_TOP = 200


@action(
    "profile cpu",
    role=Role.OPERATOR,
    risk=Risk.WRITE,
    confirm=Confirmation.BUTTON,
    timeout=timedelta(minutes=2),
    check="debug inspect",
)
async def cpu(run: Run, service: Service = "worker", seconds: Annotated[int, Integer(1, 60)] = 15) -> Answer:
    """Draw where one process spends its time: a flame graph by py-spy, or a file for speedscope.app."""
    process = await one_of_them(run.parts, service)
    await run.step(f"{process.name} is watched for {seconds} s.")
    # Twice: what the process sees of itself begins when py-spy has failed.
    [(_, found, problem)] = await asked(run.parts, [process], "cpu", {"seconds": seconds}, 2 * seconds + _SLACK_S)
    if problem:
        raise NotPossible(problem)
    name = f"cpu-{process.kind}-{run.now:%Y%m%dT%H%M%SZ}"
    if "svg" in found:
        file = File(f"{name}.svg", base64.b64decode(found["svg"]), "image/svg+xml")
        text = f"{process.name} and its children for {seconds} s, by py-spy. The picture opens in any browser."
    else:
        file = File(f"{name}.speedscope.json", dump(found["document"]), "application/json")
        text = f"{process.name} for {seconds} s, as it saw itself: {found['why']}. The file opens in speedscope.app."
    data = {"process": process.name, "by": "py-spy" if "svg" in found else "itself", "bytes": len(file.data)}
    return Answer(text, files=(file,), data=data)


@cpu.plan
async def plan_cpu(run: Run, service: str = "worker", seconds: int = 15) -> Plan:
    """Which process."""
    process = await one_of_them(run.parts, service)
    return Plan(f"{process.name} is watched for {seconds} s, and goes on working.", (process.name,), process.name)


@action(
    "profile memory",
    role=Role.OPERATOR,
    risk=Risk.WRITE,
    confirm=Confirmation.BUTTON,
    timeout=timedelta(minutes=3),
    check="debug inspect",
)
async def memory(run: Run, service: Service = "worker", seconds: Annotated[int, Integer(1, 120)] = 30) -> Answer:
    """Draw what one process allocates for a while, by the calls that lead there."""
    process = await one_of_them(run.parts, service)
    await run.step(f"{process.name} is traced for {seconds} s.")
    arguments = {"seconds": seconds, "top": _TOP}
    [(_, found, problem)] = await asked(run.parts, [process], "memory", arguments, seconds + _SLACK_S)
    if problem:
        raise NotPossible(problem)
    file = File(
        f"memory-{process.kind}-{run.now:%Y%m%dT%H%M%SZ}.speedscope.json", dump(found["document"]), "application/json"
    )
    held = found["traced_bytes"] / 1e6
    text = f"{process.name} holds {held:.1f} MB of what it allocated in {seconds} s. The file opens in speedscope.app."
    return Answer(text, files=(file,), data={"process": process.name, "traced_bytes": found["traced_bytes"]})


@memory.plan
async def plan_memory(run: Run, service: str = "worker", seconds: int = 30) -> Plan:
    """Which process, and what it costs."""
    process = await one_of_them(run.parts, service)
    summary = f"{process.name} is traced for {seconds} s, and may take up to three times as long for everything."
    return Plan(summary, (process.name,), process.name)
