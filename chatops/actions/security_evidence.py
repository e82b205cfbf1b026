"""Evidence, before anything is contained, revoked or restarted; kept on the server, never posted to a chat."""

import asyncio
import hashlib
import os
import signal
import tempfile
from asyncio.subprocess import DEVNULL
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from uuid import uuid4

from chatops import notices
from chatops.actions.config import check, show
from chatops.model import Answer, BadArgument, Confirmation, NotConfigured, NotPossible, Plan, Risk, Table
from chatops.parameters import Duration, Integer
from chatops.registry import Action, action
from chatops.run import Run
from chatops.security import evidence
from chatops.security.evidence_first import KEY
from chatops.times import moment, span
from config.ops import Role
from config.ops_security import CaptureEntry
from config.programs import end_process, installed
from config.tasks import first_of
from storage import values
from storage.errors import NotStored, StorageError
from storage.signing import open_ring
from storage.vault import KeptFile, Vault, vault_of

_HEADERS = 96
"""Bytes of each packet: its headers, and hardly anything of what was said."""
_LAST_PACKETS_S = 5.0
_SHOWN = 10
_CHATS = ("discord", "telegram")

Incident = Annotated[int, Integer(0, 10_000_000), "the number of an incident, 0 for none"]


@action(
    "security evidence",
    role=Role.OPERATOR,
    risk=Risk.WRITE,
    confirm=Confirmation.BUTTON,
    timeout=timedelta(minutes=5),
    check="security bundles",
)
async def take(
    run: Run, since: Annotated[timedelta, Duration("10m", "30d")] = timedelta(hours=24), incident: Incident = 0
) -> Answer:
    """Bundle logs, audit trail, requests, sessions, settings and processes, and keep it on the server."""
    name = f"evidence-{run.now:%Y%m%dt%H%M%S}-{uuid4().hex[:6]}.tar.gz"
    await run.step("Collecting.")
    files = await evidence.collect(run.parts, run.now - since, incident or None)
    files |= {"settings.json": await _said(show, run), "settings-check.json": await _said(check, run)}
    facts = {
        "name": name,
        "environment": run.parts.policy.environment,
        "by": run.human,
        "from": (run.now - since).isoformat(),
        "until": run.now.isoformat(),
        "taken": run.now.timestamp(),
        "incident": incident or None,
        "host": os.uname().nodename,
    }
    body, hashes = await asyncio.to_thread(evidence.packed, files, facts)
    kept = await asyncio.to_thread(_vault(run).keep, name, body)
    await _remember(run, kept, incident)
    missing = [one.removesuffix(".missing") for one in hashes if one.endswith(".missing")]
    text = (
        f"{name}: {len(files)} files, {kept.size / 1e6:.2f} MB, sha256 {kept.sha256}. It is on {facts['host']}, "
        f"encrypted; `screen2deck evidence open {name}` on that machine gives it out."
    )
    if missing:
        text += f" Not to be had: {', '.join(missing)}."
    return Answer(text, data={"name": name, "sha256": kept.sha256, "bytes": kept.size, "files": hashes})


@take.plan
async def plan_take(run: Run, since: timedelta = timedelta(hours=24), incident: int = 0) -> Plan:
    """What is collected, and where to."""
    where = f"{_vault(run).folder} on {os.uname().nodename}"
    about = f" and the timeline of incident {incident}" if incident else ""
    summary = f"Collects what is known of the last {span(since)}{about} into {where}; changes nothing."
    return Plan(summary, (), "evidence")


async def _said(one: Action, run: Run) -> bytes:
    """What another action tells, for the bundle."""
    answer = await one.function(run)
    return evidence.as_json({"text": answer.text, "data": answer.data})


async def _remember(run: Run, kept: KeptFile, incident: int = 0) -> None:
    """Where it is; and to an admin in a chat, so that it is found when the server is far away."""
    host = os.uname().nodename
    stored = {"at": run.now.isoformat(), "by": run.human, "host": host, "sha256": kept.sha256, "bytes": kept.size}
    await values.set_value(KEY + kept.name, {**stored, "incident": incident or None}, by=run.human, now=run.now)
    if run.role is Role.ADMIN and run.actor.platform in _CHATS:
        place = notices.direct(run.actor.platform, run.actor.user)
        text = f"{kept.name} is at {kept.path} on {host}; its sha256 is {kept.sha256}."
        await notices.say([place], Answer(text), origin=f"evidence-{run.request}", now=run.now)


@action("security bundles", role=Role.OPERATOR)
async def bundles(run: Run) -> Answer:
    """List evidence that was taken, where it is, and whether it is as it was."""
    kept = sorted((await values.values(KEY)).items(), key=lambda pair: str(pair[1]["at"]), reverse=True)
    if not kept:
        return Answer("No evidence was taken yet.", data=[])
    vault, rows = _vault(run), []
    for key, one in kept[:_SHOWN]:
        name = key.removeprefix(KEY)
        is_here = one["host"] == os.uname().nodename
        state = await asyncio.to_thread(_state, vault, name, one["sha256"]) if is_here else "?"
        rows.append((name, one["at"][:16], one["by"], one["host"], state))
    data = [dict(zip(("name", "at", "by", "host", "state"), row, strict=True)) for row in rows]
    bad = sum(row[-1] not in ("whole", "?") for row in rows)
    text = f"{len(kept)} were taken." if not bad else f"{bad} of {len(kept)} are not as they were."
    table = Table(("name", "at", "by", "machine", "state"), tuple(rows))
    return Answer(text, ok=not bad, table=table, data=data)


def _state(vault: Vault, name: str, wanted: str) -> str:
    try:
        found = hashlib.sha256(vault.content(name)).hexdigest()
    except NotStored:
        return "gone"
    except StorageError:
        return "changed"
    return "whole" if found == wanted else "changed"


@action(
    "security capture",
    role=Role.ADMIN,
    risk=Risk.DESTRUCTIVE,
    confirm=Confirmation.TWO_PERSONS,
    timeout=timedelta(minutes=2),
    check="security bundles",
)
async def capture(
    run: Run, seconds: Annotated[int, Integer(1, 60)] = 30, port: Annotated[int, Integer(1, 65535)] = 8484
) -> Answer:
    """Record the headers of packets of one port of this machine, and keep them on the server."""
    entry, program = _capturing(run, port)
    await run.step(f"Recording port {port} for {seconds} s.")
    body = await _record(program, entry.interface, port, seconds)
    name = f"capture-{run.now:%Y%m%dt%H%M%S}-{uuid4().hex[:6]}.pcap"
    kept = await asyncio.to_thread(_vault(run).keep, name, body)
    await _remember(run, kept)
    text = (
        f"{name}: {kept.size} bytes of port {port} in {seconds} s until {moment(run.now)}, sha256 {kept.sha256}; "
        "encrypted on this machine, not posted."
    )
    return Answer(text, data={"name": name, "sha256": kept.sha256, "bytes": kept.size})


@capture.plan
async def plan_capture(run: Run, seconds: int = 30, port: int = 8484) -> Plan:
    """What is recorded."""
    entry, _ = _capturing(run, port)
    summary = (
        f"Records the first {_HEADERS} bytes of each packet of port {port} on {entry.interface} for {seconds} s: "
        "addresses of players are personal data."
    )
    return Plan(summary, (f"{entry.interface}:{port}",), f"port {port}")


def _capturing(run: Run, port: int) -> tuple[CaptureEntry, str]:
    entry = run.parts.policy.security.capture
    if entry is None:
        raise NotConfigured("Capturing packets is off: security.capture in ops.yaml turns it on.")
    if port not in entry.ports:
        raise BadArgument(f"port: must be one of {', '.join(str(one) for one in entry.ports)}, as ops.yaml allows.")
    program = installed(entry.command) if "/" not in entry.command else entry.command
    if program is None:
        raise NotConfigured(f"{entry.command} is not installed on this machine.")
    return entry, program


async def _record(program: str, interface: str, port: int, seconds: int) -> bytes:
    with tempfile.TemporaryDirectory(prefix="s2d-capture-") as folder:
        file = Path(folder) / "packets.pcap"
        words = ["-i", interface, "-s", str(_HEADERS), "-n", "-U", "-w", str(file), "port", str(port)]
        with (Path(folder) / "said").open("wb+") as said:
            process = await asyncio.create_subprocess_exec(program, *words, stdin=DEVNULL, stdout=DEVNULL, stderr=said)
            try:
                await first_of(process.wait(), asyncio.sleep(seconds))
                if process.returncode is None:
                    process.send_signal(signal.SIGINT)
                    await first_of(process.wait(), asyncio.sleep(_LAST_PACKETS_S))
            finally:
                await end_process(process)
            said.seek(0)
            lines = said.read().decode(errors="replace").strip().splitlines()
        if not file.exists():
            raise NotPossible(f"Nothing was recorded: {lines[-1][:160] if lines else 'no reason given'}.")
        return file.read_bytes()


def _vault(run: Run) -> Vault:
    settings = run.parts.settings
    return vault_of(settings.data_dir, open_ring(settings))
