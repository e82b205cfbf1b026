"""Observations made by hand: clear ones unless told, of cards that need no catalogue."""

from ocr_worker.cards.card import Card
from ocr_worker.decks.deck import Section
from ocr_worker.decks.evidence import Option, Sighting

CARDS = {
    card.name: card
    for card in (
        Card("Island", type_line="Basic Land — Island", max_copies=None),
        Card("Mountain", type_line="Basic Land — Mountain", max_copies=None),
        Card("Steam Vents", type_line="Land — Island Mountain"),
        Card("Dryad Arbor", type_line="Land Creature — Forest Dryad"),
        Card("Ledger Shredder", type_line="Creature — Bird Advisor"),
        Card("Arclight Phoenix", type_line="Creature — Phoenix"),
        Card("Vivi Ornitier", type_line="Legendary Creature — Wizard"),
        Card("Lurrus of the Dream-Den", type_line="Legendary Creature — Cat Nightmare", can_be_companion=True),
        Card("Jegantha, the Wellspring", type_line="Legendary Creature — Elemental Elk", can_be_companion=True),
        *(Card(name, type_line="Instant") for name in ("Opt", "Consider", "Abrade", "Negate", "Shock", "Stoke")),
        *(Card(name, type_line="Sorcery") for name in ("Duress", "Treasure Cruise", "Pillage", "Village")),
        Card("Relentless Rats", type_line="Creature — Rat", max_copies=None),
        Card("Nazgûl", type_line="Creature — Wraith Knight", max_copies=9),
    )
}


def seen(
    name: str,
    count: int = 1,
    section: Section = Section.MAIN,
    *,
    trust: float = 0.95,
    fit: float = 1.0,
    share: float = 1.0,
    rival: str = "",
    pile: str = "",
    truncated: bool = False,
) -> Sighting:
    """One place that shows ``count`` copies; ``rival`` is what else its title may be, with the rest of the share."""
    options = [Option(CARDS[name], share)]
    if rival:
        options.append(Option(CARDS[rival], 1 - share))
    return Sighting(section, tuple(options), fit, count, trust, name, (0, 0, 90, 20), pile, truncated)


def doubtfully(name: str, rival: str, share: float = 0.6, section: Section = Section.MAIN, pile: str = "") -> Sighting:
    """One copy whose title may be either card."""
    return seen(name, 1, section, fit=0.75, share=share, rival=rival, pile=pile)
