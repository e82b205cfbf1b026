"""How operations are run: roles, places, thresholds and what else ``ops.yaml`` says, checked when a process starts."""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from config.ops_alerts import AlertRules
from config.ops_certificates import CertificatesEntry
from config.ops_checklists import ChecklistEntry
from config.ops_deploy import DeployEntry
from config.ops_maintenance import MaintenanceEntry
from config.ops_oncall import OnCall
from config.ops_security import SecurityEntry
from config.ops_services import OrchestratorsEntry, ServiceEntries
from config.settings import SettingsError
from config.strict import Strict, wrong

SHIPPED = Path(__file__).with_name("ops.yaml")
_LARGEST = 1_000_000


class Role(StrEnum):
    """What somebody may do; each includes those before."""

    VIEWER = "viewer"
    RESPONDER = "responder"
    OPERATOR = "operator"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """0 for the least."""
        return list(Role).index(self)

    def includes(self, other: "Role") -> bool:
        """Whether it may do what ``other`` may."""
        return self.rank >= other.rank


_ACCOUNTS = {"discord": r"\d{1,20}", "telegram": r"\d{1,16}"}
_CHATS = {"discord": r"\d{1,20}", "telegram": r"-?\d{1,16}(?:/\d{1,10})?"}


def _check_id(platform: str, identity: str, shapes: Mapping[str, str], what: str) -> None:
    """Platforms know their own by numbers; names can be taken by others. Raises ValueError."""
    if platform in shapes and not re.fullmatch(shapes[platform], identity):
        raise ValueError(f"{identity[:40]!r} is no {what} of {platform}: its id is a number")


class PersonEntry(Strict):
    """A human and all accounts of theirs, by platform."""

    name: str = Field(min_length=1, max_length=64)
    role: Role | None = None
    accounts: dict[str, str] = Field(min_length=1)

    @model_validator(mode="after")
    def _accounts_are_ids(self) -> "PersonEntry":
        for platform, account in self.accounts.items():
            _check_id(platform, account, _ACCOUNTS, "account")
        return self


class GroupEntry(Strict):
    """Whoever is in a group of a platform."""

    platform: str
    group: str
    role: Role


class PlaceEntry(Strict):
    """A chat where the console answers."""

    platform: str
    chat: str

    @model_validator(mode="after")
    def _chat_is_an_id(self) -> "PlaceEntry":
        _check_id(self.platform, self.chat, _CHATS, "chat")
        return self


class Threshold(Strict):
    """From where on a figure is elevated, and an alert; ``alert`` below ``warn`` means that low is bad."""

    warn: float
    alert: float
    unit: Literal["seconds", "share", "count"] = "count"

    @property
    def low_is_bad(self) -> bool:
        """As for a hit rate."""
        return self.alert < self.warn

    def state(self, value: float) -> Literal["normal", "elevated", "alert"]:
        """Where a value lies; the runbook leaves what is between unnamed."""
        sign = -1 if self.low_is_bad else 1
        if sign * value > sign * self.alert:
            return "alert"
        return "elevated" if sign * value >= sign * self.warn else "normal"


class Policy(Strict):
    """All of ``ops.yaml``."""

    environment: str = Field(default="local", pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")
    terminal: Role | None = Role.ADMIN
    people: tuple[PersonEntry, ...] = ()
    groups: tuple[GroupEntry, ...] = ()
    places: tuple[PlaceEntry, ...] = ()
    thresholds: Mapping[str, Threshold] = {}
    on_call: OnCall = OnCall()
    alerts: AlertRules = AlertRules()
    services: ServiceEntries = ()
    orchestrators: OrchestratorsEntry = OrchestratorsEntry()
    certificates: CertificatesEntry = CertificatesEntry()
    deploy: DeployEntry = DeployEntry()
    announcements: tuple[PlaceEntry, ...] = ()
    maintenance: MaintenanceEntry = MaintenanceEntry()
    stakeholders: tuple[PlaceEntry, ...] = ()
    security: SecurityEntry = SecurityEntry()
    checklists: Mapping[str, ChecklistEntry] = {}

    @model_validator(mode="after")
    def _one_human_an_account(self) -> "Policy":
        seen: dict[tuple[str, str], str] = {}
        for person in self.people:
            for account in person.accounts.items():
                if account in seen:
                    raise ValueError(f"{account[0]} account {account[1]} is both {seen[account]}'s and {person.name}'s")
                seen[account] = person.name
        names = [person.name.casefold() for person in self.people]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"two people are called {min(twice)}")
        return self

    @model_validator(mode="after")
    def _on_call_are_people(self) -> "Policy":
        for location, name in self.on_call.strangers({person.name for person in self.people}):
            raise wrong(("on_call", *location), f"{name} does not stand under people")
        return self

    def person_with(self, platform: str, user: str) -> PersonEntry | None:
        """Who an account belongs to."""
        return next((one for one in self.people if one.accounts.get(platform) == user), None)

    def person_named(self, name: str) -> PersonEntry | None:
        """Somebody, whatever the case of the letters."""
        return next((one for one in self.people if one.name.casefold() == name.casefold()), None)

    def admins(self) -> Iterator[PersonEntry]:
        """Those whose role here is admin."""
        return (one for one in self.people if one.role is Role.ADMIN)


def load_policy(path: Path | None = None) -> Policy:
    """Read a file, or the one that ships; raise SettingsError, one sentence with the line."""
    file = path or SHIPPED
    try:
        if file.stat().st_size > _LARGEST:
            raise SettingsError(f"{file} is larger than {_LARGEST} bytes.")
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"OPS_FILE {file} cannot be read ({error}).") from error
    return parse_policy(text, file.name)


def parse_policy(text: str, name: str = "ops.yaml") -> Policy:
    """Check a text; raises as ``load_policy``."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        values: Any = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SettingsError(f"{name}, line {line}: this is no YAML ({error.problem}).") from error
    except (yaml.YAMLError, ValueError) as error:
        raise SettingsError(f"{name} is no YAML ({error}).") from error
    if not isinstance(values, Mapping | None):
        raise SettingsError(f"{name}, line 1: names with values are expected here.")
    try:
        return Policy.model_validate(values or {})
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"]) or "the file"
        message = problem["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{name}, line {_line(node, problem['loc'])}: {where}: {message}.") from error


def _line(node: yaml.Node | None, location: tuple[int | str, ...]) -> int:
    """The line of a value, or of the nearest thing around it."""
    line = 1
    for part in location:
        found = _child(node, part)
        if found is None:
            break
        line, node = found
    return line


def _child(node: yaml.Node | None, part: int | str) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        child = node.value[part]
        return child.start_mark.line + 1, child
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return key.start_mark.line + 1, value
    return None
