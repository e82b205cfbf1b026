"""Scans for known holes and forgotten secrets, and what may be mended. Nothing is upgraded from a chat."""

from datetime import timedelta
from importlib.metadata import version
from typing import Annotated

from chatops.console import suggestion
from chatops.model import Answer, Confirmation, File, NotPossible, Plan, Risk, Table
from chatops.parameters import Word
from chatops.registry import action
from chatops.run import Run
from chatops.security.scanning import LIMIT_S, SCANNERS, Report, scan
from config.ops import Role

_SHOWN = 15
_LIMIT = timedelta(seconds=LIMIT_S + 20)


@action("security scan", role=Role.OPERATOR, timeout=_LIMIT, private=True)
async def scan_for(run: Run, kind: Annotated[str, Word(("deps", "npm", "image", "web", "secrets"))] = "deps") -> Answer:
    """Look for known holes in packages or the image, or for secrets in the source, with a scanner."""
    if kind == "web":
        raise NotPossible("A scan over HTTP asks first: use security scan-web.", suggestion("security scan-web"))
    await run.step(f"{SCANNERS[kind].program} runs, for {LIMIT_S / 60:.0f} minutes at most.")
    return _answer(await scan(kind, run.parts.policy.security), kind, run)


@action(
    "security scan-web",
    role=Role.OPERATOR,
    risk=Risk.WRITE,
    confirm=Confirmation.BUTTON,
    timeout=_LIMIT,
    private=True,
    check="security patch-status",
)
async def scan_web(run: Run) -> Answer:
    """Look for holes of the staging copy over HTTP, with a scanner; never of what players use."""
    await run.step(f"{SCANNERS['web'].program} runs, for {LIMIT_S / 60:.0f} minutes at most.")
    return _answer(await scan("web", run.parts.policy.security), "web", run)


@scan_web.plan
async def plan_scan_web(run: Run) -> Plan:
    """The target, which is that of ops.yaml."""
    target = str(SCANNERS["web"].arguments(run.parts.policy.security)[1])
    return Plan(f"Sends a few hundred requests to {target}.", (target,), "staging")


def _answer(report: Report, kind: str, run: Run) -> Answer:
    counts = ", ".join(f"{count} {severity}" for severity, count in report.counts.items())
    text = f"{report.tool}: {counts or 'nothing found'}."
    rows = report.findings[:_SHOWN]
    file = File(f"scan-{kind}-{run.now:%Y%m%dT%H%M%SZ}.json", report.raw, "application/json")
    data = {"tool": report.tool, "counts": report.counts, "findings": len(report.findings)}
    table = Table(("severity", "what", "where", "mended"), rows) if rows else None
    return Answer(text, ok=not report.counts.keys() & {"critical", "high"}, table=table, files=(file,), data=data)


@action("security patch-status", role=Role.OPERATOR, timeout=_LIMIT)
async def patch_status(run: Run) -> Answer:
    """List packages with known holes and where they are mended; patches come with a release."""
    release = version("screen2deck")
    report = await scan("deps", run.parts.policy.security)
    how = "Upgrading in place destroys evidence and is nobody's build: deploy an image that holds the fixes."
    if not report.findings:
        return Answer(f"Release {release} runs with no package that has a known hole.", data={"findings": 0})
    rows = tuple((where, what, mended) for _, what, where, mended in report.findings[:_SHOWN])
    mendable = sum(mended != "no fix" for *_, mended in report.findings)
    text = f"Release {release}: {len(report.findings)} known holes, {mendable} of them mended elsewhere. {how}"
    table = Table(("package", "hole", "mended in"), rows)
    return Answer(text, ok=False, table=table, data={"findings": len(report.findings), "mendable": mendable})
