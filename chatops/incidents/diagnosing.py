"""Which diagnose pack of the console fits an alert."""

from storage.alert_records import AlertRecord

_WORDS = (
    ("db", ("postgres", "database", "connections", "sql")),
    ("memory", ("memory", "oom", "swap")),
    ("auth", ("auth", "login", "session", "token")),
    ("ocr", ("queue", "worker", "ocr", "conversion", "reader", "dead")),
    ("site", ("error", "latency", "down", "gateway", "http", "site", "cpu", "probe", "web", "disk", "cert")),
)
_SERVICES = {"worker": "ocr", "redis": "ocr", "postgres": "db", "backend": "site", "web": "site", "nginx": "site"}


def pack_for(alert: AlertRecord) -> str:
    """``ocr`` for a queue that grows; by the annotation ``diagnose``, the alert's name, or its service."""
    said = alert.annotations.get("diagnose", "").strip().lower()
    if said in {pack for pack, _ in _WORDS}:
        return said
    name = alert.name.casefold()
    found = next((pack for pack, words in _WORDS if any(word in name for word in words)), "")
    return found or _SERVICES.get(alert.labels.get("service", "").casefold(), "")
