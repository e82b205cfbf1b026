"""The compact form of a catalogue, in the package and in the cache: one header line, then compressed columns.

The header is a line of JSON: format, source, date, number of cards, SHA-256 of the columns. The columns are
text, one value a line and one line a card, compressed with zlib (a fifth larger than with LZMA, and read many
times as fast, which is what counts at start). Equal catalogues give equal bytes. The column of printings is there only
where the source tells any.
"""

import hashlib
import json
import zlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ocr_worker.cards.card import Card, Printing
from ocr_worker.cards.catalogue import Catalogue
from ocr_worker.errors import CatalogueError

FORMAT = 1
_MAX_HEADER_BYTES = 1_000
_MAX_COLUMN_BYTES = 64_000_000
_COLUMN_END = "\x1e"
_LIST_SEPARATOR = "\t"
_COLUMNS = 10
"""Those that are always there."""
_ON_ARENA = "a"


@dataclass(frozen=True, slots=True)
class Header:
    """What a compact file says of itself; ``cards`` is their number, ``sha256`` that of the columns."""

    source: str
    date: date
    cards: int
    sha256: str


def pack(catalogue: Catalogue) -> bytes:
    """The catalogue in compact form."""
    rows = [_row(card) for card in catalogue.cards]
    if any(card.printing for card in catalogue.cards):
        rows = [(*row, _printing_text(card.printing)) for row, card in zip(rows, catalogue.cards, strict=True)]
    columns = _COLUMN_END.join("\n".join(column) for column in zip(*rows, strict=True)).encode()
    header = {
        "format": FORMAT,
        "source": catalogue.source,
        "date": catalogue.date.isoformat(),
        "cards": len(catalogue),
        "sha256": hashlib.sha256(columns).hexdigest(),
    }
    return json.dumps(header).encode() + b"\n" + zlib.compress(columns, level=9)


def unpack(packed: bytes) -> Catalogue:
    """The catalogue of ``pack``; CatalogueError when anything is missing, cut or changed."""
    header, body = _split(packed)
    stream = zlib.decompressobj()
    try:
        columns = stream.decompress(body, _MAX_COLUMN_BYTES)
    except zlib.error as error:
        raise CatalogueError("The stored card catalogue is damaged.") from error
    whole = stream.eof and not stream.unused_data
    if not whole or hashlib.sha256(columns).hexdigest() != header.sha256:
        raise CatalogueError("The stored card catalogue is cut or was changed.")
    cards = _cards(columns.decode())
    if len(cards) != header.cards:
        raise CatalogueError("The stored card catalogue does not hold as many cards as it says.")
    return Catalogue(header.source, header.date, cards)


def read_header(path: Path) -> Header:
    """Source, date and size of a compact file, without reading its cards."""
    try:
        with path.open("rb") as file:
            return _split(file.readline(_MAX_HEADER_BYTES))[0]
    except OSError as error:
        raise CatalogueError(f"The card catalogue {path.name} cannot be read.") from error


def _split(packed: bytes) -> tuple[Header, bytes]:
    line, newline, body = packed.partition(b"\n")
    try:
        fields = json.loads(line)
        if not newline or fields["format"] != FORMAT:
            raise ValueError("another format")
        header = Header(
            str(fields["source"]),
            date.fromisoformat(fields["date"]),
            int(fields["cards"]),
            str(fields["sha256"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise CatalogueError("The stored card catalogue is damaged or of another version.") from error
    return header, body


def _row(card: Card) -> tuple[str, ...]:
    """The columns of one card; usual values are empty, so that they cost nothing."""
    copies = {4: "", None: "*"}.get(card.max_copies, str(card.max_copies))
    return (
        card.name,
        "" if card.layout == "normal" else card.layout,
        card.type_line,
        card.mana_cost,
        card.colour_identity,
        _LIST_SEPARATOR.join(card.printed_names),
        copies,
        ("c" if card.can_be_companion else "") + ("f" if card.is_funny else ""),
        "" if card.mtgo_id is None else str(card.mtgo_id),
        card.melds_into,
    )


def _printing_text(printing: Printing | None) -> str:
    if printing is None:
        return ""
    return f"{printing.set_code} {printing.number} {_ON_ARENA if printing.is_on_arena else ''}"


def _printing(text: str) -> Printing:
    code, number, where = text.split(" ")
    return Printing(code, number, where == _ON_ARENA)


def _cards(columns: str) -> tuple[Card, ...]:
    """The cards of the columns, column by column since that is several times as fast as card by card."""
    texts = [column.split("\n") for column in columns.split(_COLUMN_END)]
    try:
        printings = texts[_COLUMNS] if len(texts) > _COLUMNS else [""] * len(texts[0])
        names, layouts, types, costs, identities, printed, copies, flags, mtgo_ids, melds = texts[:_COLUMNS]
        return tuple(
            map(
                Card,
                names,
                [layout or "normal" for layout in layouts],
                types,
                costs,
                identities,
                [tuple(text.split(_LIST_SEPARATOR)) if text else () for text in printed],
                [_copies(text) if text else 4 for text in copies],
                ["c" in text for text in flags],
                [int(text) if text else None for text in mtgo_ids],
                ["f" in text for text in flags],
                melds,
                [_printing(text) if text else None for text in printings],
            )
        )
    except ValueError as error:
        raise CatalogueError("The stored card catalogue is damaged.") from error


def _copies(text: str) -> int | None:
    return None if text == "*" else int(text)
