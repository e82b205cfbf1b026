"""Magic Online's visual deck screens: columns in which every copy shows its title, or a grid with badges."""

from dataclasses import dataclass
from random import Random

from .art import texture
from .canvas import Canvas
from .cards import HEIGHT, Face, draw_card
from .deck import DeckShape, DrawnDeck, Slot, random_deck, total
from .fonts import ARIMO_BOLD, OPEN_SANS_BOLD
from .mtgo_parts import DARK, LIGHT, Theme, by_cost, standings, top_bar, type_counts
from .picture import Drawn, UnfitError
from .pool import Pool
from .styles import mtgo_style
from .truth import Truth
from .words import player_name

KIND = "mtgo-visual"
_STRIP = 0.167
_GAP = 1.055


@dataclass(frozen=True, slots=True)
class _Area:
    """A panel of the screen: its section, where it stands, its columns."""

    section: str
    left: float
    top: float
    width: float
    columns: list[list[Slot]]


def random_shape(rng: Random) -> DeckShape:
    """Constructed decks with four copies, singletons by points, limited decks."""
    form = rng.choices(("constructed", "singleton", "limited", "odd"), (70, 12, 10, 8))[0]
    lands = rng.randint(17, 25)
    if form == "singleton":
        return DeckShape(most_copies=1, lands=lands, widest=29)
    if form == "limited":
        return DeckShape(main=40, side=rng.randint(0, 15), most_copies=2, lands=17, basics_only=True, widest=29)
    return DeckShape(main=60 if form == "constructed" else rng.choice((61, 62, 80)), lands=lands, widest=29)


def draw(rng: Random, pool: Pool) -> Drawn:
    """A picture of a random deck, as columns or as a grid."""
    deck = random_deck(rng, pool, random_shape(rng))
    page = _Page(rng, pool, deck)
    return page.draw_grid() if rng.random() < 0.22 else page.draw_columns()


class _Page:
    def __init__(self, rng: Random, pool: Pool, deck: DrawnDeck) -> None:
        self.rng, self.pool, self.deck = rng, pool, deck
        self.style = mtgo_style(rng)
        self.theme: Theme = LIGHT if rng.random() < 0.8 else DARK
        self.truth = Truth(KIND, deck)
        self.bar = rng.uniform(24, 30)
        self.has_side = bool(deck.side) and rng.random() < 0.9
        self.faces: dict[str, Face] = {}
        if not self.has_side:
            self.truth.leave_out("side")

    def draw_columns(self) -> Drawn:
        rng = self.rng
        card = rng.uniform(130, 172)
        main = by_cost(self.deck.main)
        side = by_cost(self.deck.side) if self.has_side else []
        is_below = bool(side) and rng.random() < 0.15
        areas = self._areas(main, side, card, is_below)
        least = max(area.top + self._reach(area.columns, card) for area in areas)
        height = max(rng.uniform(430, 640), rng.uniform(least, least + card * HEIGHT))
        self._start(max(area.left + area.width for area in areas), height)
        for area in areas:
            self._bar(area, True)
            self._draw_area(area, card)
        if not is_below:
            self._noise(areas[-1], card, height)
        return self._finish(height, card)

    def _reach(self, columns: list[list[Slot]], card: float) -> float:
        """How far below its top a panel must reach for all titles to be seen."""
        tallest = max(total(column) for column in columns)
        return self.bar + 32 + (tallest - 1) * _STRIP * card + card * 0.22

    def _areas(self, main: list[list[Slot]], side: list[list[Slot]], card: float, is_below: bool) -> list[_Area]:
        """The main panel, wide enough for its bar, and the sideboard beside or below it."""
        pitch = card * _GAP
        width = max(len(main) * pitch + 26, self.rng.uniform(540, 720))
        areas = [_Area("main", 2, 0, width, main)]
        if side and is_below:
            top = self._reach(main, card) + card * self.rng.uniform(0.1, HEIGHT)
            areas.append(_Area("side", 2, top, max(width, len(side) * pitch + 26), side))
        elif side:
            while len(side) > 4 or (len(side) > 2 and self.rng.random() < 0.3):
                side[-2:] = [side[-2] + side[-1]]
            areas.append(_Area("side", width + 8, 0, max(len(side) * pitch + 8, 300), side))
        return areas

    def _start(self, width: float, height: float) -> None:
        self.width = width
        self.canvas = Canvas(width, height, self.theme.ground, 2)
        size = self.canvas.image.size
        self.canvas.paste(texture(self.rng, *size, self.theme.ground, 2.0), 0, 0)

    def _bar(self, area: _Area, shows_columns: bool) -> None:
        """The bar over a panel, and the line that parts the panel from the one before."""
        slots = self.deck.section(area.section)
        count, shown, types = total(slots), self.truth.displayed, None
        shown[area.section] = count
        title = f"Sideboard: {count}"
        if area.section == "main":
            types = type_counts(slots)
            shown.update(types)
            title = f"{self.deck.title}: {count}"
        elif area.top:
            ground = (area.left, area.top, self.width, area.top + 4000)
            self.canvas.rectangle(ground, self.theme.ground)
        else:
            self.canvas.rectangle((area.left - 6, 0, area.left, 4000), (0, 0, 0))
            self.canvas.rectangle((area.left - 4, 0, area.left - 3, 4000), (200, 160, 90))
        strip = Canvas(area.width, self.bar, (0, 0, 0), self.canvas.scale)
        top_bar(self.rng, strip, 0, area.width, self.bar, title, types)
        self.canvas.paste(strip.image, area.left, area.top)
        if shows_columns:
            shown[f"column_counts_{area.section}"] = [total(column) for column in area.columns]

    def _draw_area(self, area: _Area, card: float) -> None:
        for place, column in enumerate(area.columns):
            x = area.left + 2 + place * card * _GAP
            at = x + card / 2, area.top + self.bar + 15
            self.canvas.text(at, str(total(column)), ARIMO_BOLD, 14, self.theme.ink, "mm")
            self._stack(area.section, column, x, area.top + self.bar + 32, card)

    def _stack(self, section: str, column: list[Slot], x: float, y: float, card: float) -> None:
        copies = [slot for slot in column for _ in range(slot.count)]
        for place, slot in enumerate(copies):
            is_last = place == len(copies) - 1
            face = self._face(slot, card)
            self.truth.mark_cut(self.pool, section, slot.card, face.title, self.style.dots)
            self.canvas.paste(face.image, x, y)
            y += card * (HEIGHT if is_last else _STRIP)

    def _face(self, slot: Slot, card: float) -> Face:
        """The same picture for all copies of a card."""
        if slot.card.name not in self.faces:
            width = card * self.canvas.scale
            face = draw_card(self.rng, slot.card, self.style, width, None, self.deck.card_names)
            self.faces[slot.card.name] = face
        return self.faces[slot.card.name]

    def _noise(self, last: _Area, card: float, height: float) -> None:
        """Sometimes a piece of another window over the empty ground below the last columns."""
        low = self._reach(last.columns[-2:], card) + HEIGHT * card
        if height - low > 100 and self.rng.random() < 0.5:
            x = max(last.left, last.left + last.width - 340)
            standings(self.rng, self.canvas, x, low + 6, player_name(self.rng))

    def draw_grid(self) -> Drawn:
        """Each card once, with a badge that counts its copies."""
        rng = self.rng
        card = rng.uniform(130, 156)
        across = rng.randint(6, 9)
        pitch, row = card * 1.03 + 2, card * HEIGHT + rng.uniform(6, 14)
        main = [slot for column in by_cost(self.deck.main) for slot in column]
        side = [slot for column in by_cost(self.deck.side) for slot in column] if self.has_side else []
        areas = [_Area("main", 2, 0, across * pitch + 14, [main])]
        if side:
            areas.append(_Area("side", areas[0].width + 10, 0, max(330, min(5, len(side)) * pitch + 10), [side]))
        height = self.bar + 8 + row * -(-len(main) // across)
        if height > 1500:
            raise UnfitError
        self._start(areas[-1].left + areas[-1].width, height)
        for area in areas:
            self._bar(area, False)
            for place, slot in enumerate(area.columns[0]):
                down, right = divmod(place, max(1, int((area.width - 6) / pitch)))
                self._tile(area.section, slot, area.left + 4 + right * pitch, self.bar + 6 + down * row, card)
        return self._finish(height, card)

    def _tile(self, section: str, slot: Slot, x: float, y: float, card: float) -> None:
        face = self._face(slot, card)
        self.truth.mark_cut(self.pool, section, slot.card, face.title, self.style.dots)
        self.canvas.paste(face.image, x, y)
        left, top = x + card * 0.07, y + card * 1.04
        box = left, top, left + card * 0.47, top + card * 0.28
        self.canvas.rectangle(box, (50, 46, 44, 205), (240, 240, 240), 1.5, card * 0.05)
        for step in range(3):
            corner = left + card * (0.07 + 0.035 * step), top + card * (0.13 - 0.03 * step)
            self.canvas.rectangle((*corner, corner[0] + card * 0.06, corner[1] + card * 0.1), None, (225,) * 3, 1)
        at = left + card * 0.33, top + card * 0.14
        self.canvas.text(at, str(slot.count), OPEN_SANS_BOLD, card * 0.18, (255, 255, 255), "mm")

    def _finish(self, height: float, card: float) -> Drawn:
        image = self.canvas.finish(round(self.width), round(height))
        return Drawn(image, self.truth, card * self.style.title_size * 0.72)
