"""Certificates: how long they last, and their renewal."""

import asyncio
from datetime import timedelta
from typing import Annotated

from chatops.console import suggestion
from chatops.model import Answer, BadArgument, Confirmation, NotConfigured, NotPossible, OpsError, Plan, Risk, Table
from chatops.orchestrators.fleet import ORCHESTRATOR
from chatops.parameters import Flag, Name, one_of
from chatops.parts import Parts
from chatops.registry import action
from chatops.run import Run
from chatops.services import certificates
from chatops.services.certificates import Certificate
from chatops.services.nginx import check_and_reload
from config.ops import Role
from config.ops_certificates import HostEntry
from config.ops_services import Kind

GROUPS = {"cert": "Certificates of this deployment's names."}

ALL = "all"


async def _names(parts: Parts, typed: str) -> list[str]:
    return [ALL, *(one.name for one in parts.policy.certificates.hosts)]


@action("cert check", role=Role.VIEWER)
async def check(run: Run, host: Annotated[str, Name("a host of ops.yaml, or all", _names)] = ALL) -> Answer:
    """Tell by a TLS handshake whose certificates are presented, and how many days are left."""
    hosts = _hosts(run.parts, host)
    found = await asyncio.gather(*(_presented(one) for one in hosts))
    rows: list[tuple[str, ...]] = []
    worst: list[str] = []
    data: list[dict[str, object]] = []
    for one, seen in zip(hosts, found, strict=True):
        if isinstance(seen, OpsError):
            rows.append((one.name, "–", "–", "no connection"))
            worst.append(str(seen))
            data.append({"host": one.name, "error": str(seen)})
            continue
        state = state_of(run, seen)
        rows.append((one.name, f"{seen.days_left(run.now):.0f}", seen.issuer, state))
        if state != "normal":
            worst.append(f"{one.name}: {seen.trouble or state}, {_left(run, seen)}.")
        data.append(_described(run, seen, state))
    bad = [row[0] for row in rows if row[3] != "normal"]
    text = " ".join(worst) or f"All {len(rows)} certificates are good."
    return Answer(
        text,
        ok=not worst,
        table=Table(("host", "days", "issuer", "state"), tuple(rows)),
        suggestions=tuple(suggestion("cert renew", f"renew {name}", host=name) for name in bad),
        data=data,
    )


def state_of(run: Run, found: Certificate) -> str:
    """``normal``, ``elevated``, ``alert``, ``expired`` or ``not trusted``."""
    policy, left = run.parts.policy.certificates, found.days_left(run.now)
    if left <= 0:
        return "expired"
    if found.trouble:
        return "not trusted"
    if left < policy.alert_days:
        return "alert"
    return "elevated" if left < policy.warn_days else "normal"


def _described(run: Run, found: Certificate, state: str) -> dict[str, object]:
    return {
        "host": found.host,
        "subject": found.subject,
        "issuer": found.issuer,
        "until": found.not_after.isoformat(),
        "days": round(found.days_left(run.now), 1),
        "state": state,
        "trouble": found.trouble,
    }


async def _presented(host: HostEntry) -> Certificate | OpsError:
    try:
        return await certificates.presented(host)
    except OpsError as error:
        return error


@action(
    "cert renew",
    role=Role.OPERATOR,
    risk=Risk.DANGEROUS,
    confirm=Confirmation.BUTTON,
    timeout=timedelta(minutes=10),
    check="cert check",
)
async def renew(
    run: Run,
    host: Annotated[str, Name("a host of ops.yaml", _names)],
    dry_run: Annotated[bool, Flag(), "try it first"] = True,
) -> Answer:
    """Renew a certificate by certbot, tried first, then looked at over TLS."""
    [entry] = _hosts(run.parts, host)
    before = await _presented(entry)
    if dry_run:
        await certificates.renew(entry.name, dry_run=True)
        await run.step("The trial worked.")
    await certificates.renew(entry.name, dry_run=False)
    await run.step("certbot has renewed it.")
    if run.parts.has(ORCHESTRATOR) and run.parts.get(ORCHESTRATOR).has(Kind.NGINX):
        for service in run.parts.get(ORCHESTRATOR).of_kind(Kind.NGINX):
            await check_and_reload(service)
            await run.step(f"{service.name} has read it.")
    after = await certificates.presented(entry)
    if not isinstance(before, OpsError) and after.serial == before.serial:
        raise NotPossible(
            f"certbot says that it is renewed, but {entry.name} still presents the old one ({_left(run, after)}).",
            suggestion("nginx reload"),
        )
    was = "none" if isinstance(before, OpsError) else f"{before.not_after:%Y-%m-%d}"
    rows = (("before", was), ("now", f"{after.not_after:%Y-%m-%d}"))
    return Answer(
        f"{entry.name} presents a new certificate: {_left(run, after)}.",
        ok=not after.trouble,
        table=Table(("certificate", "until"), rows),
        data=_described(run, after, state_of(run, after)),
    )


@renew.plan
async def plan_renew(run: Run, host: str, dry_run: bool = True) -> Plan:
    """What is renewed; nothing that lasts long enough."""
    if host.casefold() == ALL:
        raise BadArgument("host: name one; certificates are renewed one by one.")
    [entry] = _hosts(run.parts, host)
    found = await _presented(entry)
    most = run.parts.policy.certificates.renew_days
    if isinstance(found, OpsError):
        state = str(found)
    else:
        if found.days_left(run.now) > most and not found.trouble:
            raise NotPossible(f"{entry.name} is good: {_left(run, found)}; it is renewed from {most} days on.")
        state = f"{_left(run, found)}, by {found.issuer}."
    first = "tries the renewal, then " if dry_run else ""
    return Plan(f"certbot {first}renews {entry.name}; then it is looked at over TLS. Now: {state}", (entry.name,))


def _hosts(parts: Parts, name: str) -> list[HostEntry]:
    """Raises NotConfigured, BadArgument."""
    hosts = list(parts.policy.certificates.hosts)
    if not hosts:
        raise NotConfigured("ops.yaml names no hosts under certificates.")
    if name.casefold() == ALL:
        return hosts
    try:
        wanted = one_of(name, [one.name for one in hosts])
    except BadArgument as error:
        raise BadArgument(f"host: {error}") from None
    return [one for one in hosts if one.name == wanted]


def _left(run: Run, found: Certificate) -> str:
    days = found.days_left(run.now)
    return f"{days:.0f} days left" if days > 0 else f"expired {-days:.0f} days ago"
