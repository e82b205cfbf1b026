"""Load on the staging copy that ops.yaml names; production cannot be named."""

from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

import aiohttp

from chatops.model import Answer, Confirmation, NotConfigured, NotPossible, Plan, Risk, Table
from chatops.own_http import address_of, public_address_of
from chatops.parameters import Duration, Integer
from chatops.registry import action
from chatops.run import Run
from chatops.security.loading import ERRORS_ALLOWED, TASKS, Load, Measured
from chatops.times import span
from config.ops import Role

GROUPS = {"loadtest": "Load on the staging copy."}

_PER_USER_S = 1.0
_LIMIT = timedelta(minutes=6)

Users = Annotated[int, Integer(1, 100)]
Spawn = Annotated[int, Integer(1, 10)]
For = Annotated[timedelta, Duration("1s", "5m")]


@action(
    "loadtest run",
    role=Role.ADMIN,
    risk=Risk.DANGEROUS,
    confirm=Confirmation.PHRASE,
    timeout=_LIMIT,
    check="health check",
)
async def run_load(run: Run, users: Users = 10, spawn: Spawn = 2, for_: For = timedelta(minutes=1)) -> Answer:
    """Have so many people ask the staging copy at once, and measure; stops when 5 % of it fails."""
    target = _target(run)
    key = run.parts.settings.staging_api_key
    load = Load(target, users, spawn, for_.total_seconds(), "" if key is None else key.get_secret_value())
    try:
        measured = await load.run(run.step)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise NotPossible(f"{target} does not let STAGING_API_KEY in ({type(error).__name__}).") from error
    return _answer(target, users, measured)


@run_load.plan
async def plan_load(run: Run, users: int = 10, spawn: int = 2, for_: timedelta = timedelta(minutes=1)) -> Plan:
    """The target, and how much is asked of it."""
    target = _target(run)
    about = round(users * for_.total_seconds() / _PER_USER_S)
    tasks = ", ".join(one.name for one in TASKS if run.parts.settings.staging_api_key or not one.needs_token)
    summary = (
        f"{users} people, {spawn} more each second, ask {target} for {span(for_)}: about {about} requests ({tasks}). "
        f"It ends when more than {ERRORS_ALLOWED:.0%} fail."
    )
    return Plan(summary, (target,), "staging")


def _target(run: Run) -> str:
    target = run.parts.policy.security.staging
    if target is None:
        raise NotConfigured("Not configured: set security.staging in ops.yaml to the address of a staging copy.")
    own = {_host(address_of(run.parts.settings)), _host(public_address_of(run.parts.settings))}
    if _host(target) in own or "prod" in (urlsplit(target).hostname or ""):
        raise NotPossible(f"{target} is production, or this deployment itself: load goes to a staging copy only.")
    return target


def _host(address: str) -> tuple[str, int]:
    found = urlsplit(address)
    return found.hostname or "", found.port or (443 if found.scheme == "https" else 80)


def _answer(target: str, users: int, measured: Measured) -> Answer:
    rows = [_row(name, measured, len(measured.times[name])) for name in sorted(measured.times)]
    rows.append(_row("all", measured, measured.count, None))
    p50, p95, p99 = measured.percentiles()
    rate = measured.count / measured.seconds if measured.seconds else 0.0
    text = (
        f"{target}, {users} people: {measured.count} requests in {span(measured.seconds)}, {rate:.1f} a second; "
        f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms; {measured.error_share:.1%} failed."
    )
    if measured.aborted:
        text = f"Stopped: {measured.aborted}. {text}"
    log = tuple(f"{count} × {what}" for what, count in measured.errors.most_common(8))
    data = {
        "requests": measured.count,
        "p50_ms": round(p50, 1),
        "p95_ms": round(p95, 1),
        "p99_ms": round(p99, 1),
        "errors": measured.errors.total(),
        "aborted": measured.aborted,
    }
    table = Table(("request", "count", "p50", "p95", "p99"), tuple(rows))
    return Answer(text, ok=not measured.aborted, table=table, log=log, data=data)


def _row(shown: str, measured: Measured, count: int, name: str | None = "") -> tuple[str, ...]:
    found = measured.percentiles(shown if name == "" else name)
    return (shown, str(count), *(f"{one:.0f} ms" for one in found))
