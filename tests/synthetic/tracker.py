"""A deck tracker's overlay: rows of counts and names over a game, with results and clocks around them."""

from random import Random

from . import mana
from .art import random_art
from .canvas import Canvas, Colour
from .deck import DeckShape, DrawnDeck, Slot, random_deck, total
from .fonts import MONTSERRAT
from .picture import Drawn
from .pool import Pool
from .styles import arena_style
from .truth import Truth, truth_name
from .words import player_name

KIND = "other"
_ROWS = (((38, 82, 96), (58, 84, 118)), ((40, 40, 44), (64, 64, 70)), ((24, 24, 28), (38, 38, 44)))
_WHITE: Colour = (238, 236, 230)


def draw(rng: Random, pool: Pool) -> Drawn:
    """A picture of what is left of a random deck."""
    deck = _partly_drawn(rng, random_deck(rng, pool, DeckShape(side=0, lands=rng.randint(18, 25))))
    return _Overlay(rng, pool, deck).draw()


def _partly_drawn(rng: Random, deck: DrawnDeck) -> DrawnDeck:
    """The deck without some cards that were drawn in the game, most copies first."""
    counts = {slot.card.name: slot.count for slot in deck.main}
    for name in rng.choices(list(counts), k=rng.randint(0, 18)):
        counts[name] = max(0, counts[name] - 1)
    left = [Slot(counts[slot.card.name], slot.card) for slot in deck.main if counts[slot.card.name]]
    return DrawnDeck(deck.title, tuple(sorted(left, key=lambda slot: -slot.count)))


class _Overlay:
    def __init__(self, rng: Random, pool: Pool, deck: DrawnDeck) -> None:
        self.rng, self.pool, self.deck = rng, pool, deck
        self.truth = Truth(KIND, deck)
        self.face = arena_style(rng).title
        self.scale = rng.uniform(0.85, 1.5)
        self.wide, self.row = rng.uniform(290, 370), rng.uniform(27, 34)

    def draw(self) -> Drawn:
        rng = self.rng
        left, top, head = rng.uniform(20, 200), rng.uniform(20, 90), rng.uniform(120, 200)
        width = left + self.wide + rng.uniform(60, 420)
        height = top + head + self.row * len(self.deck.main) + 110
        self.canvas = Canvas(width, height, (255, 255, 255), self.scale * 2)
        if rng.random() < 0.65:
            size = self.canvas.image.width // 3, self.canvas.image.height // 3
            game = random_art(rng, *size, rng.choice("WUBRG")).resize(self.canvas.image.size)
            self.canvas.paste(game, 0, 0)
        bottom = height - rng.uniform(30, 50)
        self.canvas.rectangle((left, top, left + self.wide, bottom), (84, 84, 86, 235), radius=6)
        self._head(left, top, head)
        for place, slot in enumerate(self.deck.main):
            self._row(slot, left, top + head + place * self.row)
        clock = f"00:{rng.randint(0, 59):02d}:{rng.randint(0, 59):02d}"
        at = left + self.wide / 2, top + head + self.row * len(self.deck.main) + 26
        self.canvas.text(at, clock, self.face, 22, _WHITE, "mm")
        self.truth.notes.append("The cards left in the library during a game.")
        size = round(width * self.scale), round(height * self.scale)
        return Drawn(self.canvas.finish(*size), self.truth, self.row * 0.56 * self.scale)

    def _head(self, left: float, top: float, head: float) -> None:
        count, rng, right = total(self.deck.main), self.rng, left + self.wide - 12
        self.truth.displayed["main"] = count
        texts = (self.deck.title.upper(), "Session", f"{count} cards in deck")
        for text, share in zip(texts, (0.2, 0.52, 0.85), strict=True):
            self.canvas.text((left + 10, top + head * share), text, self.face, 20, _WHITE)
        record = f"W:{rng.randint(0, 20)} - L:{rng.randint(0, 20)}"
        self.canvas.text((right, top + head * 0.52), record, self.face, 19, _WHITE, "rm")
        self.canvas.text((right, top + head * 0.2), player_name(rng), MONTSERRAT, 12, (190, 190, 190), "rm")

    def _row(self, slot: Slot, left: float, y: float) -> None:
        middle, right = y + self.row / 2, left + self.wide
        number, name = _ROWS[len(self.deck.title) % len(_ROWS)]
        self.canvas.rectangle((left, y, left + 36, y + self.row), number)
        self.canvas.rectangle((left + 36, y, right, y + self.row), name)
        self.canvas.rectangle((left, y + self.row - 1.5, right, y + self.row), (104, 100, 96))
        size = self.row * 0.56
        self.canvas.text((left + 7, middle), f"{slot.count}x", self.face, size, _WHITE)
        end = mana.draw_cost(self.canvas, right - 8, middle, mana.front_cost(slot.card), self.row * 0.56, 0.02)
        shown, _ = self.canvas.ellipsize(truth_name(slot.card), self.face, size, end - left - 48)
        self.truth.mark_cut(self.pool, "main", slot.card, shown)
        self.canvas.text((left + 41, middle + 1), shown, self.face, size, (20, 20, 20))
        self.canvas.text((left + 40, middle), shown, self.face, size, _WHITE)
