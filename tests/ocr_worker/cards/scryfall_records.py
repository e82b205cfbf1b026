"""Card objects as Scryfall's bulk data has them, as far as the catalogue reads them."""

from typing import Any

Record = dict[str, Any]


def record(name: str, **fields: Any) -> Record:
    """A plain English card, with ``fields`` of its own."""
    usual = {
        "object": "card",
        "name": name,
        "lang": "en",
        "layout": "normal",
        "mana_cost": "{1}",
        "type_line": "Artifact",
        "oracle_text": "",
        "color_identity": [],
        "keywords": [],
        "legalities": {"vintage": "legal"},
        "set": "mh2",
        "collector_number": "290",
        "games": ["paper", "mtgo"],
        "set_type": "expansion",
        "border_color": "black",
    }
    return usual | fields


def cards(count: int) -> list[Record]:
    """``count`` different plain cards."""
    return [record(f"Card Number {number}") for number in range(count)]


BONECRUSHER = record(
    "Bonecrusher Giant // Stomp",
    layout="adventure",
    mana_cost="{2}{R} // {1}{R}",
    type_line="Creature — Giant // Instant — Adventure",
    color_identity=["R"],
    mtgo_id=78_562,
    card_faces=[
        {"name": "Bonecrusher Giant", "mana_cost": "{2}{R}", "type_line": "Creature — Giant"},
        {"name": "Stomp", "mana_cost": "{1}{R}", "type_line": "Instant — Adventure"},
    ],
)

DELVER = record(
    "Delver of Secrets // Insectile Aberration",
    layout="transform",
    type_line="Creature — Human Wizard // Creature — Human Insect",
    color_identity=["U"],
    card_faces=[
        {"name": "Delver of Secrets", "mana_cost": "{U}", "type_line": "Creature — Human Wizard"},
        {"name": "Insectile Aberration", "mana_cost": "", "type_line": "Creature — Human Insect"},
    ],
)
del DELVER["mana_cost"]

PROPAGANDA = record(
    "Propaganda // Propaganda",
    layout="reversible_card",
    color_identity=["U"],
    card_faces=[
        {"name": "Propaganda", "mana_cost": "{2}{U}", "type_line": "Enchantment", "layout": "normal"},
        {"name": "Propaganda", "mana_cost": "{2}{U}", "type_line": "Enchantment", "layout": "normal"},
    ],
)
del PROPAGANDA["mana_cost"], PROPAGANDA["type_line"]

_MELD_PARTS = [
    {"component": "meld_part", "name": "Graf Rats"},
    {"component": "meld_part", "name": "Midnight Scavengers"},
    {"component": "meld_result", "name": "Chittering Host"},
]
GRAF_RATS = record("Graf Rats", layout="meld", type_line="Creature — Rat", all_parts=_MELD_PARTS)
CHITTERING_HOST = record("Chittering Host", layout="meld", type_line="Creature", all_parts=_MELD_PARTS)

LURRUS = record(
    "Lurrus of the Dream-Den",
    type_line="Legendary Creature — Cat Nightmare",
    keywords=["Companion", "Lifelink"],
)
HANGARBACK = record("Hangarback Walker", flavor_name="Mechagodzilla, Battle Fortress")
PUNK = record("Spider-Punk", printed_name="Kraza, the Swarm as One")
JAPANESE = record("Lightning Bolt", lang="ja", printed_name="稲妻", type_line="Instant")

FOREIGN = [
    record("Tazeem", layout="planar", type_line="Plane — Zendikar"),
    record("Goblin", layout="token", type_line="Token Creature — Goblin"),
    record("Opt // Opt", layout="art_series", type_line="Card // Card"),
    record("Jace Emblem", layout="emblem", type_line="Emblem — Jace"),
    record("Undercity", type_line="Dungeon — Undercity"),
    record("Ancestral Hot Dog Minotaur", type_line="Stickers"),
]
