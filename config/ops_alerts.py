"""What becomes of alerts: their severities, how Alertmanager groups them, how much is posted; part of ``ops.yaml``."""

from collections.abc import Mapping
from datetime import timedelta

from pydantic import Field

from config.ops_oncall import Severity
from config.spans import Span
from config.strict import Strict

_SEVERITIES = {
    "page": Severity.P0,
    "p0": Severity.P0,
    "p1": Severity.P1,
    "critical": Severity.P1,
    "error": Severity.P1,
    "p2": Severity.P2,
    "warning": Severity.P2,
    "p3": Severity.P3,
    "info": Severity.P3,
    "none": Severity.P3,
}


class AlertRules(Strict):
    """The part ``alerts`` of ``ops.yaml``.

    ``severities`` are by the label ``severity``, ``otherwise`` stands for any other; an annotation
    ``incident_severity`` says it itself. ``group_interval`` and ``repeat_interval`` are those of Alertmanager's routes.
    ``reopen_within``: what fires again so soon is the same incident. ``resolves``: an incident ends with its alerts.
    """

    severities: Mapping[str, Severity] = Field(default_factory=lambda: dict(_SEVERITIES))
    otherwise: Severity = Severity.P2
    group_interval: Span = timedelta(minutes=5)
    repeat_interval: Span = timedelta(hours=4)
    reopen_within: Span = timedelta(minutes=30)
    resolves: bool = True
    posts_a_minute: int = Field(default=20, ge=5, le=20)
    digest_after: Span = timedelta(minutes=30)
    silence_most: Span = timedelta(hours=24)

    @property
    def stale_after(self) -> timedelta:
        """How long nothing may be heard of an alert that fires."""
        return max(2 * self.repeat_interval, timedelta(hours=24))
