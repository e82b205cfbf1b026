"""The audit trail: looked at, exported, verified."""

import json
from datetime import timedelta
from typing import Annotated

from chatops.model import Answer, File, Table
from chatops.parameters import Duration, Integer, Name
from chatops.registry import action
from chatops.run import Run
from config.ops import Role
from storage import audit

GROUPS = {"audit": "The trail of everything that was done here."}

Since = Annotated[timedelta, Duration("1m", "365d")]
_MOST_EXPORTED = 50_000


@action("audit list", role=Role.ADMIN)
async def list_(
    run: Run,
    since: Since = timedelta(days=1),
    who: Annotated[str, Name("a human", longest=64)] = "",
    what: Annotated[str, Name("an action", longest=64)] = "",
    n: Annotated[int, Integer(1, 100)] = 20,
) -> Answer:
    """List what was done, newest first."""
    found = await audit.lines(n, since=run.now - since, human=who, action=what)
    if not found:
        return Answer("Nothing was done in that time.", data=[])
    rows = [(f"{one.line.at:%m-%d %H:%M:%S}", one.line.action, one.line.kind, one.line.human) for one in found]
    data = [_line(one) for one in found]
    return Answer(
        f"The last {len(found)} lines.", table=Table(("UTC", "action", "what", "who"), tuple(rows)), data=data
    )


@action("audit export", role=Role.ADMIN, private=True, timeout=timedelta(minutes=2))
async def export(run: Run, since: Since = timedelta(days=30)) -> Answer:
    """Export the trail as a file, a JSON object a line."""
    found = [one async for one in audit.all_lines() if one.line.at >= run.now - since][-_MOST_EXPORTED:]
    body = "".join(json.dumps(_line(one), ensure_ascii=False) + "\n" for one in found)
    name = f"audit-{run.now:%Y%m%dT%H%M%SZ}.jsonl"
    return Answer(f"{len(found)} lines.", files=(File(name, body.encode(), "application/x-ndjson"),))


@action("audit verify", role=Role.ADMIN, timeout=timedelta(minutes=5))
async def verify(run: Run) -> Answer:
    """Check that no line of the trail was changed or taken away."""
    count, problem = await audit.verify()
    if problem:
        return Answer(f"The trail is broken: {problem}. {count} lines before it are whole.", ok=False)
    return Answer(f"All {count} lines are whole.", data={"lines": count})


def _line(record: audit.AuditRecord) -> dict[str, object]:
    line = record.line
    return {
        "number": record.number,
        "at": line.at.isoformat(),
        "kind": line.kind,
        "action": line.action,
        "human": line.human,
        "request": line.request,
        "details": line.details,
        "digest": record.digest,
    }
