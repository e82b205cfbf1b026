"""Draws one picture after another: ``python -m ocr_worker.drawing``.

Each order on stdin is four bytes with the length of a JSON head (``what``: ``annotated`` or ``crops``; ``deck``,
``data_dir``, ``size`` of the picture in bytes), the head, and the picture. Stdout gets four bytes with the length of
the drawn picture, and the picture; nothing where it cannot be drawn. A process of its own, since decoding what somebody
sent may take it down. It ends when stdin does, or when no order comes for a minute.
"""

import io
import json
import select
import signal
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

from config.parent import die_with_parent

_MARGIN = 6
_LOWEST = 28
"""Pixels: crops of smaller titles are enlarged."""


_PATIENCE_S = 60.0


def main() -> int:
    """Draw what stdin asks for, until nothing does."""
    die_with_parent(signal.SIGKILL)
    orders, drawings = sys.stdin.buffer, sys.stdout.buffer
    while select.select([orders], [], [], _PATIENCE_S)[0] and (length := orders.read(4)):
        head = json.loads(orders.read(int.from_bytes(length, "big")))
        drawn = _drawn(head, orders.read(head["size"]))
        drawings.write(len(drawn).to_bytes(4, "big") + drawn)
        drawings.flush()
    return 0


def _drawn(head: dict[str, Any], picture: bytes) -> bytes:
    """The drawing, empty where the picture or what is to be drawn on it is of no use."""
    try:
        return _annotated(head, picture) if head["what"] == "annotated" else _crops(head, picture)
    except Exception as error:  # whatever a picture does must not end what draws the next one
        sys.stderr.write(f"a picture could not be drawn: {type(error).__name__}\n")
        return b""


def _annotated(head: dict[str, Any], picture: bytes) -> bytes:
    from ocr_worker.reading.annotate import annotated_file

    return annotated_file(_decoded(picture), _deck(head), ".jpg")


def _crops(head: dict[str, Any], picture: bytes) -> bytes:
    """The doubtful lines' places, one below the other, in the order of the deck."""
    from PIL import Image, ImageDraw, ImageFont

    page = Image.fromarray(_decoded(picture))
    crops = [_crop(page, box) for box in _doubtful_boxes(head["deck"])]
    if not crops:
        return b""
    numbers = 40
    canvas = Image.new("RGB", (numbers + max(crop.width for crop in crops), sum(crop.height + 4 for crop in crops)))
    top, font = 0, ImageFont.load_default(20)
    for number, crop in enumerate(crops, start=1):
        canvas.paste(crop, (numbers, top))
        ImageDraw.Draw(canvas).text((4, top + 2), str(number), fill=(240, 160, 0), font=font)
        top += crop.height + 4
    buffer = io.BytesIO()
    canvas.save(buffer, "PNG")
    return buffer.getvalue()


def _doubtful_boxes(deck: dict[str, Any]) -> list[tuple[int, int, int, int]]:
    """Where the doubtful rows of deck JSON stand; their names need no catalogue here."""
    rows = [row for section in ("commander", "companion", "main", "side") for row in deck.get(section, [])]
    return [tuple(row["box"]) for row in rows if row.get("certain") is False and row.get("box")]


def _crop(page: Any, box: tuple[int, int, int, int]) -> Any:
    left, top, right, bottom = box
    around = (max(0, left - _MARGIN), max(0, top - _MARGIN), right + _MARGIN, bottom + _MARGIN)
    crop = page.crop((*around[:2], min(page.width, around[2]), min(page.height, around[3])))
    scale = max(1.0, min(4.0, _LOWEST / max(1, crop.height)))
    return crop.resize((max(1, round(crop.width * scale)), max(1, round(crop.height * scale))))


def _decoded(picture: bytes) -> Any:
    from ocr_worker.reading.decoding import decode

    return decode(picture)


def _deck(head: dict[str, Any]) -> Any:
    from ocr_worker.decks import deck_from_json

    return deck_from_json(head["deck"], _index(head["data_dir"])).deck


@lru_cache(maxsize=1)
def _index(data_dir: str) -> Any:
    from ocr_worker.cards import load_index

    return load_index(Path(data_dir))


if __name__ == "__main__":
    sys.exit(main())
