"""Deployments: images rolled out behind a checklist, watched and undone."""

from datetime import datetime, timedelta
from typing import Annotated

from chatops.console import suggestion
from chatops.model import Answer, BadArgument, Confirmation, NotPossible, Plan, Risk, Table
from chatops.orchestrators.fleet import ORCHESTRATOR, Service
from chatops.orchestrators.port import NotOffered, OrchestratorError, Revision
from chatops.parameters import VERSION, Duration, Name, Text
from chatops.parts import Parts
from chatops.registry import action
from chatops.run import Run
from chatops.services import deploying
from chatops.services.deploying import Entry, image_of, images_of, named, version_or_previous
from chatops.services.lifecycle import ALL, chosen, service_names
from chatops.services.watching import Watch, watch
from chatops.times import moment, span
from config.ops import Role

GROUPS = {"deploy": "Versions of the product and where they run."}

LOCK = "services"
_MOST = 10


async def _deployed(parts: Parts, typed: str) -> list[str]:
    return list(parts.policy.deploy.images)


ServiceName = Annotated[str, Name("a service with an image in ops.yaml", _deployed)]
Version = Annotated[str, VERSION]
Override = Annotated[str, Text(longest=200), "why the checklist need not be done; two persons"]


@action("deploy status", role=Role.VIEWER, needs=(ORCHESTRATOR,))
async def status(run: Run, service: Annotated[str, Name("a service, or all", service_names)] = ALL) -> Answer:
    """Tell which versions run, how far a rollout is, and where traffic goes."""
    rows: list[tuple[str, ...]] = []
    data: list[dict[str, object]] = []
    for one, seen in await run.parts.get(ORCHESTRATOR).statuses({s.name for s in _chosen(run, service)}):
        if isinstance(seen, OrchestratorError):
            rows.append((one.name, "–", str(seen)))
            data.append({"service": one.name, "error": str(seen)})
            continue
        images = [image.rpartition(":")[2] for image in images_of(seen)]
        progress = seen.progress or seen.state.value
        rows.append((one.name, ", ".join(images) or "–", f"{seen.ready} of {seen.wanted} ready, {progress}"))
        data.append({"service": one.name, "images": images_of(seen), "ready": seen.ready, "wanted": seen.wanted})
    traffic = await _traffic(run.parts)
    log = await deploying.log_of()
    last = "" if not log else f" The last change: {_entry(log[-1], run.now)}."
    table = Table(("service", "version", "how"), tuple(rows))
    return Answer(f"{traffic or 'What runs'}.{last}", table=table, suggestions=(suggestion("deploy watch"),), data=data)


async def _traffic(parts: Parts) -> str:
    if parts.policy.deploy.blue_green is None:
        return ""
    try:
        return f"Traffic goes to {await deploying.live_colour(parts)}"
    except OrchestratorError as error:
        return f"Where traffic goes is not known ({str(error).rstrip('.')})"


def _entry(one: Entry, now: datetime) -> str:
    verb = f"{one.service} became {one.after.rpartition(':')[2]}" if one.what == "image" else f"traffic to {one.after}"
    return f"{verb}, by {one.by}, {moment(datetime.fromisoformat(one.at))}"


@action("deploy history", role=Role.VIEWER, needs=(ORCHESTRATOR,))
async def history(run: Run, service: Annotated[str, Name("a service, or all", service_names)] = ALL) -> Answer:
    """List what was rolled out, when and by whom."""
    services = _chosen(run, service)
    rows: list[tuple[str, ...]] = []
    refused = ""
    for one in services:
        try:
            found = await one.history()
        except NotOffered as error:
            refused = str(error)
            continue
        rows += [(one.name, *_revision(each)) for each in found[:_MOST]]
    names = {one.name for one in services}
    log = [one for one in await deploying.log_of() if one.service in names or one.what == "switch"][-_MOST:]
    lines = tuple(_entry(one, run.now) for one in reversed(log))
    if not rows and not lines:
        return Answer(refused or "Nothing was rolled out yet.", data=[])
    table = Table(("service", "revision", "version", "when", "by"), tuple(rows)) if rows else None
    text = "What the back end knows of, the present one marked; below, what was done here." if rows else "Done here."
    return Answer(text, table=table, log=lines, suggestions=(suggestion("deploy rollback"),), data=rows)


def _revision(one: Revision) -> tuple[str, ...]:
    mark = " now" if one.is_current else ""
    when = "" if one.at is None else moment(one.at)
    return f"{one.number}{mark}", one.image.rpartition(":")[2], when, one.by


def _chosen(run: Run, name: str) -> list[Service]:
    return chosen(run.parts.get(ORCHESTRATOR), name)


@action(
    "deploy image",
    role=Role.ADMIN,
    risk=Risk.DANGEROUS,
    confirm=Confirmation.PHRASE,
    needs=(ORCHESTRATOR,),
    timeout=timedelta(minutes=15),
    check="deploy status",
    lock=LOCK,
)
async def image(run: Run, service: ServiceName, version: Version, override: Override = "") -> Answer:
    """Roll a version out; what does not become ready is undone."""
    one, wanted = named(run.parts, service), image_of(run.parts, service, version)
    await deploying.check_gate(run.parts, version, override)
    before = images_of(await one.status())
    after = await deploying.roll_out(run, one, wanted)
    return Answer(
        f"{one.name} is {version}: {after.ready} of {after.wanted} ready.",
        table=Table(("from", "to"), ((", ".join(before) or "–", wanted),)),
        suggestions=(suggestion("deploy watch"), suggestion("deploy rollback", service=one.name)),
        data={"service": one.name, "before": before, "now": wanted},
    )


@image.plan
async def plan_image(run: Run, service: str, version: str, override: str = "") -> Plan:
    """From which version to which, what the checklist says, and whether it exists."""
    one, wanted = named(run.parts, service), image_of(run.parts, service, version)
    one.check_offered("roll_out")
    seen = await one.status()
    if images_of(seen) == [wanted]:
        raise NotPossible(f"{one.name} is {version} already.", suggestion("deploy status"))
    gate, confirmation = await deploying.check_gate(run.parts, version, override)
    known = await deploying.check_tag(run.parts, wanted)
    text = (
        f"{one.name}: from {', '.join(images_of(seen)) or 'nothing'} to {wanted}, {len(seen.instances)} instances one "
        f"after the other; undone if not ready within {span(deploying.READY)}. {known} {gate}"
    )
    return Plan(text, (f"{one.name} {wanted}", *images_of(seen)), f"{one.name} {version}", confirmation)


@image.resume
async def image_on(run: Run, service: str, version: str, override: str = "") -> Answer:
    """The rollout goes on without us; how it ended is told."""
    one, wanted = named(run.parts, service), image_of(run.parts, service, version)
    seen = await one.until(lambda found: found.is_ready and images_of(found) == [wanted], deploying.READY)
    if seen.is_ready and images_of(seen) == [wanted]:
        await deploying.keep(run, "image", one.name, "", wanted)
        return Answer(f"I was replaced in the middle and am back: {one.name} is {version} and ready.")
    raise NotPossible(
        f"I was replaced in the middle, and {one.name} is not ready with {version}: {seen.progress or seen.state}.",
        suggestion("deploy status"),
        suggestion("deploy rollback", service=one.name),
    )


@action("deploy watch", role=Role.VIEWER, needs=(ORCHESTRATOR,), timeout=timedelta(minutes=31))
async def watch_(run: Run, for_: Annotated[timedelta, Duration("1s", "30m")] = timedelta(minutes=5)) -> Answer:
    """Watch errors, delay and restarts for a time, in one message."""
    line, reason = await watch(run, await Watch.begin(run.parts, _watched(run.parts)), for_)
    if reason:
        return Answer(
            f"Not well: {reason}. {line}.",
            ok=False,
            suggestions=(suggestion("deploy rollback"), suggestion("logs errors")),
            data={"reason": reason},
        )
    return Answer(f"All is well after {span(for_)}: {line}.", data={"reason": ""})


def _watched(parts: Parts) -> list[Service]:
    """Services that are rolled out, or all that are not stores."""
    services = parts.get(ORCHESTRATOR).all()
    rolled = [one for one in services if one.name in parts.policy.deploy.images]
    return rolled or [one for one in services if not one.entry.kind.is_store]


@action(
    "deploy rollback",
    role=Role.OPERATOR,
    risk=Risk.DANGEROUS,
    confirm=Confirmation.BUTTON,
    needs=(ORCHESTRATOR,),
    timeout=timedelta(minutes=10),
    check="deploy status",
    lock=LOCK,
)
async def rollback(
    run: Run,
    to: Annotated[str, Name("previous, or a version such as v2.0.0")] = "previous",
    service: Annotated[str, Name("a service; the one that was changed last where left out", _deployed)] = "",
) -> Answer:
    """Return to what ran before: traffic to the other colour, or the version before."""
    if await _is_switch(run.parts, to, service):
        return await _switch_back(run)
    one = await _rolled_last(run.parts, service)
    target = version_or_previous(to, await one.history())
    before = images_of(await one.status())
    await one.roll_back(target, run.human)
    await run.step(f"{one.name} returns to {target.image}.")
    seen = await one.until(lambda found: found.is_ready and images_of(found) == [target.image], deploying.READY)
    await deploying.keep(run, "image", one.name, ", ".join(before), target.image)
    if not seen.is_ready:
        raise NotPossible(f"{one.name} is not ready with {target.image} ({seen.progress or seen.state}).")
    return Answer(
        f"{one.name} is {target.image.rpartition(':')[2]} again, {seen.ready} of {seen.wanted} ready.",
        suggestions=(suggestion("health check"), suggestion("deploy watch")),
        data={"service": one.name, "now": target.image},
    )


async def _switch_back(run: Run) -> Answer:
    live = await deploying.live_colour(run.parts)
    colour = deploying.other(live)
    entry, service = deploying.colours(run.parts), deploying.colour_service(run.parts, colour)
    await service.lead(entry.route, entry.label, colour)
    await deploying.keep(run, "switch", entry.route, live, colour)
    seen = await service.status()
    return Answer(
        f"Traffic goes to {colour} again: {seen.ready} of {seen.wanted} ready.",
        ok=seen.is_ready,
        suggestions=(suggestion("health check"), suggestion("deploy watch")),
        data={"colour": colour},
    )


@rollback.plan
async def plan_rollback(run: Run, to: str = "previous", service: str = "") -> Plan:
    """What it returns to, and whether a migration in between forbids it."""
    log = await deploying.log_of()
    unsafe = await deploying.migrated_since(run.parts, log[-1] if log else None)
    confirmation = Confirmation.PHRASE if unsafe else None
    if await _is_switch(run.parts, to, service):
        live = await deploying.live_colour(run.parts)
        colour = deploying.other(live)
        seen = await deploying.colour_service(run.parts, colour).status()
        if not seen.ready:
            raise NotPossible(f"Nothing of {colour} is ready, so that traffic stays with {live}.")
        return Plan(
            f"Leads traffic from {live} to {colour} ({seen.ready} ready).{unsafe}", (colour,), colour, confirmation
        )
    one = await _rolled_last(run.parts, service)
    one.check_offered("roll_out")
    target = version_or_previous(to, await one.history())
    now = ", ".join(images_of(await one.status())) or "nothing"
    return Plan(f"{one.name}: from {now} to {target.image}.{unsafe}", (target.image,), one.name, confirmation)


@rollback.resume
async def rollback_on(run: Run, to: str = "previous", service: str = "") -> Answer:
    """What was begun is not begun again: it would return to what it came from."""
    return await status.function(run)


async def _is_switch(parts: Parts, to: str, service: str) -> bool:
    """Whether the last change was one of traffic, which is undone by traffic."""
    if parts.policy.deploy.blue_green is None or service or to != "previous":
        return False
    log = await deploying.log_of()
    return not log or log[-1].what == "switch"


async def _rolled_last(parts: Parts, name: str) -> Service:
    """Raises BadArgument."""
    if name:
        return named(parts, name)
    if parts.policy.deploy.blue_green is not None:
        return deploying.colour_service(parts, await deploying.live_colour(parts))
    for one in reversed(await deploying.log_of()):
        if one.what == "image":
            return named(parts, one.service)
    images = list(parts.policy.deploy.images)
    if len(images) == 1:
        return named(parts, images[0])
    raise BadArgument(f"deploy rollback needs service: one of {', '.join(images) or 'deploy.images in ops.yaml'}.")
