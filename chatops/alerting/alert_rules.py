"""The rules that alert: as Prometheus evaluates them now, or else as they ship."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import aiohttp
import yaml

import config
from chatops.parts import Parts

_SHIPPED = Path(config.__file__).parent / "deploy" / "prometheus"
_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; ``state`` is ``inactive``, ``pending`` or ``firing``, or empty where it is not known."""

    name: str
    expression: str
    for_: str
    severity: str
    state: str

    def to_json(self) -> dict[str, str]:
        """For programs."""
        return asdict(self)


async def known_rules(parts: Parts) -> tuple[list[Rule], str]:
    """All rules by name, and where that is known from."""
    address = parts.settings.prometheus_url
    if address:
        try:
            return await _asked(address.rstrip("/")), "as Prometheus has them now"
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError, TypeError) as error:
            return _shipped(), f"as they ship; Prometheus did not answer ({type(error).__name__})"
    return _shipped(), "as they ship; set PROMETHEUS_URL to see which are firing"


async def _asked(address: str) -> list[Rule]:
    timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.get(f"{address}/api/v1/rules", params={"type": "alert"}, allow_redirects=False) as response,
    ):
        response.raise_for_status()
        groups = (await response.json())["data"]["groups"]
    found = [one for group in groups for one in group["rules"] if one.get("type") == "alerting"]
    return sorted((_rule(one, f"{one.get('duration', 0):g}s", one["query"]) for one in found), key=lambda one: one.name)


def _shipped() -> list[Rule]:
    found = []
    for file in sorted(_SHIPPED.glob("*.y*ml")):
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        groups = content.get("groups", ()) if isinstance(content, dict) else ()
        found += [one for group in groups for one in group.get("rules", ()) if "alert" in one]
    rules = [_rule({**one, "name": one["alert"]}, str(one.get("for", "")), str(one["expr"])) for one in found]
    return sorted(rules, key=lambda one: one.name)


def _rule(told: Any, for_: str, expression: str) -> Rule:
    labels = told.get("labels") or {}
    return Rule(str(told["name"]), expression, for_, str(labels.get("severity", "")), str(told.get("state", "")))
