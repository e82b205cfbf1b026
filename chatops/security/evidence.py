"""What is put together for an investigation: a bundle of what the product knows, with a hash of each file."""

import asyncio
import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import psutil

from chatops.model import OpsError
from chatops.orchestrators.fleet import ORCHESTRATOR
from chatops.parts import Parts
from storage import access, access_log, audit, blocks, grants, incidents, sessions, timeline
from storage.audit import AuditRecord
from storage.control import Control
from storage.errors import StorageError
from storage.sessions import Which

_LINES = 5000
_REQUESTS = 200_000
_LARGEST_LOG = 20_000_000


async def collect(parts: Parts, since: datetime, incident: int | None) -> dict[str, bytes]:
    """Files by name; a part that does not answer leaves its reason instead."""
    found: dict[str, bytes] = {}
    works: dict[str, Any] = {
        "audit.jsonl": _audit(since),
        "audit-verify.json": _verified(),
        "requests.jsonl": _requests(since),
        "sessions.json": _sessions(parts),
        "keys.json": _keys(),
        "grants.json": _grants(parts),
        "blocks.json": _blocks(parts),
        "processes.json": _own_processes(parts),
        "machine.json": _machine(),
    }
    if incident is not None:
        works["incident.json"] = _incident(incident)
    for name, work in works.items():
        try:
            found[name] = await work
        except (StorageError, OpsError) as error:
            found[f"{name}.missing"] = str(error).encode()
    return found | await _logs(parts, since)


def packed(files: Mapping[str, bytes], facts: Mapping[str, Any]) -> tuple[bytes, dict[str, str]]:
    """A compressed archive with ``manifest.json``, and the hashes that it holds."""
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    manifest = {**facts, "files": {name: {"sha256": hashes[name], "bytes": len(files[name])} for name in hashes}}
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w:gz") as archive:
        for name, content in {**files, "manifest.json": as_json(manifest)}.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.mtime = len(content), 0o600, int(facts.get("taken", 0))
            archive.addfile(entry, io.BytesIO(content))
    return body.getvalue(), hashes


async def _audit(since: datetime) -> bytes:
    return _lines([_audit_line(one) async for one in audit.all_lines() if one.line.at >= since])


def _audit_line(one: AuditRecord) -> dict[str, Any]:
    return {"number": one.number, "digest": one.digest, **asdict(one.line)}


async def _verified() -> bytes:
    count, problem = await audit.verify()
    return as_json({"whole_lines": count, "problem": problem})


async def _requests(since: datetime) -> bytes:
    return _lines([asdict(one) async for one in access_log.all_entries(since, _REQUESTS)])


async def _sessions(parts: Parts) -> bytes:
    return as_json([asdict(one) for one in await sessions.live_sessions(Which(), now=parts.clock())])


async def _keys() -> bytes:
    """Keys are known by their beginning: the database has no more of them."""
    return as_json([asdict(one) for one in await access.keys()])


async def _grants(parts: Parts) -> bytes:
    return as_json([asdict(one) for one in await grants.grants(now=parts.clock())])


async def _blocks(parts: Parts) -> bytes:
    return as_json([asdict(one) for one in await blocks.blocks(now=parts.clock())])


async def _own_processes(parts: Parts) -> bytes:
    return as_json([asdict(one) for one in await Control(parts.queue).processes()])


async def _machine() -> bytes:
    return await asyncio.to_thread(_looked_at)


def _looked_at() -> bytes:
    """All processes by name, and connections: no command lines, which may hold secrets."""
    names = ("pid", "ppid", "name", "username", "create_time", "memory_info", "num_threads")
    processes = [one.info for one in psutil.process_iter(names)]
    for one in processes:
        one["memory_info"] = getattr(one["memory_info"], "rss", None)
    try:
        connections = [
            {"local": _pair(one.laddr), "remote": _pair(one.raddr), "status": one.status, "pid": one.pid}
            for one in psutil.net_connections(kind="inet")
        ]
    except psutil.Error as error:
        connections = [{"problem": str(error)}]
    return as_json({"boot": psutil.boot_time(), "processes": processes, "connections": connections})


def _pair(address: Any) -> str:
    return f"{address.ip}:{address.port}" if address else ""


async def _incident(number: int) -> bytes:
    found = await incidents.incident_numbered(number)
    return as_json({"incident": asdict(found), "timeline": [asdict(one) for one in await timeline.events(found.id)]})


async def _logs(parts: Parts, since: datetime) -> dict[str, bytes]:
    """Log files of the data folder, and what the back ends of declared services tell."""
    found: dict[str, bytes] = {}
    folder = parts.settings.data_dir / "logs"
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.is_file() and path.stat().st_mtime >= since.timestamp():
            found[f"logs/{path.name}"] = path.read_bytes()[-_LARGEST_LOG:]
    if parts.has(ORCHESTRATOR):
        for service in parts.get(ORCHESTRATOR).all():
            try:
                lines = await service.logs(_LINES, since)
                found[f"logs/{service.name}.txt"] = "\n".join(lines).encode()
            except OpsError as error:
                found[f"logs/{service.name}.missing"] = str(error).encode()
    return found


def as_json(value: Any) -> bytes:
    """As a file of a bundle."""
    return json.dumps(value, indent=1, default=str, ensure_ascii=False).encode()


def _lines(values: Iterable[Any]) -> bytes:
    return "".join(json.dumps(one, default=str, ensure_ascii=False) + "\n" for one in values).encode()
