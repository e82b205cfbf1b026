"""Investigations: read actions of a section of the runbook, run at once, with a verdict and what to do next.

A pack doubles nothing: its steps are actions of the console, and what they find is judged here.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from chatops.actions import registry
from chatops.model import Answer, File, NotConfigured, OpsError, Risk, Suggestion, Table
from chatops.registry import Action
from chatops.run import Run
from chatops.times import counted
from storage.errors import StorageError

log = logging.getLogger(__name__)

STEP = timedelta(seconds=20)
"""What one step may take, if it does not say otherwise."""
_MOST_BUTTONS = 8

Judge = Callable[[Answer], str]
"""What is wrong according to an answer, in a sentence; empty where nothing is."""


def by_ok(answer: Answer) -> str:
    """What says itself that it is not well."""
    return "" if answer.ok else _sentence(answer.text)


def any_found(answer: Answer) -> str:
    """What lists troubles: one is enough."""
    return _sentence(answer.text) if answer.data or not answer.ok else ""


def not_normal(answer: Answer) -> str:
    """Figures with their states."""
    odd = [one for one in answer.data or () if one["state"] in ("elevated", "alert")]
    return ", ".join(f"{one['name']} {one['state']}" for one in odd)


def queue_state(answer: Answer) -> str:
    """Of ``queue inspect``: too many jobs, nobody who works, or jobs that were left behind."""
    told: Mapping[str, Any] = answer.data or {}
    if told.get("paused_until"):
        return "workers are paused"
    if not told.get("workers"):
        return "no worker is alive"
    if told.get("jobs", {}).get("orphaned"):
        return f"{told['jobs']['orphaned']} jobs were left behind by workers that are gone"
    if told.get("waiting") and not told.get("out_per_minute"):
        return "jobs wait and none goes out"
    return f"the queue is {told['state']}" if told.get("state", "normal") != "normal" else ""


def given_up(answer: Answer) -> str:
    """Of ``queue dead``."""
    return _sentence(answer.text) if (answer.data or {}).get("count") or not answer.ok else ""


def in_force(answer: Answer) -> str:
    """Of ``maintenance status``: what is on on purpose explains much."""
    return _sentence(answer.text) if (answer.data or {}).get("on") or not answer.ok else ""


def port_held(answer: Answer) -> str:
    """Of ``service port-owner``: somebody else holds it, or nobody does."""
    return by_ok(answer) or (f"{_sentence(answer.text)}: nobody listens" if answer.data == [] else "")


def stats_state(answer: Answer) -> str:
    """Of ``host stats``, whose text says what is not normal."""
    return "" if "all is normal" in answer.text or not answer.text else _sentence(answer.text)


@dataclass(frozen=True, slots=True)
class Step:
    """One question. ``why`` is what it is about, as the table of evidence says it."""

    why: str
    action: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    judge: Judge = by_ok
    within: timedelta = STEP


@dataclass(frozen=True, slots=True)
class Pack:
    """An investigation: steps in the order in which they explain each other, causes first; what usually helps."""

    name: str
    about: str
    steps: tuple[Step, ...]
    remedies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of a step; ``trouble`` is empty where nothing is wrong, ``unknown`` says why nothing is known."""

    step: Step
    answer: Answer | None
    trouble: str = ""
    unknown: str = ""
    seconds: float = 0.0

    @property
    def state(self) -> str:
        """In one word."""
        return "?" if self.answer is None else "TROUBLE" if self.trouble else "ok"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What an investigation found."""

    pack: Pack
    findings: tuple[Finding, ...]

    @property
    def troubles(self) -> tuple[Finding, ...]:
        """Steps that found something, likely causes first."""
        return tuple(one for one in self.findings if one.trouble)

    @property
    def verdict(self) -> str:
        """In a sentence or two."""
        asked = [one for one in self.findings if one.answer is not None]
        unknown = len(self.findings) - len(asked)
        missing = f" {unknown} could not be asked." if unknown else ""
        if not self.troubles:
            return f"Nothing wrong is found in {counted(len(asked), 'check')} of {self.pack.about}.{missing}"
        first, *others = self.troubles
        more = f" Also: {'; '.join(f'{one.step.why}: {one.trouble}' for one in others)}." if others else ""
        return f"Likely {first.step.why}: {first.trouble}.{more}{missing}"


async def investigate(run: Run, pack: Pack) -> Diagnosis:
    """Ask all steps at once, each for as long as it may take. What the caller may not ask is not asked."""
    for_steps = replace(run, tell=_nobody, plan=None)
    findings = await asyncio.gather(*(_taken(for_steps, step) for step in pack.steps))
    return Diagnosis(pack, tuple(findings))


def answer_of(diagnosis: Diagnosis) -> Answer:
    """Verdict, evidence, and actions that may come next."""
    rows = tuple((one.step.why, one.state, one.trouble or one.unknown or _found(one)) for one in diagnosis.findings)
    pictures = tuple(
        file
        for one in diagnosis.findings
        if one.answer is not None
        for file in one.answer.files
        if file.media_type.startswith("image/")
    )
    evidence = File(f"diagnosis-{diagnosis.pack.name}.txt", _written(diagnosis).encode())
    return Answer(
        diagnosis.verdict,
        ok=not diagnosis.troubles,
        table=Table(("check", "state", "finding"), rows),
        files=(evidence, *pictures[:2]),
        suggestions=_next(diagnosis),
        data={
            "verdict": diagnosis.verdict,
            "findings": [
                {
                    "check": one.step.action,
                    "state": one.state,
                    "trouble": one.trouble,
                    "unknown": one.unknown,
                    "seconds": round(one.seconds, 2),
                    "data": None if one.answer is None else one.answer.data,
                }
                for one in diagnosis.findings
            ],
        },
    )


async def _taken(run: Run, step: Step) -> Finding:
    began = time.monotonic()
    answer, unknown = await _asked(run, step)
    took = time.monotonic() - began
    if answer is None:
        return Finding(step, None, unknown=unknown, seconds=took)
    return Finding(step, answer, step.judge(answer), seconds=took)


async def _asked(run: Run, step: Step) -> tuple[Answer | None, str]:
    """The answer, or why there is none; that something does not work is an answer too."""
    try:
        action = registry().named(step.action)
        if why_not := _refused(run, action):
            return None, why_not
        async with asyncio.timeout(step.within.total_seconds()):
            return await action.function(run, **action.read(step.arguments)), ""
    except NotConfigured as error:
        return None, f"not configured: {error}"
    except (OpsError, StorageError) as error:
        return Answer(str(error), ok=False), ""
    except TimeoutError:
        return Answer(f"no answer within {step.within.total_seconds():.0f} s", ok=False), ""
    except Exception:
        log.exception("fault in %s, a step of an investigation", step.action)
        return None, "a fault of the console, which its log tells"


def _refused(run: Run, action: Action) -> str:
    if action.risk is not Risk.READ:
        return f"{action.name} changes something and belongs to no investigation"
    if action.role is None or not run.role.includes(action.role):
        return f"needs the role {action.role.value if action.role else 'of nobody'}"
    missing = action.missing(run.parts)
    return f"not configured: {missing}" if missing else ""


async def _nobody(_: str) -> None:
    """Steps tell no progress: their answers are told together."""


def _next(diagnosis: Diagnosis) -> tuple[Suggestion, ...]:
    """What the steps that found something suggest, then what usually helps where something is wrong."""
    found = [one for each in diagnosis.troubles if each.answer is not None for one in each.answer.suggestions]
    if diagnosis.troubles:
        found += [Suggestion(one, one) for one in diagnosis.pack.remedies if _needs_nothing(one)]
    own = f"diagnose {diagnosis.pack.name}"
    once = {(one.action, tuple(one.arguments.items())): one for one in reversed(found) if one.action != own}
    return tuple(reversed(once.values()))[:_MOST_BUTTONS]


def _needs_nothing(name: str) -> bool:
    """Whether an action can be a button as it is; others are suggested by steps that know with what."""
    one = registry().actions.get(name)
    return one is not None and not any(parameter.is_required for parameter in one.parameters)


def _found(one: Finding) -> str:
    return "" if one.answer is None else _sentence(one.answer.text)


def _sentence(text: str) -> str:
    """The first of several, short enough for a table, without its full stop."""
    first = text.strip().splitlines()[0] if text.strip() else ""
    first = first.split(". ")[0].rstrip(".")
    return first if len(first) <= 160 else f"{first[:159]}…"


def _written(diagnosis: Diagnosis) -> str:
    """All that was found, for a file."""
    lines = [diagnosis.verdict, ""]
    for one in diagnosis.findings:
        lines += [f"== {one.step.why} ({one.step.action}, {one.seconds:.1f} s): {one.state}"]
        if one.answer is None:
            lines += [one.unknown, ""]
            continue
        lines.append(one.answer.text)
        if one.answer.table is not None:
            lines += [" | ".join(one.answer.table.columns), *(" | ".join(row) for row in one.answer.table.rows)]
        lines += [*one.answer.log, ""]
    return "\n".join(lines)
