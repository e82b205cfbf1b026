"""Arena's deck builder: columns of stacked cards, the sideboard at the right."""

from dataclasses import dataclass
from random import Random

from . import arena_parts as parts
from .arena_columns import CARD, PITCH, TITLE, Stacker, pack
from .arena_sideboard import WIDTH as PANEL_WIDTH
from .arena_sideboard import Panel
from .art import random_art
from .canvas import Canvas, Colour
from .cards import HEIGHT
from .deck import DeckShape, DrawnDeck, Slot, random_deck, total
from .fonts import MONTSERRAT
from .picture import LEAST_TITLE_PX, Drawn
from .pool import Pool
from .styles import arena_style
from .truth import Truth
from .words import player_name

KIND = "arena-deck-builder"
_LEFT = 87.0


@dataclass(frozen=True, slots=True)
class Screen:
    """A window of the client: size in units of the 1920 by 1080 one, pixels a unit, what it shows."""

    width: float
    height: float
    scale: float
    has_menu: bool
    side: str
    hides_basics: bool = False
    is_plain: bool = False

    @property
    def header_top(self) -> float:
        """Where the plates with the names begin."""
        return 180.0 if self.has_menu else 8.0

    @property
    def least_shrink(self) -> float:
        """How far a long title may shrink before nobody can read it."""
        return min(1.0, max(0.6, LEAST_TITLE_PX / (TITLE * self.scale)))

    @property
    def panel_left(self) -> float:
        """Where the columns must end."""
        return self.width - (PANEL_WIDTH if self.side != "none" else 0)


def random_screen(rng: Random) -> Screen:
    """Full screens, windows, crops without a sideboard, and phones."""
    form = rng.choices(("full", "window", "crop", "phone"), (46, 32, 12, 10))[0]
    hides = rng.random() < 0.05
    if form == "full":
        pixels = rng.choice((1280, 1366, 1440, 1600, 1920, 1920, 1920, 2560, 3840))
        side = rng.choice(("counts", "counts", "best-of-three"))
        return Screen(1920, 1080, pixels / 1920, True, side, hides)
    if form == "phone":
        return Screen(1760, 812, rng.uniform(1.15, 1.5), False, rng.choice(("counts", "none")), hides)
    if form == "crop":
        return Screen(rng.uniform(1340, 1500), rng.uniform(600, 860), rng.uniform(0.75, 1.25), False, "none", hides)
    width, height = rng.uniform(1860, 2000), rng.uniform(660, 880)
    return Screen(width, height, rng.uniform(0.72, 1.1), False, rng.choice(("counts", "counts", "none")), hides)


def random_shape(rng: Random, screen: Screen) -> DeckShape:
    """Mostly constructed decks of 60, sometimes limited, larger, Brawl or with a companion."""
    widest = 23 / screen.least_shrink
    side = 0 if screen.side == "none" else 15
    form = rng.choices(("constructed", "companion", "limited", "brawl", "large"), (62, 12, 10, 10, 6))[0]
    if form == "companion" and side:
        return DeckShape(companion=True, widest=widest)
    if form == "limited":
        return DeckShape(main=40, side=0, most_copies=2, lands=17, basics_only=rng.random() < 0.5, widest=widest)
    if form == "brawl":
        size = rng.choice((60, 100))
        return DeckShape(size, 0, 1, round(size * 0.4), commander=True, widest=widest)
    if form == "large":
        return DeckShape(main=rng.choice((61, 80)), side=side, lands=rng.randint(24, 30), widest=widest)
    return DeckShape(side=side, lands=rng.randint(18, 26), widest=widest)


def draw(rng: Random, pool: Pool) -> Drawn:
    """A picture of a random deck."""
    screen = random_screen(rng)
    return draw_screen(rng, pool, random_deck(rng, pool, random_shape(rng, screen)), screen)


def draw_screen(rng: Random, pool: Pool, deck: DrawnDeck, screen: Screen) -> Drawn:
    """A picture of this deck on this screen."""
    return _Page(rng, pool, deck, screen).draw()


class _Page:
    def __init__(self, rng: Random, pool: Pool, deck: DrawnDeck, screen: Screen) -> None:
        self.rng, self.pool, self.deck, self.screen = rng, pool, deck, screen
        pixels = screen.width * screen.scale
        oversample = 2 if pixels < 2100 else 1.5 if pixels < 3000 else 1
        self.canvas = Canvas(screen.width, screen.height, (10, 12, 14), screen.scale * oversample)
        self.style = arena_style(rng)
        self.face = self.style.title
        self.truth = Truth(KIND, deck)
        self.empty: list[tuple[float, float]] = []

    def draw(self) -> Drawn:
        screen = self.screen
        columns = self._pack()
        parts.backdrop(self.rng, self.canvas, screen.height, screen.header_top + 48)
        self._draw_columns(columns)
        if screen.side != "none":
            self._side_panel()
        self._headers()
        if screen.has_menu:
            self._menu()
        self._extras()
        size = round(screen.width * screen.scale), round(screen.height * screen.scale)
        return Drawn(self.canvas.finish(*size), self.truth, TITLE * screen.scale * screen.least_shrink)

    @property
    def _columns_left(self) -> float:
        return _LEFT + (226 if self.deck.commander or self.deck.companion else 0)

    @property
    def _columns_top(self) -> float:
        return self.screen.header_top + 84

    def _pack(self) -> list[list[Slot]]:
        most = int((self.screen.panel_left - self._columns_left + 14) / PITCH)
        return pack(self.deck.main, most, self.screen.height - self._columns_top - 6)

    def _draw_columns(self, columns: list[list[Slot]]) -> None:
        hides, shadow = (
            self.screen.hides_basics,
            1.0 if self.screen.is_plain else self.rng.choice((1.0, 1.0, 0.5, 0.1)),
        )
        names = self.deck.card_names
        stacker = Stacker(self.rng, self.canvas, self.style, self.face, names, hides, shadow)
        for place, column in enumerate(columns):
            x = self._columns_left + place * PITCH
            bottom = stacker.draw(column, x, self._columns_top)
            if bottom < self.screen.height - 40:
                self.empty.append((x, bottom + 20))
        for slot in (*self.deck.commander, *self.deck.companion):
            self._draw_leader(stacker, slot)
        if self.screen.hides_basics:
            self._hide_basics()

    def _draw_leader(self, stacker: Stacker, slot: Slot) -> None:
        x, y, glow = 58.0, self._columns_top + 10, (232, 110, 40) if self.deck.companion else (214, 178, 90)
        tall = HEIGHT * CARD
        self.canvas.rectangle((x - 7, y - 7, x + CARD + 7, y + tall + 7), glow, radius=12)
        self.canvas.rectangle((x - 3, y - 3, x + CARD + 3, y + tall + 3), (60, 24, 10), radius=10)
        stacker.draw_slot(slot, x, y)
        middle = x + CARD / 2
        self.canvas.polygon(
            [
                (middle - 24, y + tall + 14),
                (middle, y + tall - 6),
                (middle + 24, y + tall + 14),
                (middle, y + tall + 34),
            ],
            (30, 26, 24),
        )
        for dx, dy in ((-9, 6), (-3, 1), (4, 1), (10, 6), (0, 14)):
            r = 6 if dy == 14 else 3.4
            self.canvas.ellipse((middle + dx - r, y + tall + dy - r, middle + dx + r, y + tall + dy + r), glow)

    def _hide_basics(self) -> None:
        for slot in self.deck.main:
            if slot.card.is_basic:
                self.truth.mark("main", slot.card, "partly-hidden")
        self.truth.notes.append("Basic lands show no title.")
        self._mana_sources()

    def _mana_sources(self) -> None:
        sources: dict[str, int] = {}
        for slot in self.deck.main:
            for colour in slot.card.colour_identity or "C" if slot.card.is_land else "":
                sources[colour] = sources.get(colour, 0) + slot.count
        self.truth.displayed["mana_sources"] = sources
        parts.mana_sources(self.canvas, self.screen.panel_left - 420, self.screen.header_top + 60, sources)

    def _side_panel(self) -> None:
        screen, rng = self.screen, self.rng
        by_copy = screen.side == "best-of-three" and len(self.deck.side) > 0
        rows = total(self.deck.side) if by_copy else len(self.deck.side)
        room = (screen.height - screen.header_top - 130) / max(1, rows)
        panel = Panel(
            rng, self.canvas, self.pool, self.face, screen.panel_left, screen.header_top + 70, screen.height,
            min(rng.uniform(43, 49), room if by_copy else 49), screen.has_menu or rng.random() < 0.4,
            0 if screen.is_plain else rng.choice((0, 0.1, 0.35)),
        )  # fmt: skip
        panel.draw(self.truth, by_copy)
        count = total(self.deck.side) + total(self.deck.companion)
        self.truth.displayed["side"] = count
        if self.deck.companion:
            self.truth.displayed["side_includes_companion"] = True
        counts = f"{count} Cards" if by_copy or rng.random() < 0.3 else f"{count}/15 Cards"
        left, top = screen.panel_left, screen.header_top
        parts.header(self.canvas, self.face, (left + 60, top, screen.width, top + 70), "Sideboard", counts, 62, True)
        art = random_art(rng, 160, 200, rng.choice("WUBRGM"))
        parts.deck_box(self.canvas, art, left - 20, top - 12, 84, 88)

    def _headers(self) -> None:
        rng, top = self.rng, self.screen.header_top
        count = total(self.deck.main) + total(self.deck.commander)
        size = 40 if count < 60 else 100 if count == 100 else 60
        self.truth.displayed["main"] = count
        if self.deck.commander:
            self.truth.displayed["main_includes_commander"] = True
        parts.header(self.canvas, self.face, (-4, top, 366, top + 70), self.deck.title, f"{count}/{size} Cards", 52)
        parts.mana_curve(rng, self.canvas, 286, top + 13)
        art = random_art(rng, 220, 180, rng.choice("WUBRGM"))
        parts.deck_box(self.canvas, art, 366, top - 14, 128, 92)
        middle = self.screen.width / 2 + 2
        self.canvas.polygon([(middle - 36, top + 14), (middle + 36, top + 14), (middle, top + 62)], (150, 90, 60))
        self.canvas.polygon([(middle - 22, top + 21), (middle + 22, top + 21), (middle, top + 51)], (235, 110, 40))

    def _menu(self) -> None:
        has_icons = not self.screen.is_plain and self.rng.random() < 0.5
        parts.top_menu(self.rng, self.canvas, self.face, self.screen.width, has_icons)
        parts.search_box(self.canvas, MONTSERRAT, 53, 140)
        x = self.screen.width - 250
        self.canvas.rectangle((x + 40, 122, x + 148, 160), (20, 20, 20, 170), (120, 120, 120), 2, 19)
        self.canvas.text((x + 92, 141), "Craft", MONTSERRAT, 19, parts.GREY)

    def _extras(self) -> None:
        rng, screen = self.rng, self.screen
        if screen.is_plain:
            return
        if rng.random() < 0.6:
            self._avatar()
        if rng.random() < 0.12 and not screen.hides_basics:
            self._mana_sources()
        spots = [spot for spot in self.empty if spot[1] < screen.height - 200]
        if spots and rng.random() < 0.15:
            self._profile_card(*rng.choice(spots))
        elif self.empty and rng.random() < 0.3:
            self._cursor(*rng.choice(self.empty))

    def _avatar(self) -> None:
        y = self.screen.height - 44
        self.canvas.ellipse((22, y - 36, 48, y - 8), (150, 150, 150))
        self.canvas.ellipse((8, y - 10, 62, y + 50), (150, 150, 150))
        self.canvas.text((62, y), str(self.rng.randint(0, 9)), self.face, 30, (220, 190, 130))

    def _profile_card(self, x: float, y: float) -> None:
        canvas, rng = self.canvas, self.rng
        canvas.rectangle((x, y, x + 190, y + 150), (44, 44, 54), (80, 80, 90), 1)
        canvas.text((x + 12, y + 24), player_name(rng), self.face, 21, parts.PALE)
        canvas.text((x + 12, y + 52), f"#{rng.randint(1, 1500)} Mythic", MONTSERRAT, 15, (230, 130, 50))
        canvas.text((x + 12, y + 78), f"Gold Tier {rng.randint(1, 4)}", MONTSERRAT, 15, parts.PALE)
        canvas.text((x + 12, y + 104), f"Season ends in {rng.randint(2, 30)} days", MONTSERRAT, 13, parts.GREY)
        canvas.text((x + 12, y + 130), rng.choice(("Opt", "4x Fire", "Search")), MONTSERRAT, 13, parts.GREY)

    def _cursor(self, x: float, y: float) -> None:
        x, y = x + self.rng.uniform(20, 150), y + self.rng.uniform(0, 15)
        shape = [(0, 0), (0, 26), (6, 20), (10, 29), (14, 27), (10, 18), (18, 18)]
        points: list[tuple[float, float]] = [(x + dx, y + dy) for dx, dy in shape]
        self.canvas.polygon(points, (250, 250, 250))
        ink: Colour = (20, 20, 20)
        self.canvas.line([*points, points[0]], ink, 1.5)
