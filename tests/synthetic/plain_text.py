"""Plain lists in a note, an editor or a chat: '4 Lightning Bolt' line by line."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from .canvas import Canvas
from .deck import DeckShape, DrawnDeck, Slot, random_deck, total
from .fonts import ARIMO, OPEN_SANS, ROBOTO, SOURCE_SANS, SOURCE_SERIF
from .picture import Drawn
from .pool import Pool
from .truth import Truth, truth_name
from .words import comment, player_name

KIND = "other"
_FACES = (ROBOTO, OPEN_SANS, SOURCE_SANS, ARIMO, SOURCE_SERIF)
_PAPERS = (
    ((255, 255, 255), (20, 20, 20)),
    ((54, 57, 63), (220, 221, 222)),
    ((255, 249, 220), (50, 45, 30)),
    ((30, 30, 30), (212, 212, 212)),
    ((231, 246, 220), (24, 30, 24)),
)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the text; a card's line knows its section and slot."""

    text: str
    section: str = ""
    slot: Slot | None = None


def draw(rng: Random, pool: Pool) -> Drawn:
    """A picture of a random deck."""
    form = rng.choices(("constructed", "limited", "commander"), (7, 2, 1))[0]
    shape = {
        "constructed": DeckShape(lands=rng.randint(18, 26), companion=rng.random() < 0.1),
        "limited": DeckShape(40, rng.choice((0, 8)), 2, 17),
        "commander": DeckShape(100, 0, 1, 38, commander=True),
    }[form]
    return _Note(rng, random_deck(rng, pool, shape)).draw()


class _Note:
    def __init__(self, rng: Random, deck: DrawnDeck) -> None:
        self.rng, self.deck = rng, deck
        self.truth = Truth(KIND, deck)
        self.face = rng.choice(_FACES)
        self.size = rng.uniform(13, 22)
        self.ground, self.ink = rng.choice(_PAPERS)
        self.count = rng.choice(("{} ", "{} ", "{}x ", "{} x "))
        self.headings = rng.choice(("arena", "arena", "sizes", "colon", "blank"))

    def draw(self) -> Drawn:
        rng, size = self.rng, self.size
        lines = list(self._lines())
        columns = 2 if len(lines) > 60 or rng.random() < 0.12 else 1
        rows = -(-len(lines) // columns)
        pitch, margin = size * rng.uniform(1.25, 1.7), rng.uniform(10, 50)
        top = rng.choice((margin, margin + 60))
        wide = size * 23
        width, height = margin * 2 + wide * columns, top + rows * pitch + margin
        self.canvas = Canvas(width, height, self.ground, 1)
        if top > margin:
            self._chat_head(margin)
        for place, line in enumerate(lines):
            x, y = margin + place // rows * wide, top + (place % rows + 0.5) * pitch
            self.canvas.text((x, y), line.text, self.face, size, self.ink)
        image = self.canvas.finish(round(width), round(height))
        return Drawn(image, self.truth, size)

    def _chat_head(self, margin: float) -> None:
        text = f"{player_name(self.rng)}   {self.rng.randint(1, 23)}:{self.rng.randint(10, 59)}"
        self.canvas.text((margin, margin), text, self.face, self.size * 1.05, (120, 140, 230))
        self.canvas.text((margin, margin + self.size * 1.8), comment(self.rng), self.face, self.size * 0.9, self.ink)

    def _lines(self) -> Iterator[_Line]:
        names = {"commander": "Commander", "companion": "Companion", "main": "Deck", "side": "Sideboard"}
        for section, name in names.items():
            slots = self.deck.section(section)
            if not slots:
                continue
            yield from self._heading(section, name, total(slots))
            for slot in slots:
                yield _Line(self.count.format(slot.count) + truth_name(slot.card), section, slot)
            yield _Line("")

    def _heading(self, section: str, name: str, count: int) -> Iterator[_Line]:
        if self.headings == "sizes":
            self.truth.displayed[section] = count
            yield _Line(f"{name} ({count})")
        elif self.headings == "colon" or (self.headings == "blank" and section != "main"):
            yield _Line(f"{name}:")
        elif self.headings == "arena":
            yield _Line(name)
