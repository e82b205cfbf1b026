"""Blue and green: the idle one is rolled out and tested, then gets the traffic, which returns by itself if need be."""

from datetime import timedelta
from typing import Annotated

import aiohttp

from chatops.console import suggestion
from chatops.model import Answer, Confirmation, NotPossible, Plan, Risk, Table
from chatops.orchestrators.fleet import ORCHESTRATOR, Service
from chatops.parameters import VERSION, Duration, Text, Word
from chatops.queueing.selftesting import SAMPLE, compare, through_queue
from chatops.registry import action
from chatops.run import Run
from chatops.services import deploying, lifecycle
from chatops.services.deploying import colour_service, colours, image_of, images_of, live_colour, other
from chatops.services.watching import Watch, watch
from chatops.times import ago, span
from config.ops import Role
from storage import requests

GROUPS = {"deploy": "Versions of the product and where they run."}

_LOCK = "services"
_FRESH = timedelta(minutes=15)
"""A test that is older says nothing of what runs now."""
_PROBE_S = 5
_READING = timedelta(seconds=90)
_FIVE_MINUTES = timedelta(minutes=5)

Colour = Annotated[str, Word(("blue", "green"))]
Version = Annotated[str, VERSION]
Override = Annotated[str, Text(longest=200), "why the checklist need not be done; two persons"]
Length = Annotated[timedelta, Duration("1s", "30m"), "how long it is watched"]


@action(
    "deploy green",
    role=Role.OPERATOR,
    risk=Risk.DANGEROUS,
    confirm=Confirmation.PHRASE,
    needs=(ORCHESTRATOR,),
    timeout=timedelta(minutes=15),
    check="deploy status",
    lock=_LOCK,
)
async def green(run: Run, version: Version, override: Override = "") -> Answer:
    """Roll a version out where no traffic goes: to green, or to blue while green is live."""
    colour, service = await _idle(run)
    await deploying.check_gate(run.parts, version, override)
    return await _rolled(run, colour, service, image_of(run.parts, service.name, version))


async def _rolled(run: Run, colour: str, service: Service, image: str) -> Answer:
    if not (await service.status()).wanted:
        await service.start()
    seen = await deploying.roll_out(run, service, image)
    return Answer(
        f"{colour} is {image.rpartition(':')[2]}: {seen.ready} of {seen.wanted} ready, without traffic.",
        suggestions=(suggestion("deploy test", colour=colour), suggestion("deploy switch", colour=colour)),
        data={"colour": colour, "image": image},
    )


@green.plan
async def plan_green(run: Run, version: str, override: str = "") -> Plan:
    """Which colour, from what to what."""
    colour, service = await _idle(run)
    image = image_of(run.parts, service.name, version)
    gate, confirmation = await deploying.check_gate(run.parts, version, override)
    known = await deploying.check_tag(run.parts, image)
    now = ", ".join(images_of(await service.status())) or "nothing"
    text = f"{colour} ({service.name}, without traffic): from {now} to {image}. {known} {gate}"
    return Plan(text, (service.name, image), f"{colour} {version}", confirmation)


@green.resume
async def green_on(run: Run, version: str, override: str = "") -> Answer:
    """Rolling the same image out again changes nothing of what is there."""
    colour, service = await _idle(run)
    return await _rolled(run, colour, service, image_of(run.parts, service.name, version))


async def _idle(run: Run) -> tuple[str, Service]:
    """The colour without traffic."""
    colour = other(await live_colour(run.parts))
    return colour, colour_service(run.parts, colour)


@action("deploy test", role=Role.OPERATOR, risk=Risk.WRITE, needs=(ORCHESTRATOR,), timeout=timedelta(minutes=3))
async def try_(run: Run, colour: Colour = "green") -> Answer:
    """Look whether a colour is ready and healthy; deploy switch asks for that."""
    service = colour_service(run.parts, colour)
    seen = await service.status()
    rows = [("ready", f"{seen.ready} of {seen.wanted}", _sign(seen.is_ready))]
    rows += [("restarts", str(sum(one.restarts for one in seen.instances)), "✓")]
    rows += await _probed(service)
    rows += await _read_sample(run)
    passed = all(sign == "✓" for _, _, sign in rows)
    images = images_of(seen)
    await deploying.note_test(run, colour, ", ".join(images), passed)
    logs, switching = suggestion("logs tail", component=service.name), suggestion("deploy switch", colour=colour)
    return Answer(
        f"{colour} ({', '.join(images) or 'nothing'}) {'passes' if passed else 'does not pass'}.",
        ok=passed,
        table=Table(("what", "found", ""), tuple(rows)),
        suggestions=(switching if passed else logs,),
        data={"colour": colour, "passed": passed, "images": images},
    )


async def _probed(service: Service) -> list[tuple[str, str, str]]:
    """Its health address, and whether its parts are ready where it tells."""
    address = service.entry.health
    if address is None:
        return [("health", f"ops.yaml names no health address of {service.name}", "✗")]
    trouble = await lifecycle.unwell(service)
    found = [("health", trouble or "it answers", _sign(not trouble))]
    if address.endswith("/health"):
        found.append(await _readiness(f"{address}/ready"))
    return found


async def _read_sample(run: Run) -> list[tuple[str, str, str]]:
    """Whether the sample is read as it should be, by the workers that all colours share."""
    if not run.parts.has(SAMPLE):
        return []
    if not await run.parts.queue.workers():
        return [("reading", "no worker is running", "✗")]
    sample = run.parts.get(SAMPLE)
    queued = await through_queue(run.parts, sample, _READING)
    if queued.deck is None:
        return [("reading", "the sample gave no deck", "✗")]
    compared = compare(queued.deck, sample.golden)
    return [("reading", f"{compared.right} of {compared.of} cards", _sign(compared.passed))]


async def _readiness(address: str) -> tuple[str, str, str]:
    try:
        timeout = aiohttp.ClientTimeout(total=_PROBE_S)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(address) as response:
            lines = (await response.text())[:300].splitlines()
            return "parts", "all ready" if response.status == 200 else "; ".join(lines), _sign(response.status == 200)
    except (aiohttp.ClientError, TimeoutError):
        return "parts", "no answer", "✗"


def _sign(good: bool) -> str:
    return "✓" if good else "✗"


@action(
    "deploy switch",
    role=Role.ADMIN,
    risk=Risk.DANGEROUS,
    confirm=Confirmation.PHRASE,
    needs=(ORCHESTRATOR,),
    timeout=timedelta(minutes=35),
    check="deploy status",
    lock=_LOCK,
)
async def switch(run: Run, colour: Colour, watch_: Length = _FIVE_MINUTES) -> Answer:
    """Lead traffic to a colour, watch it, and lead it back if errors or delays become an alert."""
    live = await live_colour(run.parts)
    watched = await Watch.begin(run.parts, [colour_service(run.parts, colour)])
    await _lead(run, live, colour)
    return await _watched(run, watched, live, colour, watch_)


async def _lead(run: Run, before: str, colour: str) -> None:
    entry = colours(run.parts)
    await colour_service(run.parts, colour).lead(entry.route, entry.label, colour)
    await deploying.keep(run, "switch", entry.route, before, colour)
    await run.step(f"Traffic goes to {colour}.")


async def _watched(run: Run, watched: Watch, before: str, colour: str, length: timedelta) -> Answer:
    line, reason = await watch(run, watched, length)
    rows = (("before", before), ("now", before if reason else colour))
    table = Table(("traffic", "colour"), rows)
    if reason:
        await _lead(run, colour, before)
        return Answer(
            f"Rolled back: {reason}. Traffic goes to {before} again.",
            ok=False,
            table=table,
            suggestions=(suggestion("logs errors"), suggestion("diagnose site"), suggestion("incident open")),
            data={"colour": before, "reason": reason},
        )
    return Answer(
        f"Traffic goes to {colour}, and all is well after {span(length)}: {line}.",
        table=table,
        suggestions=(suggestion("deploy promote"), suggestion("deploy rollback")),
        data={"colour": colour, "reason": ""},
    )


@switch.plan
async def plan_switch(run: Run, colour: str, watch_: timedelta = _FIVE_MINUTES) -> Plan:
    """From which colour to which; refused without a fresh test of what runs there."""
    live, service = await live_colour(run.parts), colour_service(run.parts, colour)
    if live == colour:
        raise NotPossible(f"Traffic goes to {colour} already.", suggestion("deploy status"))
    seen, last = await service.status(), await deploying.tested(colour)
    images = ", ".join(images_of(seen))
    again = suggestion("deploy test", colour=colour)
    if last is None or not last[2] or last[1] != images:
        raise NotPossible(f"{colour} ({images or 'nothing'}) has not passed deploy test.", again)
    if run.now - last[0] > _FRESH:
        raise NotPossible(f"deploy test of {colour} was {ago(last[0], run.now)}; it must be of the last 15 min.", again)
    text = (
        f"Leads traffic from {live} to {colour} ({images}, {seen.ready} ready), watches it for {span(watch_)} and "
        "leads it back by itself when errors or delays become an alert."
    )
    return Plan(text, (live, colour, images), colour)


@switch.resume
async def switch_on(run: Run, colour: str, watch_: timedelta = _FIVE_MINUTES) -> Answer:
    """The rest of the time is watched by the process that came after."""
    record = await requests.request(run.request)
    rest = max(timedelta(seconds=1), watch_ - (run.now - (record.started_at or run.now)))
    watched = await Watch.begin(run.parts, [colour_service(run.parts, colour)])
    if await live_colour(run.parts) != colour:
        await _lead(run, other(colour), colour)
    return await _watched(run, watched, other(colour), colour, rest)


@action(
    "deploy promote",
    role=Role.OPERATOR,
    risk=Risk.DANGEROUS,
    confirm=Confirmation.PHRASE,
    needs=(ORCHESTRATOR,),
    timeout=timedelta(minutes=15),
    check="deploy status",
    lock=_LOCK,
)
async def promote(run: Run) -> Answer:
    """Bring the colour without traffic to the version of the live one."""
    colour, service = await _idle(run)
    return await _rolled(run, colour, service, await _live_image(run))


@promote.plan
async def plan_promote(run: Run) -> Plan:
    """From what to what; there is no older version to switch back to afterwards."""
    colour, service = await _idle(run)
    image, now = await _live_image(run), images_of(await service.status())
    if now == [image]:
        raise NotPossible(f"{colour} is {image} already.", suggestion("deploy status"))
    text = f"{colour} ({service.name}): from {', '.join(now) or 'nothing'} to {image}, as the live one."
    return Plan(f"{text} After that, deploy rollback can no longer switch back.", (service.name, image), colour)


@promote.resume
async def promote_on(run: Run) -> Answer:
    """As far as it is not there yet."""
    return await promote.function(run)


async def _live_image(run: Run) -> str:
    live = await live_colour(run.parts)
    images = images_of(await colour_service(run.parts, live).status())
    if len(images) != 1:
        raise NotPossible(f"{live} runs {', '.join(images) or 'nothing'}; it must be one version to be promoted.")
    return images[0]
