"""Names for what somebody is typing."""

from collections.abc import Iterator, Sequence

from ocr_worker.cards.card import Card
from ocr_worker.cards.names import fold

_LINE = "\n"


class Completion:
    """Finds cards by the beginning of a name, or of a word in it, among ``named``: names with their cards."""

    def __init__(self, named: Sequence[tuple[str, Card]]) -> None:
        rows = sorted(((fold(text), card) for text, card in named), key=lambda row: (len(row[0]), row[0]))
        self._cards = dict(reversed(rows))
        self._text = _LINE + _LINE.join(text for text, _ in rows) + _LINE

    def find(self, typed: str, limit: int) -> list[Card]:
        """Up to ``limit`` cards: names that begin so, then names with such a word, short ones first."""
        prefix = fold(typed)
        if not prefix:
            return []
        found: dict[str, Card] = {}
        for before in (_LINE, " "):
            for name in self._lines(before + prefix):
                if len(found) == limit:
                    break
                card = self._cards[name]
                found.setdefault(card.name, card)
        return list(found.values())

    def _lines(self, part: str) -> Iterator[str]:
        """The lines that contain ``part``, in order."""
        place = self._text.find(part)
        while place >= 0:
            start = place if part[0] == _LINE else self._text.rindex(_LINE, 0, place)
            end = self._text.index(_LINE, start + 1)
            yield self._text[start + 1 : end]
            place = self._text.find(part, end)
