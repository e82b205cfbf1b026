"""What deck sites have in common: themes, types as headings, menus, comments and other clutter."""

from dataclasses import dataclass
from random import Random

from .canvas import Canvas, Colour
from .deck import DrawnDeck, Slot, total
from .fonts import WEB, Typeface
from .words import comment, deck_title, player_name

_TYPES = ("Creature", "Planeswalker", "Battle", "Land", "Instant", "Sorcery", "Artifact", "Enchantment")
_ORDER = ("Creature", "Planeswalker", "Battle", "Instant", "Sorcery", "Artifact", "Enchantment", "Land")
_PLURALS = {"Sorcery": "Sorceries"}
_SITES = ("Deckery", "MTGLists", "GoldPile", "Brewhub", "Moxlab", "Archive of Decks")
_MENU = ("Home", "Decks", "Search", "Metagame", "Prices", "Articles", "Profile", "Forum", "Sideboard Guide")


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours and letters of a site."""

    ground: tuple[int, int, int]
    panel: Colour
    ink: Colour
    link: Colour
    faint: Colour
    line: Colour
    face: Typeface
    bold: Typeface


def random_theme(rng: Random) -> Theme:
    """Dark and light sites, several families of letters."""
    face, bold = rng.choice(WEB)
    if rng.random() < 0.5:
        ground = rng.choice(((255, 255, 255), (248, 248, 246), (244, 246, 250)))
        link = rng.choice(((20, 20, 20), (26, 90, 170), (20, 110, 70), (120, 50, 20)))
        return Theme(ground, (238, 240, 243), (30, 32, 36), link, (130, 134, 140), (214, 216, 220), face, bold)
    ground = rng.choice(((24, 26, 30), (16, 18, 24), (34, 36, 42), (20, 24, 34)))
    link = rng.choice(((235, 235, 235), (150, 190, 250), (120, 210, 170), (240, 200, 120)))
    return Theme(ground, (40, 43, 50), (232, 232, 232), link, (140, 144, 152), (58, 62, 70), face, bold)


@dataclass(frozen=True, slots=True)
class Block:
    """A heading and the lines under it, all of one section."""

    section: str
    heading: str
    slots: tuple[Slot, ...]


def type_of(slot: Slot) -> str:
    """The type under which sites file a card."""
    kind = slot.card.type_line.split(" // ")[0]
    if "Land" in kind and "Creature" not in kind:
        return "Land"
    return next((word for word in _TYPES if word in kind), "Artifact")


def plural(word: str) -> str:
    """A type for several cards."""
    return _PLURALS.get(word, f"{word}s")


def blocks_of(deck: DrawnDeck, pattern: str, with_side: bool = True, singular: bool = False) -> list[Block]:
    """The deck by types; ``pattern`` writes headings from a word and a number."""
    blocks = []
    for word, section in (("Commander", "commander"), ("Companion", "companion")):
        if slots := deck.section(section):
            blocks.append(Block(section, pattern.format(word, total(slots)), slots))
    for word in _ORDER:
        slots = tuple(sorted((s for s in deck.main if type_of(s) == word), key=lambda s: s.card.name))
        if slots:
            heading = word if singular else plural(word)
            blocks.append(Block("main", pattern.format(heading, total(slots)), slots))
    if deck.side and with_side:
        blocks.append(Block("side", pattern.format("Sideboard", total(deck.side)), deck.side))
    return blocks


def menu_bar(rng: Random, canvas: Canvas, theme: Theme, width: float, height: float) -> None:
    """The site's name and menu."""
    canvas.rectangle((0, 0, width, height), rng.choice(((30, 40, 60), (20, 20, 24), (90, 30, 30), (30, 70, 60))))
    size = height * 0.32
    name = rng.choice(_SITES)
    canvas.text((20, height / 2), name, theme.bold, size * 1.3, (255, 255, 255))
    x = 40 + canvas.width_of(name, theme.bold, size * 1.3)
    for word in rng.sample(_MENU, rng.randint(3, 6)):
        step = canvas.width_of(word, theme.face, size) + 26
        if x + step > width - 20:
            return
        canvas.text((x, height / 2), word, theme.face, size, (225, 225, 225))
        x += step


def side_notes(rng: Random, canvas: Canvas, theme: Theme, x: float, y: float, width: float, names: list[str]) -> None:
    """A column of clutter: other decks, comments, cards that people looked at."""
    size = 14.0
    lines = [(theme.bold, "Similar decks")]
    lines += [(theme.face, f"{deck_title(rng)}  {rng.randint(1, 99)}%") for _ in range(rng.randint(2, 5))]
    lines += [(theme.bold, "Comments")]
    for _ in range(rng.randint(1, 4)):
        lines += [(theme.bold, player_name(rng)), (theme.face, comment(rng))]
    if rng.random() < 0.3:
        lines += [
            (theme.bold, "Trending"),
            *((theme.face, name) for name in names),
        ]
    canvas.rectangle((x, y, x + width, y + 24 * len(lines) + 16), theme.panel, radius=6)
    for place, (face, text) in enumerate(lines):
        shown, _ = canvas.ellipsize(text, face, size, width - 24)
        canvas.text((x + 12, y + 20 + 24 * place), shown, face, size, theme.faint if face is theme.face else theme.ink)
