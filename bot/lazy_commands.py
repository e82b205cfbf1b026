"""Commands that are imported when they are called, so that the command line itself starts quickly."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """Where a command is (``module:attribute``, a function or a typer app), and its line in the overview.

    ``takes_any`` lets it have options that only it knows.
    """

    target: str
    help: str
    takes_any: bool = False

    def load(self, name: str) -> Any:
        """Import the command's module; return the command under ``name``."""
        module, _, attribute = self.target.partition(":")
        found = getattr(importlib.import_module(module), attribute)
        holder = typer.Typer(rich_markup_mode=None)
        if isinstance(found, typer.Typer):
            holder.add_typer(found, name=name)
        else:
            settings = {"allow_extra_args": True, "ignore_unknown_options": True} if self.takes_any else None
            holder.command(name, context_settings=settings)(found)
        return typer.main.get_group(holder).commands[name]


def lazy_group(commands: Mapping[str, LazyCommand]) -> type[TyperGroup]:
    """A class of command groups that knows these commands by name and imports each when it is called."""

    class LazyGroup(TyperGroup):
        """Overview and completion show what is declared; only a command that runs is imported."""

        def __init__(self, **attributes: Any) -> None:
            super().__init__(**attributes)
            for name, each in commands.items():
                self.add_command(TyperCommand(name, help=each.help, rich_markup_mode=None))

        def get_command(self, ctx: Any, cmd_name: str) -> Any:
            return commands[cmd_name].load(cmd_name) if cmd_name in commands else None

        def format_help(self, ctx: Any, formatter: Any) -> None:
            self._overview().format_help(ctx, formatter)

        def shell_complete(self, ctx: Any, incomplete: str) -> Any:
            return self._overview().shell_complete(ctx, incomplete)

        def _overview(self) -> TyperGroup:
            overview = TyperGroup(name=self.name, help=self.help, params=self.params, rich_markup_mode=None)
            overview.commands = self.commands
            return overview

    return LazyGroup
