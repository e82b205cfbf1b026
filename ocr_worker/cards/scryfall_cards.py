"""Cards from Scryfall's bulk file of oracle cards: a JSON list of 160 MB, read a piece at a time."""

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import IO, Any

from ocr_worker.cards.card import Card, Printing
from ocr_worker.cards.catalogue import (
    Catalogue,
    colours,
    copies_allowed,
    is_deck_card,
    one_sided,
    unique_by_name,
)
from ocr_worker.errors import CatalogueError

SOURCE = "Scryfall"

_CHUNK_CHARACTERS = 1 << 20
_LONGEST_RECORD = 4 << 20
"""No card takes a hundredth of that; a file in which one does is no list of cards."""
_GZIP_MAGIC = b"\x1f\x8b"
_FACES = " // "

Record = Mapping[str, Any]


def read_scryfall(path: Path, as_of: date) -> Catalogue:
    """The catalogue in a bulk file, plain or gzipped; CatalogueError when it is cut or no such file."""
    try:
        with _opened(path) as file:
            return Catalogue(SOURCE, as_of, scryfall_cards(_records(file)))
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CatalogueError("The card file is incomplete or not in Scryfall's format.") from error


def scryfall_cards(records: Iterable[Record]) -> tuple[Card, ...]:
    """The deck cards among Scryfall's card objects, by name; real cards win where two share one."""
    cards = [
        _card(record)
        for record in records
        if is_deck_card(record["layout"], _type_line(record)) and not _is_meld_result(record)
    ]
    return unique_by_name(sorted(cards, key=lambda card: card.is_funny))


def _opened(path: Path) -> IO[str]:
    with path.open("rb") as file:
        zipped = file.read(2) == _GZIP_MAGIC
    return gzip.open(path, "rt", encoding="utf-8") if zipped else path.open(encoding="utf-8")


def _records(file: IO[str]) -> Iterator[Record]:
    """The objects of a JSON list, without ever holding more than a piece of it; ValueError when it is cut."""
    decode = json.JSONDecoder().raw_decode
    pending = file.read(_CHUNK_CHARACTERS).lstrip()
    if not pending.startswith("["):
        raise ValueError("no JSON list")
    place = 1
    while True:
        place = _skip_separators(pending, place)
        try:
            if pending[place : place + 1] == "]":
                return
            record, place = decode(pending, place)
        except ValueError:
            more = file.read(_CHUNK_CHARACTERS)
            if not more or len(pending) - place > _LONGEST_RECORD:
                raise
            pending, place = pending[place:] + more, 0
        else:
            yield record


def _skip_separators(text: str, place: int) -> int:
    while place < len(text) and text[place] in ", \n\r\t":
        place += 1
    return place


def _card(record: Record) -> Card:
    name, type_line = one_sided(record["name"]), _type_line(record)
    return Card(
        name=name,
        layout=_layout(record["layout"], name),
        type_line=type_line,
        mana_cost=_of_front(record, "mana_cost"),
        colour_identity=colours(record["color_identity"]),
        printed_names=_printed_names(record, name),
        max_copies=copies_allowed(type_line, _rules_text(record)),
        can_be_companion="Companion" in record.get("keywords", ()),
        mtgo_id=record.get("mtgo_id"),
        is_funny=_is_funny(record),
        melds_into=_meld_result(record),
        printing=_printing(record),
    )


def _printing(record: Record) -> Printing | None:
    """The printing that the file has for the card; codes and numbers contain no spaces."""
    code, number = str(record.get("set") or ""), str(record.get("collector_number") or "")
    if not code or not number or len(f"{code} {number}".split()) != 2:
        return None
    return Printing(code, number, "arena" in record.get("games", ()))


def _layout(layout: str, name: str) -> str:
    """``reversible_card`` says how a printing looks; the card itself is an adventure or a plain one."""
    if layout != "reversible_card":
        return layout
    return "adventure" if _FACES in name else "normal"


def _faces(record: Record) -> list[Record]:
    return record.get("card_faces") or [record]


def _of_front(record: Record, field: str) -> str:
    """A field of the front face. Cards with two fronts give it joined, two-sided ones on their faces only."""
    value = record.get(field)
    if value is None:
        value = _faces(record)[0].get(field, "")
    return str(value).partition(_FACES)[0]


def _type_line(record: Record) -> str:
    return _of_front(record, "type_line")


def _rules_text(record: Record) -> str:
    return "\n".join(face.get("oracle_text", "") for face in _faces(record))


def _printed_names(record: Record, name: str) -> tuple[str, ...]:
    """Names on re-skinned printings; of cards in other languages, ``printed_name`` is a translation."""
    known = {name, *name.split(_FACES)}
    places = [record, *_faces(record)]
    printed = [place.get("flavor_name") for place in places]
    if record.get("lang", "en") == "en":
        printed += [place.get("printed_name") for place in places]
    return tuple(dict.fromkeys(text for text in printed if text and text not in known))


def _is_funny(record: Record) -> bool:
    if record.get("border_color") == "silver" or record.get("security_stamp") == "acorn":
        return True
    legal = record.get("legalities", {}).get("vintage") in ("legal", "restricted")
    return record.get("set_type") == "funny" and not legal


def _meld_result(record: Record) -> str:
    if record["layout"] != "meld":
        return ""
    parts = record.get("all_parts") or ()
    return next((str(part["name"]) for part in parts if part.get("component") == "meld_result"), "")


def _is_meld_result(record: Record) -> bool:
    return bool(_meld_result(record) == record["name"])
