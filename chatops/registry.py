"""Declarations of actions, from which commands, completion, help, documentation and the permission table come."""

import inspect
import types
import typing
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from chatops.model import Answer, BadArgument, Confirmation, Plan, Risk
from chatops.parameters import Kind, one_of
from chatops.parts import Need, Parts
from config.ops import Role

Function = Callable[..., Awaitable[Answer]]
Planner = Callable[..., Awaitable[Plan]]

_TIMEOUT = timedelta(seconds=30)
NOT_KEPT = "[not kept]"
_ALIASES = {"svc": "service"}
"""Names of parameters as the runbook writes them."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter, from the function's signature; ``default`` is None for one that must be given or may lack."""

    name: str
    kind: Kind
    is_required: bool
    default: Any
    help: str = ""

    @property
    def option(self) -> str:
        """Its name in commands: ``older-than``."""
        return self.name.rstrip("_").replace("_", "-")

    @property
    def is_secret(self) -> bool:
        """Its value is never kept."""
        return bool(getattr(self.kind, "is_secret", False))

    def read(self, text: str) -> Any:
        """The value; raises BadArgument, which names the parameter."""
        try:
            return self.kind.read(text)
        except BadArgument as error:
            raise BadArgument(f"{self.option}: {error}.".replace("?.", "?").replace("..", ".")) from None

    async def complete(self, parts: Parts, typed: str) -> list[str]:
        """What may be meant by what is typed so far, best first, at most 25."""
        complete = getattr(self.kind, "complete", None)
        return [] if complete is None else list(await complete(parts, typed))[:25]


@dataclass(slots=True)
class Action:
    """One declaration; see ``action``."""

    group: str
    verb: str
    help: str
    function: Function
    role: Role | None
    risk: Risk
    confirmation: Confirmation
    parameters: tuple[Parameter, ...]
    needs: tuple[Need[Any], ...] = ()
    timeout: timedelta = _TIMEOUT
    check: str = ""
    lock: str = ""
    is_private: bool = False
    planner: Planner | None = None
    resumer: Function | None = None

    @property
    def name(self) -> str:
        """``queue drain``."""
        return f"{self.group} {self.verb}"

    def missing(self, parts: Parts) -> str:
        """Why it cannot work here, empty where it can."""
        return next((need.reason for need in self.needs if not parts.has(need)), "")

    def plan(self, planner: Planner) -> Planner:
        """Decorates the function that says, with the same parameters, what the action would do."""
        self.planner = planner
        return planner

    def resume(self, resumer: Function) -> Function:
        """Decorates the function that goes on after the process was replaced in the middle."""
        self.resumer = resumer
        return resumer

    def parameter(self, option: str) -> Parameter:
        """By its name in commands; raises BadArgument with the nearest."""
        names = {one.option: one for one in self.parameters}
        wanted = option.replace("_", "-")
        if wanted not in names:
            wanted = _ALIASES.get(wanted, wanted)
        if not names:
            raise BadArgument(f"{self.name} takes no parameters.")
        try:
            return names[one_of(wanted, list(names))]
        except BadArgument as error:
            raise BadArgument(f"{self.name} has no parameter {option}: {error}") from None

    def read(self, arguments: Mapping[str, str]) -> dict[str, Any]:
        """Values by the function's parameter names; raises BadArgument."""
        given = {self.parameter(option).name: text for option, text in arguments.items()}
        values: dict[str, Any] = {}
        for one in self.parameters:
            if one.name in given:
                values[one.name] = one.read(given[one.name])
            elif one.is_required:
                raise BadArgument(f"{self.name} needs {one.option}: {one.kind.hint}.")
        return values

    def canonical(self, arguments: Mapping[str, str]) -> dict[str, str]:
        """The same arguments under their full names, as they are kept and shown."""
        return {self.parameter(option).option: text.strip() for option, text in arguments.items()}

    def kept(self, arguments: Mapping[str, str]) -> dict[str, str]:
        """The same without what is secret."""
        return {option: NOT_KEPT if self.parameter(option).is_secret else text for option, text in arguments.items()}


def action(
    name: str,
    *,
    role: Role | None = None,
    risk: Risk = Risk.READ,
    confirm: Confirmation = Confirmation.NONE,
    needs: Sequence[Need[Any]] = (),
    timeout: timedelta = _TIMEOUT,
    check: str = "",
    lock: str = "",
    private: bool = False,
) -> Callable[[Function], Action]:
    """Declare an action ``group verb``; its help is the first line of its docstring, its parameters the signature.

    ``role`` is the least role that may use it; without one nobody may. ``check`` is the action that tells what
    became of it when it takes longer than ``timeout`` or its process dies. Of those with one ``lock`` only one runs
    at a time (its own name where it changes something and none is given). ``private`` keeps the answer from others.
    """
    group, verb = name.split(" ")

    def declare(function: Function) -> Action:
        doc = inspect.getdoc(function) or ""
        if not doc:
            raise ValueError(f"the action {name} has no help")
        own = "" if risk is Risk.READ else name
        parameters = _parameters(function)
        if confirm is not Confirmation.NONE and any(one.is_secret for one in parameters):
            raise ValueError(f"{name} cannot be confirmed later: a secret is not kept")
        return Action(
            group=group,
            verb=verb,
            help=doc.splitlines()[0],
            function=function,
            role=role,
            risk=risk,
            confirmation=confirm,
            parameters=parameters,
            needs=tuple(needs),
            timeout=timeout,
            check=check,
            lock=lock or own,
            is_private=private,
        )

    return declare


def _parameters(function: Function) -> tuple[Parameter, ...]:
    hints = typing.get_type_hints(function, include_extras=True)
    found = list(inspect.signature(function).parameters.values())[1:]
    return tuple(_parameter(one, hints[one.name]) for one in found)


def _parameter(found: inspect.Parameter, hint: Any) -> Parameter:
    metadata = _metadata(hint)
    kind = next((one for one in metadata if isinstance(one, Kind)), None)
    if kind is None:
        raise ValueError(f"the parameter {found.name} has no kind")
    words = next((one for one in metadata if isinstance(one, str)), "")
    is_required = found.default is inspect.Parameter.empty
    return Parameter(found.name, kind, is_required, None if is_required else found.default, words)


def _metadata(hint: Any) -> tuple[Any, ...]:
    """Of ``Annotated[…]``, also where None is allowed beside it."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return next((found for one in typing.get_args(hint) if (found := _metadata(one))), ())
    return getattr(hint, "__metadata__", ())


@dataclass(frozen=True, slots=True)
class Registry:
    """All actions by name."""

    actions: Mapping[str, Action]
    groups: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, modules: Iterable[types.ModuleType]) -> "Registry":
        """Those that modules declare, by name or in ``ACTIONS``; ``GROUPS`` says what each of their groups is about."""
        found: dict[str, Action] = {}
        groups: dict[str, str] = {}
        for module in modules:
            groups |= getattr(module, "GROUPS", {})
            for one in (*vars(module).values(), *getattr(module, "ACTIONS", ())):
                if isinstance(one, Action) and one.name not in found:
                    found[one.name] = one
        missing = {one.group for one in found.values()} - set(groups)
        if missing:
            raise ValueError(f"no chapter says what {', '.join(sorted(missing))} is about")
        ordered = dict(sorted(found.items()))
        return cls(ordered, {name: groups[name] for name in sorted({one.group for one in found.values()})})

    def __iter__(self) -> Iterator[Action]:
        return iter(self.actions.values())

    def find(self, group: str, verb: str) -> Action:
        """Raises BadArgument with the nearest."""
        try:
            name = one_of(group, list(self.groups))
        except BadArgument as error:
            raise BadArgument(f"There is no group {group[:40]!r}: {error}") from None
        verbs = [one.verb for one in self.of_group(name)]
        if not verb:
            raise BadArgument(f"{name} needs one of {', '.join(verbs)}.")
        try:
            return self.actions[f"{name} {one_of(verb.replace('_', '-'), verbs)}"]
        except BadArgument as error:
            raise BadArgument(f"{name} has no {verb[:40]!r}: {error}") from None

    def named(self, name: str) -> Action:
        """By its full name; raises BadArgument."""
        group, _, verb = name.partition(" ")
        return self.find(group, verb)

    def of_group(self, group: str) -> list[Action]:
        """Those of one group."""
        return [one for one in self if one.group == group]

    def with_(self, *actions: Action) -> "Registry":
        """The same with others."""
        found = {**self.actions, **{one.name: one for one in actions}}
        groups = {one.group: self.groups.get(one.group, one.group) for one in found.values()}
        return replace(self, actions=dict(sorted(found.items())), groups=groups)
