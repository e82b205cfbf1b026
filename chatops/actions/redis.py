"""Redis: whether it answers, what it holds, when it saved."""

import time

from chatops.console import suggestion
from chatops.model import Answer, Table
from chatops.registry import action
from chatops.run import Run
from chatops.times import ago, moment, sized
from config.ops import Role
from storage import redis_server
from storage.redis_server import FOREIGN

GROUPS = {"redis": "The Redis server, which holds the queue."}

_SAFE = "noeviction"


@action("redis ping", role=Role.VIEWER)
async def ping(run: Run) -> Answer:
    """Ask Redis for a sign of life."""
    began = time.perf_counter()
    await run.parts.queue.ping()
    took = (time.perf_counter() - began) * 1000
    replication = await redis_server.info(run.parts.queue.redis, "replication")
    found = await redis_server.persistence(run.parts.queue.redis)
    role = str(replication.get("role", "unknown"))
    text = f"Redis answers in {took:.1f} ms: {role}, {found.state}."
    return Answer(text, data={"ms": round(took, 3), "role": role, "persistence": found.state})


@action("redis lastsave", role=Role.VIEWER)
async def lastsave(run: Run) -> Answer:
    """Tell when Redis last wrote what it holds, and whether that worked."""
    found = await redis_server.persistence(run.parts.queue.redis)
    saved = f"The last snapshot is of {moment(found.saved_at)} ({ago(found.saved_at, run.now)})"
    worked = "it worked" if found.save_ok else "it failed"
    going = ", another is being written" if found.is_saving else ""
    lines = [f"{saved}; {worked}{going}, {found.changes} changes since."]
    if found.is_append_only:
        state = "is written" if found.append_ok else "could not be written"
        lines.append(f"The append-only file {state}; the server loads that at start, and no snapshot.")
    data = {
        "saved_at": found.saved_at.isoformat(),
        "ok": found.save_ok,
        "append_only": found.is_append_only,
        "append_ok": found.append_ok,
        "changes": found.changes,
    }
    is_ok = found.append_ok if found.is_append_only else found.save_ok
    return Answer("\n".join(lines), ok=is_ok, suggestions=(suggestion("backup redis"),), data=data)


@action("redis info", role=Role.RESPONDER)
async def info(run: Run) -> Answer:
    """Tell what Redis holds and how full it is."""
    memory, held = await redis_server.memory(run.parts.queue.redis), await redis_server.held(run.parts.queue.redis)
    limit = "no limit" if not memory.limit else f"a limit of {sized(memory.limit)}"
    lines = [f"{sized(memory.used)} used, {sized(memory.peak)} at most, {limit}; when full: {memory.policy}."]
    if memory.policy != _SAFE:
        lines.append(f"A full server of this policy forgets keys, and jobs with them: set maxmemory-policy {_SAFE}.")
    if memory.evicted:
        lines.append(f"It has forgotten {memory.evicted} keys for want of memory.")
    if held.keys.get(FOREIGN):
        lines.append(f"{held.keys[FOREIGN]} keys are not of this product: it shares the server with something.")
    if not held.is_all:
        lines.append("There are more keys than were counted in two seconds.")
    rows = tuple((name, str(count)) for name, count in held.keys.items())
    data = {"used": memory.used, "peak": memory.peak, "limit": memory.limit, "policy": memory.policy}
    is_ok = memory.policy == _SAFE and not memory.evicted
    table = Table(("keys", "count"), rows) if rows else None
    return Answer("\n".join(lines), ok=is_ok, table=table, data={**data, "keys": dict(held.keys)})
