"""Chat platforms, a module each with a ``SKIN``; a new platform is one new module here and nothing else."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from bot.conversation.conversation import Conversation
from bot.delivery import Platform
from bot.fetching import Source
from chatops.on_call.emergency import Speaker
from config.settings import Settings


class Skin(Platform, Source, Protocol):
    """One chat platform: takes what people say to the conversation, and shows what it answers."""

    async def run(self) -> None:
        """Connect and serve until cancelled; reconnects by itself. Raises SettingsError for a refused token."""
        ...

    async def check(self) -> str:
        """A few words when connected; raises bot.http.health.NotReady otherwise."""
        ...


@dataclass(frozen=True, slots=True)
class SkinKind:
    """A platform that can be connected: whether the settings ask for it, and how.

    ``speaker`` makes what says things there without anything else of the product, where that is possible.
    """

    name: str
    is_configured: Callable[[Settings], bool]
    create: Callable[[Settings, Conversation], Skin]
    speaker: Callable[[Settings], Speaker] | None = None


@lru_cache(maxsize=1)
def skin_kinds() -> Mapping[str, SkinKind]:
    """All platforms, by name."""
    modules = [importlib.import_module(f"{__name__}.{one.name}") for one in pkgutil.iter_modules(__path__)]
    return {module.SKIN.name: module.SKIN for module in modules}


def configured_skins(settings: Settings, conversation: Conversation) -> dict[str, Skin]:
    """The platforms that the settings ask for."""
    return {
        name: kind.create(settings, conversation) for name, kind in skin_kinds().items() if kind.is_configured(settings)
    }
