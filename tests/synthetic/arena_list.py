"""Arena's deck as a list of bars: the panel beside the collection, a crop of it, bars in columns."""

from dataclasses import dataclass
from random import Random

from . import arena_parts as parts
from .art import texture
from .canvas import Canvas
from .cards import draw_card
from .deck import DeckShape, DrawnDeck, Slot, random_deck, total
from .fonts import MONTSERRAT
from .picture import LEAST_TITLE_PX, Drawn, UnfitError
from .pool import Pool
from .styles import arena_style
from .truth import Truth, truth_name

KIND = "arena-list"
_HEADER = 76.0
_CARD = 208.0
#: Size of the names, in heights of a row.
_LETTERS = 0.54


@dataclass(frozen=True, slots=True)
class _Group:
    """Rows of one section under a heading."""

    section: str
    title: str
    slots: tuple[Slot, ...]


def draw(rng: Random, pool: Pool) -> Drawn:
    """A picture of a random deck."""
    form = rng.choices(("panel", "crop", "columns"), (4, 4, 3))[0]
    side = rng.choice((0, 15, 15))
    shape = rng.choices(
        (
            DeckShape(side=side, lands=rng.randint(18, 26)),
            DeckShape(40, 0, 2, 17),
            DeckShape(60, 0, 1, 24, commander=True),
            DeckShape(side=15, companion=True),
        ),
        (7, 1, 1, 1),
    )[0]
    page = _Page(rng, pool, random_deck(rng, pool, shape))
    return {"panel": page.draw_panel, "crop": page.draw_crop, "columns": page.draw_columns}[form]()


class _Page:
    def __init__(self, rng: Random, pool: Pool, deck: DrawnDeck) -> None:
        self.rng, self.pool, self.deck = rng, pool, deck
        self.style = arena_style(rng)
        self.face = self.style.title
        self.truth = Truth(KIND, deck)
        self.pitch = rng.uniform(34, 46)
        self.count = rng.choice(("{}x", "{}x", "{}"))
        self.darkness = rng.choice((0.0, 0.15, 0.4))
        self.scale = rng.uniform(0.8, 1.5)
        self.button_top = float("inf")

    def _groups(self) -> list[_Group]:
        deck = self.deck
        count = total(deck.main)
        groups = [_Group("main", deck.title, deck.main)]
        self.truth.displayed["main"] = count
        if deck.commander:
            groups.insert(0, _Group("commander", "Commander", deck.commander))
        if deck.companion:
            groups.append(_Group("companion", "Companion", deck.companion))
        if deck.side:
            self.truth.displayed["side"] = total(deck.side)
            groups.append(_Group("side", "Sideboard", deck.side))
        return groups

    def draw_panel(self) -> Drawn:
        """The whole client: other cards of the collection at the left, the deck's list at the right."""
        groups = self._groups()
        needed = 100 + self._height(groups) + 90
        height = max(1080.0, needed)
        if needed > 1080 and self.rng.random() < 0.5:
            height = max(1080.0, needed - self.rng.uniform(60, 260))
            self.button_top = height - 75
            self.truth.notes.append("The list goes on below the button.")
        self.scale = self.rng.choice((0.75, 1.0, 1.0, 1.0, 1.333)) * 1080 / height
        if self.pitch * _LETTERS * self.scale < LEAST_TITLE_PX:
            raise UnfitError
        self._start(1920, height)
        parts.backdrop(self.rng, self.canvas, height, 120)
        parts.top_menu(self.rng, self.canvas, self.face, 1920, self.rng.random() < 0.5)
        parts.search_box(self.canvas, MONTSERRAT, 60, 140)
        self._collection(height)
        self.canvas.rectangle((1440, 75, 1920, height), (8, 10, 11, 245))
        self._list(groups, 1448, 92, 440)
        parts.done_button(self.canvas, self.face, 1690, height - 45)
        return self._finish(1920, height)

    def draw_crop(self) -> Drawn:
        """The list alone."""
        groups = self._groups()
        width = self.rng.uniform(430, 560)
        height = self._height(groups) + 24
        self._start(width, height)
        self.canvas.paste(texture(self.rng, *self.canvas.image.size, (12, 14, 16), 1.5), 0, 0)
        self._list(groups, 8, 8, width - 24)
        return self._finish(width, height)

    def draw_columns(self) -> Drawn:
        """Bars in two or three columns, the sideboard in the last one."""
        groups = self._groups()
        width, columns = self.rng.uniform(390, 460), self.rng.choice((2, 2, 3))
        rest = [group for group in groups if group.section != "main"]
        main = next(group for group in groups if group.section == "main")
        rows = -(-len(main.slots) // columns)
        height = 30 + _HEADER + max(rows * self.pitch, self._height(rest) - _HEADER)
        places = columns + bool(rest)
        self._start(width * places + 30, height)
        parts.backdrop(self.rng, self.canvas, height, 60)
        self._heading(main, 10, 8, width * 0.98)
        for place, slot in enumerate(main.slots):
            down = place % rows
            x = 10 + place // rows * width
            self._row("main", slot, x, 10 + _HEADER + down * self.pitch, width - 16)
        if rest:
            self._list(rest, 10 + columns * width, 8, width - 16)
        return self._finish(width * places + 30, height)

    def _height(self, groups: list[_Group]) -> float:
        return sum(_HEADER + 8 + len(group.slots) * self.pitch for group in groups)

    def _start(self, width: float, height: float) -> None:
        oversample = 2 if width * self.scale < 2100 else 1.4
        self.canvas = Canvas(width, height, (10, 12, 14), self.scale * oversample)

    def _list(self, groups: list[_Group], x: float, y: float, width: float) -> None:
        for group in groups:
            self._heading(group, x, y, width)
            y += _HEADER
            for slot in group.slots:
                self._row(group.section, slot, x, y, width)
                y += self.pitch
            y += 8

    def _heading(self, group: _Group, x: float, y: float, width: float) -> None:
        count = total(group.slots)
        if y + 50 > self.button_top:
            self.truth.displayed[group.section] = None
        if group.section == "main":
            counts = f"{count}/{40 if count < 60 else 60} Cards"
        elif group.section == "side":
            counts = self.rng.choice((f"{count}/15 Cards", f"{count} Cards"))
        else:
            counts = f"{count} Card"
        parts.header(self.canvas, self.face, (x, y, x + width, y + 68), group.title, counts, 22)

    def _row(self, section: str, slot: Slot, x: float, y: float, width: float) -> None:
        half, middle = self.pitch * 0.445, y + self.pitch / 2
        pill = 48 * self.pitch / 46
        box = x, middle - half, x + pill, middle + half
        parts.count_pill(self.canvas, box, self.count.format(slot.count), self.face)
        bar = x + pill + 4, middle - half, x + width, middle + half
        dark = self.rng.random() < self.darkness
        shown = parts.list_bar(self.canvas, bar, slot.card, truth_name(slot.card), self.face, dark)
        self.truth.mark_cut(self.pool, section, slot.card, shown)
        if middle + half > self.button_top + 6:
            self.truth.mark(section, slot.card, "partly-hidden")

    def _collection(self, height: float) -> None:
        """Cards that the player owns and that are not in this list."""
        rng = self.rng
        for down in range(int((height - 260) / 330)):
            for across in range(6):
                card = self.pool.pick(rng, "WUBRG", False)
                x, y = 60 + across * 228, 215 + down * 330
                face = draw_card(rng, card, self.style, _CARD * self.canvas.scale, None, ["Opt"])
                for dot in range(4):
                    left = x + 66 + dot * 20
                    fill = (235, 150, 60) if dot < rng.randint(0, 4) else (60, 60, 60)
                    self.canvas.ellipse((left, y - 16, left + 11, y - 5), fill)
                self.canvas.paste(face.image, x, y)
        self.truth.notes.append("Cards of the collection stand at the left, not in the deck.")

    def _finish(self, width: float, height: float) -> Drawn:
        size = round(width * self.scale), round(height * self.scale)
        return Drawn(self.canvas.finish(*size), self.truth, self.pitch * _LETTERS * self.scale)
