"""The alert that always fires: while it is not heard of, an end that is reported may mean that nothing is watched."""

from datetime import datetime

from config.ops import Policy
from storage import alerts
from storage.alert_records import AlertState

_USUAL = "Watchdog"


def watchdog_name(policy: Policy) -> str:
    """Its name; it gets no card."""
    return _USUAL if policy.on_call.watchdog is None else policy.on_call.watchdog.alert


async def is_blind(policy: Policy, tenant: str | None, *, now: datetime) -> bool:
    """Whether the watchdog is missing: it was told to have ended, or is configured and not heard of in time."""
    found = await alerts.alerts_named(tenant, watchdog_name(policy))
    firing = [one for one in found if one.state is AlertState.FIRING]
    configured = policy.on_call.watchdog
    if configured is None:
        return bool(found) and not firing
    return not any(now - one.last_heard_at <= configured.within for one in firing)
