"""Who is on call as this deployment knows it: from ``ops.yaml`` and the database, or from a copy while that is away."""

import json
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from chatops.model import BadArgument
from chatops.on_call.rotation import Absence, Duty, Override, Rota, Shift
from chatops.parts import Parts
from config.ops import PersonEntry, Policy
from config.ops_oncall import Target
from storage import oncall
from storage.errors import DatabaseUnreachable
from storage.oncall import ExceptionRecord, Kind

log = logging.getLogger(__name__)

COPY = "oncall.json"
"""In the data folder; rotations and contacts are in ``ops.yaml``, which every process has read."""
PRIMARY = "oncall:primary"
"""The value that holds who was told last that they are on call."""
_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Known:
    """A rota; ``as_of`` is the time of the copy that it comes from, None where the database answered."""

    policy: Policy
    rota: Rota
    as_of: datetime | None = None

    def shift(self, duty: Duty, at: datetime) -> Shift:
        """Who has a duty."""
        return self.rota.who(duty, at)

    def humans(self, target: Target, at: datetime) -> list[str]:
        """Whom a page to ``target`` calls."""
        if target in ("primary", "secondary"):
            human = self.rota.who(target, at).human
            return [] if human is None else [human]
        contact = self.policy.on_call.contacts.get(target)
        return [] if contact is None else list(contact.people)

    def admins(self) -> list[str]:
        """All admins of ``ops.yaml``."""
        return [one.name for one in self.policy.admins()]


async def known(parts: Parts) -> Known:
    """What is known now; the copy is brought up to date with it."""
    now = parts.clock()
    path = parts.settings.data_dir / COPY
    try:
        found = await oncall.exceptions(now - _KEPT)
    except DatabaseUnreachable:
        as_of, copied = _from_copy(path)
        return Known(parts.policy, rota_of(parts.policy, copied), as_of or now)
    _copy(path, found, now)
    return Known(parts.policy, rota_of(parts.policy, found))


def known_without_database(policy: Policy, data_dir: Path, now: datetime) -> Known:
    """The same from the copy alone."""
    as_of, copied = _from_copy(data_dir / COPY)
    return Known(policy, rota_of(policy, copied), as_of or now)


def rota_of(policy: Policy, found: Sequence[ExceptionRecord]) -> Rota:
    """Rotations with their exceptions; whoever no longer stands in ``ops.yaml`` is left out."""
    here = [one for one in found if policy.person_named(one.human) is not None]
    overrides = [
        Override("secondary" if one.duty == "secondary" else "primary", one.human, one.since, one.until)
        for one in here
        if one.kind is Kind.OVERRIDE
    ]
    absences = [Absence(one.human, one.since, one.until) for one in here if one.kind is Kind.VACATION]
    return Rota.of(policy.on_call, overrides, absences)


def person(policy: Policy, name: str, option: str = "user") -> PersonEntry:
    """Somebody of ``ops.yaml``; raises BadArgument."""
    found = policy.person_named(name)
    if found is None:
        people = ", ".join(one.name for one in policy.people) or "nobody yet"
        raise BadArgument(f"{option}: nobody under people in ops.yaml is called {name}; there are {people}.")
    return found


def _copy(path: Path, found: Sequence[ExceptionRecord], now: datetime) -> None:
    """Written beside and renamed, so that a process that dies leaves the one before."""
    entries = [_entry(one) for one in found]
    before = _read(path)
    if before.get("exceptions") == entries and before.get("hour") == f"{now:%Y-%m-%dT%H}":
        return
    body = json.dumps({"as_of": now.isoformat(), "hour": f"{now:%Y-%m-%dT%H}", "exceptions": entries})
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        fresh.write_text(body, encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        log.warning("the copy of who is on call cannot be written: %s", error)


def _entry(one: ExceptionRecord) -> dict[str, str]:
    return {
        "kind": one.kind.value,
        "duty": one.duty,
        "human": one.human,
        "since": one.since.isoformat(),
        "until": one.until.isoformat(),
        "id": str(one.id),
        "made_by": one.made_by,
        "made_at": one.made_at.isoformat(),
    }


def _from_copy(path: Path) -> tuple[datetime | None, list[ExceptionRecord]]:
    stored = _read(path)
    try:
        as_of = datetime.fromisoformat(stored["as_of"])
        return as_of, [_exception(one) for one in stored["exceptions"]]
    except (KeyError, ValueError, TypeError):
        return None, []


def _exception(entry: dict[str, str]) -> ExceptionRecord:
    times = {name: datetime.fromisoformat(entry[name]) for name in ("since", "until", "made_at")}
    return ExceptionRecord(
        id=UUID(entry["id"]),
        kind=Kind(entry["kind"]),
        duty=entry["duty"],
        human=entry["human"],
        made_by=entry["made_by"],
        **times,
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
