"""Deck JSON, version 1: everything that is known of the deck, on one line."""

from ocr_worker.decks.deck import Section
from ocr_worker.decks.serialising import deck_to_json, json_line
from ocr_worker.exporters.exporter import Exporter, Group
from ocr_worker.exporters.names import FULL
from ocr_worker.exporters.sheet import Sheet


def write(sheet: Sheet) -> str:
    """The deck itself, by the catalogue's names; picture, engine and seconds are null here."""
    return json_line(deck_to_json(sheet.deck)) + "\n"


EXPORTER = Exporter(
    name="json",
    title="JSON",
    group=Group.GENERAL,
    suffix=".json",
    media_type="application/json",
    in_code_block=False,
    help="For programs: all rows with their certainty, place in the picture and candidates.",
    spelling=FULL,
    sections={section: f"list `{section.value}`" for section in Section},
    source="our own, described in `ocr_worker/decks/serialising.py`",
    write=write,
    knows_rebalanced=True,
)
