"""What Alertmanager's webhook says (payload version 4), whatever is missing or odd about it.

Facts on the fields: Alertmanager's documentation of webhooks, and deliveries that were recorded.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_MARKS = frozenset(("alerts", "groupKey", "groupLabels", "commonLabels", "receiver", "truncatedAlerts"))
_ZERO_YEAR = 1
_MOST_TRUNCATED = 1_000_000
_FRACTION = re.compile(r"(\.\d{6})\d+")
_FINGERPRINT = re.compile(r"[0-9a-f]{16}")
_LONGEST_VALUE = 20_000


class NotADelivery(Exception):
    """No message of Alertmanager; ``code`` tells why in a word, ``str(error)`` in a sentence for who set it up."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of one alert. Times are None where they are not known."""

    fingerprint: str
    is_firing: bool
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    starts_at: datetime | None
    ends_at: datetime | None
    generator: str = ""

    @property
    def name(self) -> str:
        """Its ``alertname``."""
        return self.labels.get("alertname", "") or "(no name)"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message about one group; ``group`` identifies it, ``alerts`` are by fingerprint, the last word on each."""

    group: str
    receiver: str
    labels: Mapping[str, str]
    sender: str
    truncated: int
    alerts: Mapping[str, Told]


def check(body: Any) -> None:
    """Raise NotADelivery where a body can never be read."""
    if isinstance(body, list):
        raise NotADelivery(
            "prometheus",
            "This is a message of Prometheus, not of Alertmanager: in prometheus.yml, alerting.alertmanagers must name "
            "Alertmanager, and in alertmanager.yml a webhook_configs entry must name this address.",
        )
    if not isinstance(body, Mapping) or not _MARKS & set(body):
        raise NotADelivery(
            "no_webhook",
            "This is no message of Alertmanager's webhook: leave `payload` of webhook_configs unset, so that it sends "
            "its own format (version 4).",
        )
    alerts = body.get("alerts")
    if alerts is not None and not isinstance(alerts, list):
        raise NotADelivery("no_alerts", "In this message `alerts` is no list.")
    if alerts and not any(isinstance(one, Mapping) for one in alerts):
        raise NotADelivery("no_alerts", "In this message `alerts` holds no alert.")


def read(body: Any, tenant: str = "") -> Delivery:
    """A body that ``check`` let through."""
    alerts = [_told(one, body) for one in body.get("alerts") or () if isinstance(one, Mapping)]
    labels = _texts(body.get("groupLabels"))
    receiver = _text(body.get("receiver")).replace("\\", "")
    return Delivery(
        group=_digest([tenant, _group_key(body, labels, receiver)]),
        receiver=receiver,
        labels=labels,
        sender=_text(body.get("externalURL"))[:500],
        truncated=_count(body.get("truncatedAlerts")),
        alerts=_by_fingerprint(alerts),
    )


def digest_of(body: Any) -> str:
    """The hash of a body that is the same from all members of a cluster: without their own address, alerts sorted."""
    if not isinstance(body, Mapping):
        return _digest(body)
    alerts = body.get("alerts")
    kept = {key: value for key, value in body.items() if key not in ("externalURL", "alerts", "notification_reason")}
    listed = sorted(_digest(one) for one in alerts) if isinstance(alerts, list) else alerts
    return _digest([kept, listed])


def moment(value: Any) -> datetime | None:
    """A time of RFC 3339 in UTC, to the microsecond; None for Go's zero time and what is none."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(_FRACTION.sub(r"\1", value.strip()))
        # Before any arithmetic: the zero time in a zone west of UTC is no time at all.
        if at.year <= _ZERO_YEAR:
            return None
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def fingerprint_of(labels: Mapping[str, str]) -> str:
    """Stands for the one that very old senders leave out."""
    return _digest(sorted(labels.items()))[:16]


def _told(alert: Mapping[str, Any], body: Mapping[str, Any]) -> Told:
    labels = _texts(alert.get("labels"))
    given = _text(alert.get("fingerprint")).strip().lower()
    starts_at, ends_at = moment(alert.get("startsAt")), moment(alert.get("endsAt"))
    return Told(
        fingerprint=given if _FINGERPRINT.fullmatch(given) else fingerprint_of(labels),
        is_firing=_is_firing(alert, body),
        labels=labels,
        annotations=_texts(alert.get("annotations")),
        starts_at=starts_at,
        ends_at=ends_at,
        generator=_text(alert.get("generatorURL")),
    )


def _is_firing(alert: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    """In doubt it fires: nothing may be missed."""
    status = _text(alert.get("status")).strip().lower()
    if status in ("firing", "resolved"):
        return status == "firing"
    return moment(alert.get("endsAt")) is None or _text(body.get("status")).lower() == "firing"


def _by_fingerprint(alerts: list[Told]) -> dict[str, Told]:
    """Of an alert that is named twice, what fires counts."""
    found: dict[str, Told] = {}
    for one in alerts:
        if one.fingerprint not in found or one.is_firing:
            found[one.fingerprint] = one
    return found


def _group_key(body: Mapping[str, Any], labels: Mapping[str, str], receiver: str) -> str:
    """Opaque and unbounded; without one, whatever else tells groups apart."""
    key = body.get("groupKey")
    if isinstance(key, str) and key:
        return key
    common = _texts(body.get("commonLabels")).get("alertname", "")
    return json.dumps([receiver, sorted(labels.items()), "" if labels else common])


def _texts(value: Any) -> dict[str, str]:
    """A map of texts out of whatever stands in its place."""
    if not isinstance(value, Mapping):
        return {}
    return {_text(key)[:500]: _text(one)[:_LONGEST_VALUE] for key, one in value.items() if one is not None}


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, bool | int | float | list | dict) else str(value)


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        return 0
    return int(min(value, _MOST_TRUNCATED))


def _digest(value: Any) -> str:
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()
