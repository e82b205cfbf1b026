"""nginx, where this deployment declares one."""

from datetime import timedelta

from chatops.console import suggestion
from chatops.model import Answer, Confirmation, NotPossible, Plan, Risk
from chatops.orchestrators.fleet import ORCHESTRATOR
from chatops.registry import action
from chatops.run import Run
from chatops.services import lifecycle
from chatops.services.nginx import check_and_reload
from config.ops import Role
from config.ops_services import Kind

GROUPS = {"nginx": "The web server in front."}


@action(
    "nginx reload",
    role=Role.OPERATOR,
    risk=Risk.DANGEROUS,
    confirm=Confirmation.BUTTON,
    needs=(ORCHESTRATOR,),
    timeout=timedelta(minutes=2),
    check="service status",
    lock="services",
)
async def reload(run: Run) -> Answer:
    """Have nginx read its configuration again, if that is right; no connection is cut."""
    services = run.parts.get(ORCHESTRATOR).of_kind(Kind.NGINX)
    for service in services:
        await check_and_reload(service)
        await run.step(f"{service.name}: the configuration is right and read.")
        status = await service.status()
        trouble = "" if status.is_ready else f"{service.name} is {status.state}"
        trouble = trouble or await lifecycle.unwell(service)
        if trouble:
            raise NotPossible(f"{service.name} was reloaded, and {trouble}.", suggestion("restart nginx"))
    names = ", ".join(one.name for one in services)
    return Answer(f"{names} has read its configuration again.", suggestions=(suggestion("health check"),))


@reload.plan
async def plan_reload(run: Run) -> Plan:
    """Which one."""
    services = run.parts.get(ORCHESTRATOR).of_kind(Kind.NGINX)
    for service in services:
        service.check_offered("reload")
    names = ", ".join(one.name for one in services)
    return Plan(f"Checks the configuration of {names}, and has it read again only if it is right.")
