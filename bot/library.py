"""The card catalogue of a bot process, loaded once, beside what it does."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bot.conversation.tokens import name_key
from config.tasks import Tasks
from ocr_worker.cards import Card, CardIndex, load_index
from ocr_worker.decks import Deck, deck_from_json

_LEAST_ALIKE = 68.0
"""Points below which a text resembles a name by chance: of 400 names with two slips 97 % reach more, of 300 texts of
random letters 0.3 %."""


@dataclass(slots=True)
class Library:
    """Knows cards by name and by the short keys of buttons."""

    data_dir: Path
    _index: "asyncio.Task[CardIndex] | None" = None
    _tasks: Tasks = field(default_factory=Tasks)
    _by_key: dict[str, Card] = field(default_factory=dict)

    async def index(self) -> CardIndex:
        """The index; it takes a second the first time, in a thread."""
        if self._index is None:
            self._index = self._tasks.start(asyncio.to_thread(load_index, self.data_dir))
        return await asyncio.shield(self._index)

    async def close(self) -> None:
        """Nobody waits for the index any more."""
        await self._tasks.close()

    async def knows_printings(self) -> bool:
        """Whether lists can have set codes; the catalogue that is shipped has none."""
        return (await self.index()).catalogue.knows_printings

    async def check(self) -> str:
        """Which cards are known, for ``chatops.observing.readiness``; while they are loaded nothing is missing."""
        if self._index is None or not self._index.done():
            return "not loaded yet"
        return f"{len((await self.index()).cards):,} cards"

    async def deck(self, stored: Mapping[str, Any]) -> Deck:
        """A deck of deck JSON; cards that this process's catalogue lacks stand among the warnings."""
        parsed = deck_from_json(stored, await self.index())
        if not parsed.problems:
            return parsed.deck
        warnings = (*parsed.deck.warnings, *map(str, parsed.problems))
        return replace(parsed.deck, warnings=warnings, complete=False)

    async def complete(self, typed: str, limit: int = 25) -> list[Card]:
        """Cards for what somebody is typing."""
        return (await self.index()).complete(typed[:100], limit) if typed.strip() else []

    async def search(self, text: str, limit: int = 10) -> list[Card]:
        """Cards that a text may name, best first; none for a text that is like no name."""
        index = await self.index()
        exact = index.exact(text[:200])
        found = [exact] if exact else []
        found += [match.card for match in index.search(text[:200], limit) if match.score >= _LEAST_ALIKE]
        found += index.complete(text[:100], limit)
        return list({card.name: card for card in found}.values())[:limit]

    async def card(self, name: str) -> Card | None:
        """The card of this very name."""
        return (await self.index()).exact(name)

    async def card_of_key(self, key: str) -> Card | None:
        """The card that a button stands for."""
        if not self._by_key:
            self._by_key = {name_key(card.name): card for card in (await self.index()).cards}
        return self._by_key.get(key)
