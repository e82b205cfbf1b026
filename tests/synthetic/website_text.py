"""Decklists as text on deck sites: tables with prices, and columns under type headings."""

from dataclasses import dataclass
from random import Random

from . import mana
from .canvas import Canvas
from .cards import draw_card
from .deck import DeckShape, DrawnDeck, Slot, random_deck, total
from .picture import Drawn
from .pool import Pool
from .styles import print_style
from .truth import Truth, truth_name
from .web_parts import Block, Theme, blocks_of, menu_bar, random_theme, side_notes
from .words import comment, player_name, price

KIND = "website-text"


@dataclass(frozen=True, slots=True)
class Form:
    """How a site writes a list."""

    columns: int
    count: str
    heading: str
    text: float
    row: float
    column_width: float
    has_mana: bool
    has_price: bool
    has_lines: bool
    is_striped: bool
    singular: bool


def random_form(rng: Random) -> Form:
    """Tables in one column, or headed lists in several."""
    columns = rng.choices((1, 2, 3, 4), (4, 4, 4, 2))[0]
    text = rng.uniform(13, 17)
    return Form(
        columns=columns,
        count=rng.choice(("{}", "{}", "{}x", "{} x", "x{}")),
        heading=rng.choice(("{} ({})", "{} ({})", "{} - {}", "{} · {}", "{} [{}]", "{}")),
        text=text,
        row=text * rng.uniform(1.45, 1.95),
        column_width=rng.uniform(430, 620) if columns == 1 else rng.uniform(19, 23) * text,
        has_mana=rng.random() < 0.7,
        has_price=rng.random() < (0.8 if columns == 1 else 0.3),
        has_lines=rng.random() < 0.5,
        is_striped=rng.random() < 0.3,
        singular=rng.random() < 0.3,
    )


def random_shape(rng: Random) -> DeckShape:
    """Constructed decks, Commander, and now and then a companion."""
    form = rng.choices(("constructed", "commander", "companion", "limited"), (70, 14, 8, 8))[0]
    if form == "commander":
        return DeckShape(100, 0, 1, 37, commander=True)
    if form == "limited":
        return DeckShape(40, rng.randint(0, 15), 2, 17)
    return DeckShape(lands=rng.randint(18, 26), companion=form == "companion")


def draw(rng: Random, pool: Pool) -> Drawn:
    """A picture of a random deck."""
    return _Page(rng, pool, random_deck(rng, pool, random_shape(rng)), random_form(rng)).draw()


class _Page:
    def __init__(self, rng: Random, pool: Pool, deck: DrawnDeck, form: Form) -> None:
        self.rng, self.pool, self.deck, self.form = rng, pool, deck, form
        self.theme: Theme = random_theme(rng)
        self.truth = Truth(KIND, deck)
        self.currency = rng.choice("$$€")
        self.blocks = blocks_of(deck, form.heading, singular=form.singular)
        self.has_head = rng.random() < 0.75
        if deck.side and form.heading != "{}":
            self.truth.displayed["side"] = total(deck.side)

    def draw(self) -> Drawn:
        form, rng = self.form, self.rng
        columns = self._flow()
        pitch = form.column_width + rng.uniform(20, 44)
        notes = rng.choice((0, 0, 230, 270))
        left = rng.uniform(16, 60)
        top = rng.uniform(120, 190) if self.has_head else rng.uniform(6, 40)
        lines = max(sum(self._lines(block) for block in column) for column in columns)
        self.width = left * 2 + pitch * len(columns) + notes
        self.height = top + lines * form.row + rng.uniform(30, 90)
        self.canvas = Canvas(self.width, self.height, self.theme.ground, 1)
        if self.has_head:
            self._head(left)
        for place, column in enumerate(columns):
            self._column(column, left + place * pitch, top)
        if notes:
            others = [name for name, _ in rng.sample(self.pool.names, 3)]
            side_notes(rng, self.canvas, self.theme, self.width - notes - 6, top, notes - 10, others)
        self._foot()
        image = self.canvas.finish(round(self.width), round(self.height))
        return Drawn(image, self.truth, form.text)

    def _lines(self, block: Block) -> float:
        return len(block.slots) + 2.2

    def _flow(self) -> list[list[Block]]:
        """Blocks in columns of about the same height, in reading order."""
        room = sum(self._lines(block) for block in self.blocks) / self.form.columns
        columns: list[list[Block]] = [[]]
        for block in self.blocks:
            filled = sum(self._lines(other) for other in columns[-1])
            if columns[-1] and filled + self._lines(block) / 2 > room and len(columns) < self.form.columns:
                columns.append([])
            columns[-1].append(block)
        return columns

    def _head(self, left: float) -> None:
        canvas, theme, rng = self.canvas, self.theme, self.rng
        menu_bar(rng, canvas, theme, self.width, 46)
        canvas.text((left, 74), self.deck.title, theme.bold, 25, theme.ink)
        line = f"by {player_name(rng)}  ·  {rng.choice(('Standard', 'Modern', 'Pioneer', 'Legacy', 'Pauper'))}"
        if rng.random() < 0.5:
            line += f"  ·  {price(rng, self.currency)}  ·  {rng.randint(2, 300)} tix"
        canvas.text((left, 100), line, theme.face, 14, theme.faint)
        count = total(self.deck.main) + total(self.deck.commander)
        if rng.random() < 0.4:
            at = left + canvas.width_of(self.deck.title, theme.bold, 25) + 24, 76
            canvas.text(
                at,
                rng.choice(("{} cards", "({})", "{} Cards Total")).format(count),
                theme.face,
                15,
                theme.faint,
            )
            self.truth.displayed["main"] = count
            if self.deck.commander:
                self.truth.displayed["main_includes_commander"] = True

    def _column(self, blocks: list[Block], x: float, y: float) -> None:
        form, theme = self.form, self.theme
        for block in blocks:
            self.canvas.text((x, y + form.row * 0.5), block.heading, theme.bold, form.text * 1.06, theme.ink)
            if form.has_lines:
                base = y + form.row
                self.canvas.rectangle((x, base, x + form.column_width, base + 1), theme.line)
            y += form.row * 1.15
            for place, slot in enumerate(block.slots):
                self._row(block.section, slot, x, y, place)
                y += form.row
            y += form.row * 1.05

    def _row(self, section: str, slot: Slot, x: float, y: float, place: int) -> None:
        canvas, form, theme = self.canvas, self.form, self.theme
        right, middle = x + form.column_width, y + form.row / 2
        if form.is_striped and place % 2:
            canvas.rectangle((x, y, right, y + form.row), theme.panel)
        if form.has_lines:
            canvas.rectangle((x, y + form.row - 1, right, y + form.row), theme.line)
        count = form.count.format(slot.count)
        start = x + canvas.width_of("44 x", theme.face, form.text) + 6
        canvas.text((x + 4, middle), count, theme.face, form.text, theme.ink)
        end = right
        if form.has_price:
            canvas.text(
                (right - 2, middle),
                price(self.rng, self.currency),
                theme.face,
                form.text * 0.92,
                theme.faint,
                "rm",
            )
            end = right - form.text * 5
        if form.has_mana:
            end = mana.draw_cost(canvas, end, middle, mana.front_cost(slot.card), form.text * 1.05) - 6
        dots = "..."
        name, _ = canvas.ellipsize(truth_name(slot.card), theme.face, form.text, end - start, dots)
        self.truth.mark_cut(self.pool, section, slot.card, name, dots)
        canvas.text((start, middle), name, theme.face, form.text, theme.link)

    def _foot(self) -> None:
        """Something over the page: a preview of a card, or a remark at its end."""
        canvas, rng = self.canvas, self.rng
        canvas.text((30, self.height - 16), comment(rng), self.theme.face, 13, self.theme.faint)
        if self.form.columns == 1 and rng.random() < 0.4 and self.width - self.form.column_width > 330:
            slot = rng.choice(self.deck.main)
            face = draw_card(rng, slot.card, print_style(rng), 220, None, self.deck.card_names)
            canvas.paste(face.image, self.width - 250, max(150, self.height - 340))
