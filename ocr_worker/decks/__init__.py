"""Decks: what they are, as JSON, and reading them from lists. Everything is pure."""

from ocr_worker.decks.deck import Box, Deck, DeckLine, Section, Total
from ocr_worker.decks.parsed import CardFinder, ParsedDecklist, Problem
from ocr_worker.decks.parsing import parse_decklist
from ocr_worker.decks.readers.json_deck import deck_from_json
from ocr_worker.decks.serialising import deck_to_json, error_to_json, json_line

__all__ = [
    "Box",
    "CardFinder",
    "Deck",
    "DeckLine",
    "ParsedDecklist",
    "Problem",
    "Section",
    "Total",
    "deck_from_json",
    "deck_to_json",
    "error_to_json",
    "json_line",
    "parse_decklist",
]
