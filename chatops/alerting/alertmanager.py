"""Talks to Alertmanager's API v2 (documented in its openapi.yaml), be it one or several of one cluster.

Members of a cluster tell each other of silences: one that answers is enough for everything.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import aiohttp

from chatops.alerting.alert_reading import moment
from chatops.model import OpsError
from chatops.parts import Need

_TIMEOUT_S = 5.0
_LARGEST = 64 << 20
_LONGEST_SAID = 300

Method = Literal["GET", "POST", "DELETE"]


class AlertmanagerError(OpsError):
    """Alertmanager did not do what it was asked."""


class AlertmanagerUnreachable(AlertmanagerError):
    """No member of the cluster answers. ``is_unsure``: one may have done it all the same."""

    def __init__(self, sentence: str, *, is_unsure: bool = False) -> None:
        super().__init__(sentence)
        self.is_unsure = is_unsure


class NoSuchSilence(AlertmanagerError):
    """It never was, or is no longer kept."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on a label."""

    name: str
    value: str
    is_regex: bool = False
    is_equal: bool = True

    def __str__(self) -> str:
        sign = ("=" if self.is_equal else "!") + ("~" if self.is_regex else ("" if self.is_equal else "="))
        escaped = self.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'{self.name}{sign}"{escaped}"'

    def to_json(self) -> dict[str, Any]:
        """As the API takes it."""
        return {"name": self.name, "value": self.value, "isRegex": self.is_regex, "isEqual": self.is_equal}

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Matcher":
        """As the API gives it; old silences have no ``isEqual``."""
        return cls(
            str(told["name"]), str(told["value"]), bool(told.get("isRegex")), told.get("isEqual", True) is not False
        )


@dataclass(frozen=True, slots=True)
class LiveAlert:
    """An alert as Alertmanager has it now; ``state`` is ``active``, ``suppressed`` or ``unprocessed``."""

    fingerprint: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    starts_at: datetime | None
    state: str
    silenced_by: tuple[str, ...] = ()
    inhibited_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LiveSilence:
    """A silence as Alertmanager has it; ``state`` is ``active``, ``pending`` or ``expired``."""

    id: str
    matchers: tuple[Matcher, ...]
    starts_at: datetime | None
    ends_at: datetime | None
    created_by: str
    comment: str
    state: str


@dataclass(frozen=True, slots=True)
class NewSilence:
    """A silence to be made; with ``id`` one to be changed, which keeps its id only where matchers and start stay."""

    matchers: tuple[Matcher, ...]
    starts_at: datetime
    ends_at: datetime
    created_by: str
    comment: str
    id: str = ""

    def to_json(self) -> dict[str, Any]:
        """As the API takes it."""
        body = {
            "matchers": [one.to_json() for one in self.matchers],
            "startsAt": self.starts_at.isoformat(),
            "endsAt": self.ends_at.isoformat(),
            "createdBy": self.created_by,
            "comment": self.comment,
        }
        return {**body, "id": self.id} if self.id else body


@dataclass(frozen=True, slots=True)
class Alertmanager:
    """``urls`` are the members of one cluster; the first that answers is taken."""

    urls: tuple[str, ...] = field(repr=False)
    timeout_s: float = _TIMEOUT_S

    @classmethod
    def of(cls, addresses: str) -> "Alertmanager":
        """From the setting: addresses with commas between them."""
        return cls(tuple(one.strip().rstrip("/") for one in addresses.split(",") if one.strip()))

    async def version(self) -> str:
        """Of the first member that answers."""
        status = await self._ask("GET", "/status")
        return str(status.get("versionInfo", {}).get("version", "?"))

    async def alerts(self, matchers: Sequence[Matcher] = (), *, suppressed: bool = True) -> list[LiveAlert]:
        """Alerts that match, with or without silenced and inhibited ones."""
        shown = str(suppressed).lower()
        query = [("active", "true"), ("silenced", shown), ("inhibited", shown)]
        query += [("filter", str(one)) for one in matchers]
        return [_alert(one) for one in await self._ask("GET", "/alerts", query=query)]

    async def silences(self, matchers: Sequence[Matcher] = ()) -> list[LiveSilence]:
        """Silences of all states, expired ones too, soonest end first."""
        query = [("filter", str(one)) for one in matchers]
        found = [_silence(one) for one in await self._ask("GET", "/silences", query=query)]
        return sorted(found, key=lambda one: (one.ends_at is None, one.ends_at))

    async def silence(self, identity: str) -> LiveSilence:
        """Raises NoSuchSilence."""
        return _silence(await self._ask("GET", f"/silence/{identity}"))

    async def make_silence(self, new: NewSilence) -> str:
        """Make or change a silence; returns the id that it has from now on.

        There is no key that keeps it from being made twice: after a call whose answer was lost, the silence is looked
        for by its comment, which must be its own.
        """
        try:
            return str((await self._ask("POST", "/silences", body=new.to_json()))["silenceID"])
        except AlertmanagerUnreachable as error:
            if not error.is_unsure:
                raise
            return await self._made(new, error)

    async def expire(self, identity: str) -> None:
        """End a silence; one that has ended already stays so. Raises NoSuchSilence."""
        await self._ask("DELETE", f"/silence/{identity}")

    async def post_alerts(self, alerts: Sequence[Mapping[str, Any]]) -> None:
        """Tell every member of some alerts, as Prometheus does."""
        told = [await self._each(url, "POST", "/alerts", (), list(alerts)) for url in self.urls]
        if not any(one is not None for one in told):
            raise _unreachable(is_unsure=False)

    async def _made(self, new: NewSilence, error: AlertmanagerUnreachable) -> str:
        found = [one for one in await self.silences() if one.comment == new.comment and one.state != "expired"]
        same = [one for one in found if set(one.matchers) == set(new.matchers)]
        if same:
            return same[-1].id
        try:
            return str((await self._ask("POST", "/silences", body=new.to_json()))["silenceID"])
        except AlertmanagerUnreachable:
            raise error from None

    async def _ask(self, method: Method, path: str, *, query: Sequence[tuple[str, str]] = (), body: Any = None) -> Any:
        """The answer of the first member that gives one; what may have been done is not asked for twice."""
        problem: AlertmanagerUnreachable | None = None
        for url in self.urls:
            try:
                return await self._call(url, method, path, query, body)
            except AlertmanagerUnreachable as error:
                problem = error
                if error.is_unsure and method == "POST":
                    break
        raise problem or _unreachable(is_unsure=False)

    async def _each(self, url: str, method: Method, path: str, query: Sequence[tuple[str, str]], body: Any) -> Any:
        try:
            return await self._call(url, method, path, query, body) or {}
        except AlertmanagerUnreachable:
            return None

    async def _call(self, url: str, method: Method, path: str, query: Sequence[tuple[str, str]], body: Any) -> Any:
        timeout = aiohttp.ClientTimeout(total=self.timeout_s, sock_connect=2.0)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.request(method, f"{url}/api/v2{path}", params=list(query), json=body) as response,
            ):
                text = (await response.content.read(_LARGEST)).decode("utf-8", "replace")
                return _answer(method, response.status, text)
        except aiohttp.ClientConnectorError as error:
            raise _unreachable(is_unsure=False) from error
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise _unreachable(is_unsure=method != "GET") from error


ALERTMANAGER: Need[Alertmanager] = Need(
    "alertmanager", "Set ALERTMANAGER_URL, as http://host:9093, to see alerts and make silences."
)


def _answer(method: Method, status: int, text: str) -> Any:
    """What an answer means. Errors come as a JSON string (400, 500), as an object (415, 422) or as plain text."""
    try:
        told = json.loads(text) if text.strip() else {}
    except ValueError:
        told = text
    if status < 300:
        if isinstance(told, str):
            raise AlertmanagerError(
                "Alertmanager's answer is not understood: is ALERTMANAGER_URL really Alertmanager's?"
            )
        return told
    said = told.get("message", "") if isinstance(told, Mapping) else str(told)
    sentence = " ".join(str(said).split())[:_LONGEST_SAID] or f"status {status}"
    if status == 404 or "not found" in sentence.lower():
        raise NoSuchSilence("Alertmanager has no such silence; alerts silences lists them.")
    if status == 422 and "uuid" in sentence.lower():
        raise NoSuchSilence("This is no id of a silence; alerts silences lists them.")
    if status in (502, 503, 504):
        raise _unreachable(is_unsure=method != "GET")
    if status in (401, 403):
        raise AlertmanagerError("Alertmanager refuses the bot: put user and password into ALERTMANAGER_URL.")
    raise AlertmanagerError(f"Alertmanager refuses: {sentence.rstrip('.')}.")


def _unreachable(*, is_unsure: bool) -> AlertmanagerUnreachable:
    more = " It may have been done all the same." if is_unsure else ""
    return AlertmanagerUnreachable(f"Alertmanager does not answer at ALERTMANAGER_URL.{more}", is_unsure=is_unsure)


def _alert(told: Mapping[str, Any]) -> LiveAlert:
    status = told.get("status") or {}
    return LiveAlert(
        fingerprint=str(told.get("fingerprint", "")),
        labels={str(name): str(value) for name, value in (told.get("labels") or {}).items()},
        annotations={str(name): str(value) for name, value in (told.get("annotations") or {}).items()},
        starts_at=moment(told.get("startsAt")),
        state=str(status.get("state", "active")),
        silenced_by=tuple(str(one) for one in status.get("silencedBy") or ()),
        inhibited_by=tuple(str(one) for one in status.get("inhibitedBy") or ()),
    )


def _silence(told: Mapping[str, Any]) -> LiveSilence:
    return LiveSilence(
        id=str(told.get("id", "")),
        matchers=tuple(Matcher.of(one) for one in told.get("matchers") or ()),
        starts_at=moment(told.get("startsAt")),
        ends_at=moment(told.get("endsAt")),
        created_by=str(told.get("createdBy", "")),
        comment=str(told.get("comment", "")),
        state=str((told.get("status") or {}).get("state", "")),
    )
