"""Verbs and the functions that carry them out."""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from bot.conversation.desk import Desk, Somebody
from bot.conversation.drawing import Drawing
from bot.conversation.model import Answer, Press
from bot.conversation.showing import Showing
from bot.conversation.tokens import Token
from chatops.console import Console
from config.settings import Settings
from storage.blobs import Blobs


@dataclass(frozen=True, slots=True)
class Context:
    """A press and all that its handler needs."""

    press: Press
    token: Token
    who: Somebody
    desk: Desk
    showing: Showing
    drawing: Drawing
    blobs: Blobs
    settings: Settings
    console: Console


Handler = Callable[[Context], Awaitable[Answer]]

_declared: dict[str, Handler] = {}


def verb(name: str) -> Callable[[Handler], Handler]:
    """Declare what a verb does; raises ValueError for a name that is taken."""

    def declare(handler: Handler) -> Handler:
        if name in _declared:
            raise ValueError(f"the verb {name} is declared twice")
        _declared[name] = handler
        return handler

    return declare


@lru_cache(maxsize=1)
def verbs() -> Mapping[str, Handler]:
    """All verbs, from all files of this package."""
    package = importlib.import_module("bot.conversation.actions")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return dict(_declared)
