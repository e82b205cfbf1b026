"""Decks as card pictures on sites: piles of four, stacks by type, stacks with badges, spoiler grids."""

from collections.abc import Sequence
from random import Random

from .art import random_art
from .canvas import Canvas
from .cards import HEIGHT, Face, draw_card
from .deck import DeckShape, DrawnDeck, Slot, random_deck, total
from .goldfish import draw_piles
from .picture import Drawn
from .pool import Pool
from .styles import print_style
from .truth import Truth
from .web_parts import Block, blocks_of, menu_bar, random_theme
from .words import player_name

KIND = "website-visual"
_STRIP = 0.17


def draw(rng: Random, pool: Pool) -> Drawn:
    """A picture of a random deck in one of the forms."""
    form = rng.choices(("piles", "stacks", "badges", "grid"), (4, 2, 3, 3))[0]
    shape = DeckShape(lands=rng.randint(19, 25), splits=form == "grid", widest=31)
    if form in ("badges", "grid") and rng.random() < 0.2:
        shape = DeckShape(100, 0, 1, 37, commander=True, splits=form == "grid", widest=31)
    deck = random_deck(rng, pool, shape)
    if form == "piles":
        return draw_piles(rng, deck)
    page = _Page(rng, deck)
    return page.draw_grid() if form == "grid" else page.draw_stacks(with_badges=form == "badges")


class _Page:
    def __init__(self, rng: Random, deck: DrawnDeck) -> None:
        self.rng, self.deck = rng, deck
        self.style = print_style(rng)
        self.theme = random_theme(rng)
        self.truth = Truth(KIND, deck)
        self.card = rng.uniform(160, 215)
        self.badge = rng.choice(("{}x", "×{}", "x{}", "{}"))
        self.badge_spot = rng.choice(("right", "left", "below"))
        self.badges_ones = rng.random() < 0.5
        pattern = rng.choice(("{} ({})", "{} ({})", "{} · {}", "{1} {0}"))
        self.blocks = blocks_of(deck, pattern)
        if deck.side:
            self.truth.displayed["side"] = total(deck.side)

    def _start(self, width: float, height: float, top: float) -> None:
        self.canvas = Canvas(width, height, self.theme.ground, 1.6)
        menu_bar(self.rng, self.canvas, self.theme, width, 44)
        self.canvas.text((24, top - 56), self.deck.title, self.theme.bold, 26, self.theme.ink)
        line = f"by {player_name(self.rng)}"
        count = total(self.deck.main) + total(self.deck.commander)
        if self.rng.random() < 0.5:
            line += f"  ·  {count} cards"
            self.truth.displayed["main"] = count
        self.canvas.text((24, top - 30), line, self.theme.face, 15, self.theme.faint)

    def draw_stacks(self, with_badges: bool) -> Drawn:
        """Columns under headings; with badges a card once, without them every copy."""
        card, top = self.card, 150.0
        strip = card * (_STRIP if not with_badges or self.badge_spot != "below" else 0.26)
        columns = self._columns(with_badges)
        pitch = card * 1.09
        tallest = max(self._height(column, strip, with_badges) for column in columns)
        width, height = 44 + pitch * len(columns), top + tallest + 20
        self._start(width, height, top)
        for place, column in enumerate(columns):
            y = top
            for block in column:
                self._stack(block, 24 + place * pitch, y, strip, with_badges)
                y += self._height([block], strip, with_badges)
        return self._finish(width, height)

    def _columns(self, with_badges: bool) -> list[list[Block]]:
        """One block a column, small ones sharing; sites wrap long ones."""
        columns: list[list[Block]] = []
        for block in self.blocks:
            for part in _parts(block, 14 if with_badges else 22, with_badges):
                rows = self._rows(part, with_badges)
                last = columns[-1] if columns else []
                if last and rows + sum(self._rows(other, with_badges) for other in last) + 12 < 22:
                    last.append(part)
                else:
                    columns.append([part])
        return columns

    def _rows(self, block: Block, with_badges: bool) -> int:
        return len(block.slots) if with_badges else total(block.slots)

    def _height(self, blocks: Sequence[Block], strip: float, with_badges: bool) -> float:
        whole = self.card * HEIGHT + 50
        return sum(whole + strip * (self._rows(block, with_badges) - 1) for block in blocks)

    def _stack(self, block: Block, x: float, y: float, strip: float, with_badges: bool) -> None:
        self.canvas.text((x, y + 12), block.heading, self.theme.bold, 16, self.theme.ink)
        y += 28
        for slot in block.slots:
            face = self._face(slot)
            for _ in range(1 if with_badges else slot.count):
                self.canvas.paste(face.image, x, y)
                if with_badges and (slot.count > 1 or self.badges_ones):
                    self._badge(slot.count, x, y)
                y += strip

    def _badge(self, count: int, x: float, y: float) -> None:
        card, text = self.card, self.badge.format(count)
        size = card * 0.085
        wide = self.canvas.width_of(text, self.theme.bold, size) + card * 0.06
        left = {"right": x + card - wide - card * 0.02, "left": x - card * 0.05}.get(
            self.badge_spot, x + card * 0.5 - wide / 2
        )
        top = y + card * (0.155 if self.badge_spot == "below" else 0.05)
        if self.badge_spot == "right":
            top = y + card * 0.035
        box = left, top, left + wide, top + card * 0.105
        self.canvas.rectangle(box, (20, 22, 26, 235), (210, 210, 210), 1.2, card * 0.03)
        at = left + wide / 2, top + card * 0.052
        self.canvas.text(at, text, self.theme.bold, size, (255, 255, 255), "mm")

    def draw_grid(self) -> Drawn:
        """Whole cards in rows with the number beside or on each."""
        card, top = self.card, 150.0
        across = self.rng.randint(5, 8)
        row = card * HEIGHT + 40
        heights = [34 + row * -(-len(block.slots) // across) for block in self.blocks]
        width, height = 48 + across * card * 1.06, top + sum(heights) + 20
        self._start(width, height, top)
        y = top
        for block, tall in zip(self.blocks, heights, strict=True):
            self.canvas.text((24, y + 10), block.heading, self.theme.bold, 18, self.theme.ink)
            for place, slot in enumerate(block.slots):
                down, right = divmod(place, across)
                self._tile(slot, 24 + right * card * 1.06, y + 28 + down * row)
            y += tall
        return self._finish(width, height)

    def _tile(self, slot: Slot, x: float, y: float) -> None:
        self.canvas.paste(self._face(slot).image, x, y)
        if slot.count == 1 and not self.badges_ones:
            return
        text, card = self.badge.format(slot.count), self.card
        if self.badge_spot == "below":
            at = x + card / 2, y + card * HEIGHT + 16
            self.canvas.text(at, text, self.theme.bold, 18, self.theme.ink, "mm")
            return
        side = 0.2 if self.badge_spot == "left" else 0.8
        centre = x + card * side, y + card * 0.3
        reach = card * 0.11
        box = centre[0] - reach, centre[1] - reach, centre[0] + reach, centre[1] + reach
        self.canvas.ellipse(box, (16, 18, 22), (235, 235, 235), 2)
        self.canvas.text(centre, text, self.theme.bold, card * 0.1, (255, 255, 255), "mm")

    def _face(self, slot: Slot) -> Face:
        width = self.card * self.canvas.scale
        return draw_card(self.rng, slot.card, self.style, width, None, self.deck.card_names)

    def _finish(self, width: float, height: float) -> Drawn:
        if self.rng.random() < 0.3:
            art = random_art(self.rng, 300, 70, "M").resize((round(300 * 1.6), round(60 * 1.6)))
            self.canvas.paste(art, width - 330, 60)
        image = self.canvas.finish(round(width), round(height))
        return Drawn(image, self.truth, self.card * self.style.title_size * 0.75)


def _parts(block: Block, most: int, with_badges: bool) -> list[Block]:
    """A block cut into columns of at most ``most`` rows."""
    parts: list[list[Slot]] = [[]]
    for slot in block.slots:
        rows = len(parts[-1]) if with_badges else total(parts[-1])
        if parts[-1] and rows + (1 if with_badges else slot.count) > most:
            parts.append([])
        parts[-1].append(slot)
    heads = [block.heading] + [""] * len(parts)
    return [Block(block.section, head, tuple(part)) for head, part in zip(heads, parts, strict=False)]
