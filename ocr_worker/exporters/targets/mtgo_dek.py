"""Magic Online, ``.dek`` (XML).

One ``Cards`` element per row with ``CatID``, ``Quantity``, ``Sideboard`` and ``Name``. The client is lax
about the name and crashes where the catalogue number is missing, so a deck with an unknown number is refused.
Sources: Draftmancer ``client/src/exportToMTGO.ts`` and issue 346, dr4ft issue 1454, XMage
``DekDeckImporter.java``.
"""

from collections.abc import Iterable, Sequence
from xml.etree import ElementTree

from ocr_worker.decks.deck import Section
from ocr_worker.errors import ExportError
from ocr_worker.exporters.exporter import Exporter, Group
from ocr_worker.exporters.names import Spelling
from ocr_worker.exporters.sheet import Row, Sheet
from ocr_worker.exporters.xml_text import xml_text

RULE = "both names of split cards and rooms (`Fire/Ice`), the front name of all others"
NAMED_IN_ERROR = 3


def write(sheet: Sheet) -> str:
    """The XML; ExportError where a card's catalogue number is unknown."""
    _require_numbers([*sheet[Section.MAIN], *sheet[Section.SIDEBOARD]])
    deck = ElementTree.Element(
        "Deck",
        {
            "xmlns:xsd": "http://www.w3.org/2001/XMLSchema",
            "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
        },
    )
    ElementTree.SubElement(deck, "NetDeckID").text = "0"
    ElementTree.SubElement(deck, "PreconstructedDeckID").text = "0"
    _add_cards(deck, sheet[Section.MAIN], in_sideboard="false")
    _add_cards(deck, sheet[Section.SIDEBOARD], in_sideboard="true")
    return xml_text(deck)


def _require_numbers(rows: Sequence[Row]) -> None:
    unknown = [row.name for row in rows if row.card.mtgo_id is None]
    if unknown:
        more = f" and {len(unknown) - NAMED_IN_ERROR} more" if len(unknown) > NAMED_IN_ERROR else ""
        raise ExportError(
            f"Magic Online's .dek needs a catalogue number for every card, and none is known for "
            f"{'; '.join(unknown[:NAMED_IN_ERROR])}{more}: use mtgo instead."
        )


def _add_cards(deck: ElementTree.Element, rows: Iterable[Row], in_sideboard: str) -> None:
    for row in rows:
        attributes = {
            "CatID": str(row.card.mtgo_id),
            "Quantity": str(row.count),
            "Sideboard": in_sideboard,
            "Name": row.name,
            "Annotation": "0",
        }
        ElementTree.SubElement(deck, "Cards", attributes)


EXPORTER = Exporter(
    name="mtgo-dek",
    title="Magic Online (.dek)",
    group=Group.CLIENT,
    suffix=".dek",
    media_type="application/xml",
    in_code_block=False,
    help="Save the file and choose Import in Magic Online's collection.",
    spelling=Spelling(RULE, separator="/"),
    sections={Section.MAIN: '`Sideboard="false"`', Section.SIDEBOARD: '`Sideboard="true"`'},
    source="Draftmancer `client/src/exportToMTGO.ts`, dr4ft issue 1454, XMage `DekDeckImporter.java`",
    write=write,
    unproven=("Any printing's catalogue number is taken; the client adds the printings that it finds.",),
)
