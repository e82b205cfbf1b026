"""What messages of the outbox show, a file for each kind of subject; a new kind is one new file here.

Each module has ``SUBJECT``, the name in the outbox, and ``reply(message, window)``, which gives the present state and
raises NotStored where what it showed is gone.
"""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from bot.conversation.model import Reply
from bot.conversation.showing import Showing
from chatops.console import Console
from storage.records import MessageRecord


@dataclass(frozen=True, slots=True)
class Window:
    """What subjects are looked at through."""

    showing: Showing
    console: Console


Renderer = Callable[[MessageRecord, Window], Awaitable[Reply]]


@lru_cache(maxsize=1)
def subjects() -> Mapping[str, Renderer]:
    """All kinds, by their names in the outbox."""
    modules = [importlib.import_module(f"{__name__}.{one.name}") for one in pkgutil.iter_modules(__path__)]
    return {module.SUBJECT: module.reply for module in modules}
