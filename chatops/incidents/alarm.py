"""Work in maintenance that fails: maintenance stays on, the console's chats are told, and the on-call is called."""

import logging

from chatops.model import Answer, Suggestion
from chatops.queueing import maintaining
from chatops.run import Run
from config.ops_oncall import Severity
from storage import incidents
from storage.errors import StorageError
from storage.incidents import NewIncident

log = logging.getLogger(__name__)


async def stays_on(run: Run, action: str, problem: str) -> str:
    """Tell and call; the sentence for whoever asked."""
    text = f"{problem} Maintenance stays on: look, then end it with maintenance off."
    buttons = (Suggestion("db status", "db status"), Suggestion("maintenance off", "maintenance off"))
    answer = Answer(f"{action} failed: {text}", ok=False, suggestions=buttons)
    try:
        await maintaining.tell_operators(run.parts, answer, f"alarm:{run.request}")
        new = NewIncident(title=f"{action} failed", severity=Severity.P1, service="database")
        opened = await incidents.open_incident(new, by=run.human, now=run.now, request=str(run.request))
    except StorageError as error:
        log.error("nobody is called for %s, which failed (%s): %s", action, problem, error)
        return text
    return f"{text} {opened.name} is open, and the on-call is called."
