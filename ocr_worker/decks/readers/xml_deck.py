"""XML decks: Magic Online's ``.dek`` and Cockatrice's ``.cod``.

Grammars: XMage ``DekDeckImporter.java``, Draftmancer ``client/src/exportToMTGO.ts``; Cockatrice
``deck_list.cpp``. Files come from strangers, so entities and document types are refused (``defusedxml``).
"""

from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from ocr_worker.decks.deck import Section
from ocr_worker.decks.parsed import CardFinder, ParsedDecklist
from ocr_worker.decks.readers.assembler import DeckAssembler
from ocr_worker.decks.readers.places import LeftOut, Place, place_called
from ocr_worker.decks.readers.rows import add_row
from ocr_worker.errors import DecklistError


def read_xml_deck(text: str, finder: CardFinder) -> ParsedDecklist:
    """The deck of a ``.dek`` or ``.cod`` file; DecklistError for other and for damaged XML."""
    root = _parse(text)
    deck = DeckAssembler()
    if root.tag == "Deck":
        _read_dek(root, deck, finder)
    elif root.tag == "cockatrice_deck":
        _read_cod(root, deck, finder)
    else:
        raise DecklistError("This XML is neither a Magic Online nor a Cockatrice deck.")
    return deck.finish()


def _parse(text: str) -> Element:
    try:
        root: Element = fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise DecklistError("The XML of this deck is damaged and cannot be read.") from error
    return root


def _read_dek(root: Element, deck: DeckAssembler, finder: CardFinder) -> None:
    for number, cards in enumerate(root.iterfind("Cards"), start=1):
        side = cards.get("Sideboard", "").casefold() == "true"
        place = Section.SIDEBOARD if side else Section.MAIN
        add_row(deck, finder, number, place, cards.get("Quantity", ""), cards.get("Name", ""))


def _read_cod(root: Element, deck: DeckAssembler, finder: CardFinder) -> None:
    deck.name = (root.findtext("deckname") or "").strip()
    number = 0
    for zone in root.iterfind("zone"):
        place = _zone(zone.get("name", ""))
        for card in zone.iter("card"):
            number += 1
            add_row(deck, finder, number, place, card.get("number", "1"), card.get("name", ""))


def _zone(name: str) -> Place:
    return place_called(name) or LeftOut(f"Zone {name}")
