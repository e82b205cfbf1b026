"""Filler: rules-like sentences, names of decks and players, menu words, some of which are card names too."""

from collections.abc import Sequence
from random import Random

_RULES = (
    "When {name} arrives, look at the top {n} cards and keep one.",
    "{tap}: Deal {n} damage to a creature or a player.",
    "Each opponent loses {n} life and you gain that much.",
    "Creatures you own get +{n}/+{n} until the turn is over.",
    "Destroy a creature of power {n} or less.",
    "Draw {n} cards, then put {m} of them back.",
    "Pay {n}: {name} cannot be countered this turn.",
    "Search a library for {other} and show it.",
    "If you own {other}, {name} costs {n} less.",
    "Choose one: Fire, {n} damage; or Opt, draw a card.",
    "As long as {other} is in play, {name} has haste.",
    "Make {n} Treasure. They may Duress a rival.",
    "At the end of each turn, return {name} to hand.",
    "Sacrifice a Forest or a Swamp: untap {name}.",
    "Put {n} counters on it, and Shock them for {m}.",
)
_KEYWORDS = ("Flying", "Haste", "Vigilance", "Trample", "Reach", "Ward 2", "Menace", "Lifelink", "Flash")
_STYLES = ("Mono", "Boros", "Azorius", "Gruul", "Izzet", "Jund", "Temur", "Golgari", "Naya", "Esper", "Mardu")
_PLANS = (
    "Aggro",
    "Control",
    "Midrange",
    "Combo",
    "Tempo",
    "Ramp",
    "Reanimator",
    "Tokens",
    "Burn",
    "Cauldron",
)
_HANDLES = (
    "Korvold_Fan",
    "mtgpaul",
    "xX_Opt_Xx",
    "Nissa88",
    "TheDuress",
    "robo",
    "Sligh",
    "islandgo",
    "Mox_Mo",
)
_COMMENTS = (
    "4-0 with this list yesterday!",
    "Cut one Fire for 2 Opt?",
    "is the sideboard fine vs control",
    "needs 1 more Island imo",
    "63 players, top 8",
    "Updated 3 hours ago",
    "Game 2: kept 7, mulligan to 5",
)


def rules_text(rng: Random, name: str, others: Sequence[str], sentences: int) -> str:
    """Some lines of text as a card bears them, quoting itself, other cards and numbers."""
    lines = [", ".join(rng.sample(_KEYWORDS, rng.randint(1, 2)))] if rng.random() < 0.3 else []
    for pattern in rng.sample(_RULES, sentences):
        lines.append(
            pattern.format(
                name=name.split(",")[0],
                other=rng.choice(others) if others else "Forest",
                n=rng.randint(1, 4),
                m=rng.randint(1, 3),
                tap="Tap",
            )
        )
    return "\n".join(lines)


def deck_title(rng: Random) -> str:
    """A name that a player gives to a deck; some begin with a number or hold a card name."""
    plain = f"{rng.choice(_STYLES)} {rng.choice(_PLANS)}"
    special = (
        f"{rng.randint(2, 8)} point {plain.lower()}",
        f"{plain} ({rng.randint(2, 4)})",
        "Opt Fire",
        "Search",
    )
    return rng.choice(special) if rng.random() < 0.25 else plain


def player_name(rng: Random) -> str:
    """A handle."""
    return f"{rng.choice(_HANDLES)}{rng.choice(('', str(rng.randint(1, 999))))}"


def comment(rng: Random) -> str:
    """What somebody writes under a deck."""
    return rng.choice(_COMMENTS)


def artist(rng: Random) -> str:
    """Initials and surname of nobody."""
    start = rng.choice("ABCDEFGHJKLMNPRSTVW")
    return f"{start}. {rng.choice(('Marlow', 'Ferrin', 'Oduya', 'Lindqvist', 'Bashir', 'Kowal', 'Tanaka'))}"


def price(rng: Random, currency: str = "$") -> str:
    """A price."""
    return f"{currency} {rng.expovariate(0.2) + 0.15:.2f}"
