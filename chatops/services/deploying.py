"""Versions that are rolled out: what may be, what was, and how it is undone."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from chatops.checking import checklists
from chatops.console import suggestion
from chatops.model import BadArgument, Confirmation, NotConfigured, NotPossible
from chatops.orchestrators.fleet import ORCHESTRATOR, Service
from chatops.orchestrators.port import Revision, Status
from chatops.parameters import one_of
from chatops.parts import Parts
from chatops.run import Run
from chatops.times import span
from config.ops_deploy import BlueGreenEntry
from storage import schema, values
from storage.errors import StorageError

READY = timedelta(minutes=5)
"""What a rollout may take before it is undone."""
_LOG = "deploy.log"
_TESTED = "deploy.tested."
_KEPT = 50
_REGISTRY_S = 5
_MANIFESTS = (
    "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One change: ``what`` is ``image`` or ``switch``; ``schema`` the newest migration of the database then."""

    at: str
    by: str
    what: str
    service: str
    before: str
    after: str
    schema: str = ""


def image_of(parts: Parts, service: str, version: str) -> str:
    """The image of a version; raises NotConfigured."""
    repository = parts.policy.deploy.images.get(service)
    if repository is None:
        known = ", ".join(parts.policy.deploy.images) or "none"
        raise NotConfigured(f"deploy.images in ops.yaml names no image of {service}; it names those of: {known}.")
    return f"{repository}:{version}"


def named(parts: Parts, name: str) -> Service:
    """A declared service; raises BadArgument."""
    try:
        return parts.get(ORCHESTRATOR).service(name)
    except BadArgument as error:
        raise BadArgument(f"service: {error}") from None


def colours(parts: Parts) -> BlueGreenEntry:
    """Raises NotConfigured."""
    if parts.policy.deploy.blue_green is None:
        raise NotConfigured("This deployment has no blue and green: deploy.blue_green in ops.yaml names them.")
    return parts.policy.deploy.blue_green


def colour_service(parts: Parts, colour: str) -> Service:
    """The service of a colour; raises NotConfigured, BadArgument."""
    return named(parts, colours(parts).service(colour))


async def live_colour(parts: Parts) -> str:
    """Where traffic goes; raises OrchestratorError."""
    entry = colours(parts)
    return await colour_service(parts, "blue").traffic(entry.route, entry.label)


def other(colour: str) -> str:
    """Blue for green and green for blue."""
    return "blue" if colour == "green" else "green"


async def check_gate(parts: Parts, version: str, override: str) -> tuple[str, Confirmation | None]:
    """What the checklist says, and who must agree; raises NotPossible while a mandatory item is open.

    ``override`` is a reason to begin all the same, which needs two persons.
    """
    open_ = await checklists.open_mandatory(parts, checklists.DEPLOY, version)
    if not open_:
        return "The checklist is done.", None
    if override:
        return f"Not done: {'; '.join(open_)}. Begun all the same: {override}.", Confirmation.TWO_PERSONS
    raise NotPossible(
        f"Before {version} is deployed: {'; '.join(open_)}. Tick them, or give a reason as override, for which two "
        "persons are needed.",
        suggestion("checklist deploy", of=version),
    )


async def check_tag(parts: Parts, image: str) -> str:
    """Whether the registry has it, in words; raises NotPossible where it has not."""
    registry = parts.policy.deploy.registry
    if registry is None:
        return "Whether it exists is seen when it is pulled."
    repository, _, tag = image.rpartition(":")
    first, _, rest = repository.partition("/")
    path = rest if rest and ("." in first or ":" in first) else repository
    address = f"{registry.rstrip('/')}/v2/{path}/manifests/{tag}"
    try:
        timeout = aiohttp.ClientTimeout(total=_REGISTRY_S)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.head(address, headers={"Accept": _MANIFESTS}) as response,
        ):
            found = response.status
    except (aiohttp.ClientError, TimeoutError) as error:
        raise NotPossible(f"The registry does not answer, so that nobody knows whether there is {image}.") from error
    if found == 404:
        raise NotPossible(f"The registry has no {image}.")
    if found >= 400:
        raise NotPossible(f"The registry answers {found} to the question whether there is {image}.")
    return "The registry has it."


def images_of(status: Status) -> list[str]:
    """What its instances are of."""
    return sorted({one.image for one in status.instances if one.image})


async def roll_out(run: Run, service: Service, image: str) -> Status:
    """Roll an image out and wait until it is ready; undone where it does not become so, which raises NotPossible."""
    before = await service.history()
    current = next((one for one in before if one.is_current), None)
    await service.roll_out(image, run.human)
    await run.step(f"{service.name} is being replaced by {image}.")
    status = await service.until(lambda seen: seen.is_ready and images_of(seen) == [image], READY)
    if status.is_ready and images_of(status) == [image]:
        await keep(run, "image", service.name, current.image if current else "", image)
        return status
    why = "; ".join(f"{one.name} {one.state}, {one.detail}" for one in status.instances if one.detail)
    back = await _undone(run, service, current)
    raise NotPossible(
        f"{service.name} did not become ready with {image} within {span(READY)} ({why or status.progress}). {back}",
        suggestion("deploy status", service=service.name),
        suggestion("logs tail", component=service.name),
    )


async def _undone(run: Run, service: Service, current: Revision | None) -> str:
    if current is None:
        return "There is nothing to return to."
    await service.roll_back(current, run.human)
    status = await service.until(lambda seen: seen.is_ready, READY)
    return f"It is {current.image} again{'' if status.is_ready else ', and not ready yet'}."


async def keep(run: Run, what: str, service: str, before: str, after: str) -> None:
    """Note what was done, for ``deploy history`` and ``deploy rollback``."""
    entry = Entry(run.now.isoformat(), run.human, what, service, before, after, await newest_migration(run.parts))
    kept = [asdict(one) for one in await log_of()][-_KEPT + 1 :]
    await values.set_value(_LOG, [*kept, asdict(entry)], by=run.human, now=run.now)


async def log_of() -> list[Entry]:
    """What was done, oldest first."""
    return [Entry(**one) for one in await values.value(_LOG) or []]


async def newest_migration(parts: Parts) -> str:
    """Of the database, empty where it does not answer."""
    try:
        applied: Sequence[str] = (await schema.status(parts.database_url)).applied
    except StorageError:
        return ""
    return applied[-1] if applied else ""


async def migrated_since(parts: Parts, last: Entry | None) -> str:
    """A warning where the database is newer than what a rollback returns to."""
    now = await newest_migration(parts)
    if last is None or not last.schema or not now or now == last.schema:
        return ""
    return (
        f" Unsafe: the database was migrated from {last.schema} to {now} since then, and an older release refuses a "
        "newer database. Restore its backup first."
    )


async def note_test(run: Run, colour: str, image: str, passed: bool) -> None:
    """Keep how a colour was tested."""
    found = {"at": run.now.isoformat(), "image": image, "passed": passed}
    await values.set_value(_TESTED + colour, found, by=run.human, now=run.now)


async def tested(colour: str) -> tuple[datetime, str, bool] | None:
    """When a colour was tested last, with which image, and whether it passed."""
    found: dict[str, Any] | None = await values.value(_TESTED + colour)
    return None if found is None else (datetime.fromisoformat(found["at"]), found["image"], found["passed"])


def version_or_previous(text: str, history: Sequence[Revision]) -> Revision:
    """What a rollback returns to; raises BadArgument."""
    past = [one for one in history if not one.is_current]
    if not past:
        raise NotPossible("There is nothing to return to: only one version is known.")
    if text == "previous":
        return past[0]
    versions = {one.image.rpartition(":")[2]: one for one in reversed(past)}
    try:
        return versions[one_of(text, list(versions))]
    except BadArgument as error:
        raise BadArgument(f"to: {error}") from None
