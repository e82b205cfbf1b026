"""Alerts and incidents are kept for a time after they are over; what is open stays, and so does the audit trail."""

import logging
from datetime import timedelta

from chatops import notices
from chatops.jobs import Job
from chatops.parts import Parts
from storage import alert_retention

log = logging.getLogger(__name__)

DELIVERIES_KEPT = timedelta(days=30)
"""For whoever looks into what Alertmanager said word for word."""


async def drop_old(parts: Parts) -> None:
    """Drop what was over long ago."""
    now, settings = parts.clock(), parts.settings
    old = now - timedelta(days=settings.alert_days)
    removed = {
        "deliveries": await alert_retention.drop_deliveries(max(old, now - DELIVERIES_KEPT)),
        **await alert_retention.drop_alerts(old, [notices.SUBJECT]),
        **await alert_retention.drop_incidents(now - timedelta(days=settings.incident_days)),
    }
    told = ", ".join(f"{count} {name}" for name, count in removed.items() if count)
    if told:
        log.info("dropped what was over long ago: %s", told)


JOBS = (Job("drop old alerts and incidents", drop_old, "41 3 * * *", timeout=timedelta(minutes=30)),)
