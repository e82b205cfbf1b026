"""Magic Online's lists: tables of cards with their number, cost, type, rarity and set."""

from random import Random

from . import mana
from .canvas import Canvas, Colour
from .deck import DeckShape, DrawnDeck, Slot, random_deck, total
from .fonts import ARIMO, OPEN_SANS, OPEN_SANS_BOLD
from .mtgo_parts import standings, top_bar, type_counts
from .picture import Drawn
from .pool import Pool
from .truth import Truth, truth_name
from .words import player_name

KIND = "mtgo-list"
_COLUMNS = (
    ("Qty", 0.07),
    ("Card Name", 0.38),
    ("Cost", 0.18),
    ("Type", 0.2),
    ("Rarity", 0.09),
    ("Set", 0.08),
)
_THEMES: tuple[tuple[Colour, Colour, Colour], ...] = (
    ((250, 250, 250), (226, 232, 240), (20, 20, 20)),
    ((44, 48, 54), (56, 60, 68), (230, 230, 230)),
    ((236, 236, 236), (218, 218, 218), (10, 10, 10)),
)


def draw(rng: Random, pool: Pool) -> Drawn:
    """A picture of a random deck."""
    shape = DeckShape(lands=rng.randint(18, 25)) if rng.random() < 0.8 else DeckShape(40, 0, 2, 17)
    return _Tables(rng, pool, random_deck(rng, pool, shape)).draw()


class _Tables:
    def __init__(self, rng: Random, pool: Pool, deck: DrawnDeck) -> None:
        self.rng, self.pool, self.deck = rng, pool, deck
        self.truth = Truth(KIND, deck)
        self.row = rng.uniform(19, 26)
        self.face = rng.choice((ARIMO, OPEN_SANS))
        self.light, self.dark, self.ink = rng.choice(_THEMES)
        self.bar = rng.uniform(24, 30)
        self.columns = _COLUMNS[: rng.choice((4, 5, 6))]

    def draw(self) -> Drawn:
        """Main deck and sideboard, side by side or one below the other."""
        rng, deck = self.rng, self.deck
        width = rng.uniform(620, 860)
        is_beside = bool(deck.side) and rng.random() < 0.6
        heights = [self.bar + self.row * (len(slots) + 1.2) + 6 for slots in (deck.main, deck.side) if slots]
        full = width + (rng.uniform(480, 640) + 8 if is_beside else 0)
        height = (max(heights) if is_beside else sum(heights)) + rng.uniform(4, 60)
        self.canvas = Canvas(full, height, self.light, 1.0 if rng.random() < 0.5 else 2.0)
        types = type_counts(deck.main)
        self.truth.displayed.update(main=total(deck.main), **types)
        title = f"{deck.title}: {total(deck.main)}"
        self._table("main", title, types, (0.0, 0.0, width), self._by_name(deck.main))
        if deck.side:
            self.truth.displayed["side"] = total(deck.side)
            place = (width + 8, 0.0, full - width - 8) if is_beside else (0.0, heights[0], width)
            self._table("side", f"Sideboard: {total(deck.side)}", None, place, self._by_name(deck.side))
            if is_beside and heights[0] - heights[1] > 130:
                standings(rng, self.canvas, width + 40, heights[1] + 24, player_name(rng))
        image = self.canvas.finish(round(full), round(height))
        return Drawn(image, self.truth, self.row * 0.56)

    def _by_name(self, slots: tuple[Slot, ...]) -> list[Slot]:
        return sorted(slots, key=lambda slot: slot.card.name) if self.rng.random() < 0.5 else list(slots)

    def _table(
        self,
        section: str,
        title: str,
        types: dict[str, int] | None,
        place: tuple[float, float, float],
        slots: list[Slot],
    ) -> None:
        left, top, width = place
        strip = Canvas(width, self.bar, (0, 0, 0), self.canvas.scale)
        top_bar(self.rng, strip, 0, width, self.bar, title, types)
        self.canvas.paste(strip.image, left, top)
        y = top + self.bar
        self.canvas.gradient((left, y, left + width, y + self.row), (70, 76, 84), (56, 60, 68))
        x = left
        shares = sum(share for _, share in self.columns)
        for word, share in self.columns:
            self.canvas.text((x + 6, y + self.row / 2), word, OPEN_SANS_BOLD, self.row * 0.52, (245, 245, 245))
            x += width * share / shares
        for number, slot in enumerate(slots):
            y += self.row
            fill = self.dark if number % 2 else self.light
            self.canvas.rectangle((left, y, left + width, y + self.row), fill)
            self._row(section, slot, left, y + self.row / 2, width / shares)

    def _row(self, section: str, slot: Slot, left: float, middle: float, width: float) -> None:
        canvas, size, x = self.canvas, self.row * 0.56, left
        for word, share in self.columns:
            room = width * share - 10
            if word == "Cost":
                cost = mana.front_cost(slot.card)
                wide = self.row * 0.66 * (len(mana.cost_symbols(cost)) + 0.3)
                mana.draw_cost(canvas, x + 4 + wide, middle, cost, self.row * 0.62)
            else:
                text, _ = canvas.ellipsize(self._cell(word, slot), self.face, size, room)
                canvas.text((x + 6, middle), text, self.face, size, self.ink)
                if word == "Card Name":
                    self.truth.mark_cut(self.pool, section, slot.card, text)
            x += width * share

    def _cell(self, word: str, slot: Slot) -> str:
        if word == "Qty":
            return str(slot.count)
        if word == "Card Name":
            name = truth_name(slot.card)
            return name.replace(" // ", "/") if slot.card.is_split else name
        if word == "Type":
            return slot.card.type_line.split(" // ")[0]
        if word == "Rarity":
            return self.rng.choice(("Common", "Uncommon", "Rare", "Mythic"))
        return "".join(self.rng.sample("ABCDEFGHKLMNORSTUVZ23", 3))
