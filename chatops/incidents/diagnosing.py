"""What of the console fits an alert: a diagnose pack, the action that comes next, a section of the runbook."""

from chatops.checking.runbook import Section, sections
from storage.alert_records import AlertRecord

_WORDS = (
    ("db", ("postgres", "database", "connections", "sql")),
    ("memory", ("memory", "oom", "swap")),
    ("auth", ("auth", "login", "session", "token")),
    ("ocr", ("queue", "worker", "ocr", "conversion", "reader", "dead")),
    ("site", ("error", "latency", "down", "gateway", "http", "site", "cpu", "probe", "web", "disk", "cert")),
)
_SERVICES = {"worker": "ocr", "redis": "ocr", "postgres": "db", "backend": "site", "web": "site", "nginx": "site"}

_SECTIONS = {
    "site": "The site is down",
    "ocr": "Reading pictures fails",
    "auth": "Signing in fails",
    "memory": "Memory runs out",
    "db": "The database does not answer, or slowly",
}


def pack_for(alert: AlertRecord) -> str:
    """``ocr`` for a queue that grows; by the annotation ``diagnose``, the alert's name, or its service."""
    said = alert.annotations.get("diagnose", "").strip().lower()
    if said in {pack for pack, _ in _WORDS}:
        return said
    name = alert.name.casefold()
    found = next((pack for pack, words in _WORDS if any(word in name for word in words)), "")
    return found or _SERVICES.get(alert.labels.get("service", "").casefold(), "")


def next_action(alert: AlertRecord) -> str:
    """The line of what to do: of the annotation ``runbook_action``, or ``action`` as the shipped rules have it."""
    return alert.annotations.get("runbook_action") or alert.annotations.get("action") or ""


def section_for(alert: AlertRecord) -> Section:
    """Of the runbook: that of its pack, else the first with its next action, else what to do about any alert."""
    known = sections()
    title = _SECTIONS.get(pack_for(alert))
    if title is not None:
        return next(one for one in known if one.title == title)
    todo = next_action(alert)
    return next((one for one in known if todo and any(step.action == todo for step in one.steps)), known[0])
