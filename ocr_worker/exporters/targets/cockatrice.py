"""Cockatrice, ``.cod`` (XML).

``cockatrice_deck`` with ``deckname``, ``comments`` and a ``zone`` each for main deck and sideboard, of
``<card number="4" name="…"/>``. Its card database keeps both names of split cards and adventures, and faces
apart for the rest (moxtrice ``core.py``, dr4ft ``frontend/src/export/cockatrice.js``). There is no
commander's zone; tables put commanders in the sideboard. Sources: these and Cockatrice ``deck_list.cpp``,
``abstract_deck_list_card_node.cpp``.
"""

from xml.etree import ElementTree

from ocr_worker.cards.card import SPLIT_LAYOUTS
from ocr_worker.decks.deck import Section
from ocr_worker.exporters.exporter import Exporter, Group
from ocr_worker.exporters.names import Spelling
from ocr_worker.exporters.sheet import Sheet
from ocr_worker.exporters.xml_text import xml_text

SPELLING = Spelling(
    "both names of split cards, rooms and adventures (`Fire // Ice`), the front name of all others",
    whole=SPLIT_LAYOUTS | {"adventure"},
)
ZONES = {"main": Section.MAIN, "side": Section.SIDEBOARD}


def write(sheet: Sheet) -> str:
    """The XML of a saved deck."""
    deck = ElementTree.Element("cockatrice_deck", version="1")
    ElementTree.SubElement(deck, "deckname").text = sheet.title
    ElementTree.SubElement(deck, "comments")
    for name, section in ZONES.items():
        if sheet[section]:
            zone = ElementTree.SubElement(deck, "zone", name=name)
            for row in sheet[section]:
                ElementTree.SubElement(zone, "card", number=str(row.count), name=row.name)
    return xml_text(deck)


EXPORTER = Exporter(
    name="cockatrice",
    title="Cockatrice",
    group=Group.PROGRAM,
    suffix=".cod",
    media_type="application/xml",
    in_code_block=False,
    help="Save the file and open it in Cockatrice's deck editor.",
    spelling=SPELLING,
    sections={Section.MAIN: "zone `main`", Section.SIDEBOARD: "zone `side`"},
    source="Cockatrice `deck_list.cpp`, moxtrice `core.py`",
    write=write,
    unproven=(
        "`prepare` cards by their front name.",
        "Commanders in the zone `side`, a convention of tables.",
    ),
)
