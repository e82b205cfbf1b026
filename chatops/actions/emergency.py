"""The emergency stop: its least harmful form first, and undone in order."""

from datetime import timedelta
from typing import Annotated, Any

from chatops.console import suggestion
from chatops.model import Answer, Confirmation, NotPossible, Plan, Risk
from chatops.orchestrators.fleet import ORCHESTRATOR, Service
from chatops.parameters import Word
from chatops.queueing import maintaining
from chatops.registry import action
from chatops.run import Run
from chatops.security.evidence_first import evidence_first
from chatops.services import lifecycle
from chatops.services.lifecycle import holds_us
from chatops.times import counted, moment
from config.ops import Role
from config.ops_services import Kind
from storage import incidents, maintenance, values
from storage.maintenance import Mode

GROUPS = {"service": "The services of this deployment and what runs them."}

INTAKE, WORKERS, EVERYTHING = "intake", "workers", "all"
_KEY = "emergency-stop"
_LOCK = "services"
_REASON = "Emergency stop"

Scope = Annotated[str, Word((INTAKE, WORKERS, EVERYTHING)), "all leaves Redis, the database and me"]


@action(
    "service emergency-stop",
    role=Role.ADMIN,
    risk=Risk.DANGEROUS,
    confirm=Confirmation.PHRASE,
    timeout=timedelta(minutes=15),
    check="service status",
    lock=_LOCK,
)
async def stop(run: Run, scope: Scope = INTAKE) -> Answer:
    """Refuse new pictures and lists at once, then stop workers or all; nothing in the queue is lost."""
    wish = maintaining.Wish(Mode.HARD, _REASON, maintaining.LONGEST, run.human)
    begun = await maintaining.begin(run.parts, wish)
    await run.step("New pictures wait, lists are not handed out.")
    services = await _of_scope(run, scope)
    names = [one.name for one in services]
    await values.set_value(_KEY, {"scope": scope, "services": names, "by": run.human}, by=run.human, now=run.now)
    survivors = await lifecycle.stop_in_order(run, services)
    down = f"Stopped: {', '.join(names)}. " if names else ""
    left = f"Still there: {', '.join(survivors)}. " if survivors else ""
    return Answer(
        f"Intake is closed until {moment(begun.record.until)}. {down}{left}Undo it with service resume.",
        ok=not survivors,
        suggestions=(suggestion("service resume"), suggestion("service status")),
        data={"scope": scope, "stopped": names, "survivors": survivors},
    )


@stop.plan
async def plan_stop(run: Run, scope: str = INTAKE) -> Plan:
    """What is down afterwards, and who must agree."""
    services = await _of_scope(run, scope)
    lines = ["Refuses new pictures and lists (hard maintenance)."]
    if services:
        lines.append(f"Then stops {', '.join(one.name for one in reversed(services))}; workers finish their picture.")
    if scope == EVERYTHING:
        lines.append("Redis, the database and what answers you stay up, so that no job is lost.")
    lines.append("service resume undoes it." + await evidence_first(run.now))
    alone = await _alone(run)
    if alone:
        lines.append(alone)
    confirmation = None if alone else Confirmation.TWO_PERSONS
    return Plan(" ".join(lines), tuple(one.name for one in services), scope, confirmation)


@stop.resume
async def stop_on(run: Run, scope: str = INTAKE) -> Answer:
    """What is stopped already stays so, the rest is stopped now."""
    return await stop.function(run, scope)


async def _alone(run: Run) -> str:
    """Why one person is enough, empty where a second one is needed."""
    admins = list(run.parts.policy.admins())
    severe = [one for one in await incidents.unresolved() if one.severity == "P0"]
    if len(admins) <= 1 and severe:
        return f"One person is enough: {severe[0].name} is P0 and there is no second admin. The trail says so."
    return ""


async def _of_scope(run: Run, scope: str) -> list[Service]:
    """Those to be stopped, in the order of their start; raises NotConfigured."""
    if scope == INTAKE:
        return []
    services = run.parts.get(ORCHESTRATOR).all()
    if scope == WORKERS:
        return [one for one in services if one.entry.kind is Kind.WORKER]
    return [one for one in services if not one.entry.kind.is_store and not holds_us(await one.status())]


@action(
    "service resume",
    role=Role.OPERATOR,
    risk=Risk.WRITE,
    confirm=Confirmation.BUTTON,
    timeout=timedelta(minutes=10),
    check="service status",
    lock=_LOCK,
)
async def resume(run: Run) -> Answer:
    """Undo an emergency stop in order: services first, then intake."""
    stopped = await _stopped()
    done = await lifecycle.start_in_order(run, _named(run, stopped)) if stopped["services"] else []
    await values.remove_value(_KEY)
    ended = await maintaining.end(run.parts)
    waited = "" if ended is None else maintaining.deferred_text(ended.deferred)
    started = f"{counted(len(done), 'service')} ready. " if done else ""
    return Answer(
        f"{started}Intake is open. {waited}".strip(),
        suggestions=(suggestion("health check"), suggestion("service status")),
        data={"started": [name for name, _ in done]},
    )


@resume.plan
async def plan_resume(run: Run) -> Plan:
    """In which order it comes back."""
    stopped = await _stopped()
    names = [one.name for one in _named(run, stopped)] if stopped["services"] else []
    first = f"Starts {', then '.join(names)}, then opens" if names else "Opens"
    return Plan(f"{first} intake: what waits is read.", tuple(names))


@resume.resume
async def resume_on(run: Run) -> Answer:
    """What runs by now is not started again."""
    return await resume.function(run)


async def _stopped() -> dict[str, Any]:
    """What the emergency stop did; raises NotPossible where there was none."""
    found: dict[str, Any] | None = await values.value(_KEY)
    if found is None:
        record = await maintenance.stored()
        offers = [] if record is None else [suggestion("maintenance off")]
        raise NotPossible("Nothing was stopped by service emergency-stop.", *offers)
    return found


def _named(run: Run, stopped: dict[str, Any]) -> list[Service]:
    return [one for one in run.parts.get(ORCHESTRATOR).all() if one.name in stopped["services"]]
