"""Frames and lettering of the clients and of printed cards."""

from dataclasses import dataclass
from enum import Enum
from random import Random

from ocr_worker.cards.card import Card

from .fonts import ARIMO, PT_SERIF, SOURCE_SANS_SEMIBOLD, SOURCE_SERIF_BOLD, TITLES, Typeface


class Look(Enum):
    """How a frame is built."""

    MODERN = "modern"
    DARK = "dark"
    BORDERLESS = "borderless"
    OLD = "old"
    CENTRED = "centred"
    UNTITLED = "untitled"


@dataclass(frozen=True, slots=True)
class Style:
    """What a client, or the printing press, does with all its cards."""

    title: Typeface
    body: Typeface
    title_size: float
    body_size: float
    looks: tuple[tuple[Look, int], ...]
    cuts_titles: bool = False
    land_symbol: bool = False
    sideways_splits: bool = True
    corner: float = 0.045
    dots: str = "..."
    grey_lands: bool = False
    white_borders: float = 0.0

    def look_for(self, rng: Random, card: Card) -> Look:
        """A frame for a card; centred plates are for basic lands only, old frames have little room."""
        looks, weights = zip(*self.looks, strict=True)
        look: Look = rng.choices(looks, weights)[0]
        is_crowded = len(card.front) + 2 * card.mana_cost.count("{") > 27
        if (look is Look.CENTRED and not card.is_basic) or (look is Look.OLD and is_crowded):
            return Look.MODERN
        return look


def arena_style(rng: Random) -> Style:
    """Arena: bold serif titles that shrink to fit, a round symbol on lands in older versions."""
    return Style(
        title=rng.choice(TITLES),
        body=SOURCE_SANS_SEMIBOLD,
        title_size=0.074,
        body_size=0.05,
        looks=((Look.MODERN, 74), (Look.DARK, 16), (Look.BORDERLESS, 10)),
        land_symbol=rng.random() < 0.6,
        sideways_splits=False,
    )


def mtgo_style(rng: Random) -> Style:
    """Magic Online: sans titles, cut where they do not fit, frames of all eras."""
    return Style(
        title=ARIMO,
        body=ARIMO,
        title_size=0.085,
        body_size=0.066,
        looks=((Look.MODERN, 70), (Look.OLD, 14), (Look.DARK, 6), (Look.BORDERLESS, 5), (Look.CENTRED, 5)),
        cuts_titles=True,
        corner=0.03,
        grey_lands=True,
        white_borders=0.05,
        dots=rng.choice(("…", "...", "..")),
    )


def print_style(rng: Random) -> Style:
    """Printed cards, as scans on deck sites and on tables."""
    return Style(
        title=SOURCE_SERIF_BOLD if rng.random() < 0.6 else rng.choice(TITLES),
        body=PT_SERIF,
        title_size=0.068,
        body_size=0.046,
        looks=((Look.MODERN, 80), (Look.OLD, 12), (Look.DARK, 4), (Look.BORDERLESS, 4)),
        grey_lands=True,
        white_borders=0.04,
    )
