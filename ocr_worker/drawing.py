"""Draws one picture and ends: ``python -m ocr_worker.drawing annotated|crops``.

Stdin holds four bytes with the length of a JSON head (``deck``, ``data_dir``), the head, and the picture;
stdout gets the drawn picture. A process of its own, since decoding what somebody sent may take it down.
"""

import io
import json
import signal
import sys
from pathlib import Path
from typing import Any

from config.parent import die_with_parent

_MARGIN = 6
_LOWEST = 28
"""Pixels: crops of smaller titles are enlarged."""


def main(what: str) -> int:
    """Draw what stdin asks for."""
    die_with_parent(signal.SIGKILL)
    data = sys.stdin.buffer.read()
    size = int.from_bytes(data[:4], "big")
    head, picture = json.loads(data[4 : 4 + size]), data[4 + size :]
    sys.stdout.buffer.write(_annotated(head, picture) if what == "annotated" else _crops(head, picture))
    return 0


def _annotated(head: dict[str, Any], picture: bytes) -> bytes:
    from ocr_worker.reading.annotate import annotated_file

    return annotated_file(_decoded(picture), _deck(head), ".jpg")


def _crops(head: dict[str, Any], picture: bytes) -> bytes:
    """The doubtful lines' places, one below the other, in the order of the deck."""
    from PIL import Image, ImageDraw, ImageFont

    page = Image.fromarray(_decoded(picture))
    boxes = [line.box for _, line in _deck(head) if not line.certain and line.box]
    crops = [_crop(page, box) for box in boxes]
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
    from ocr_worker.cards import load_index
    from ocr_worker.decks import deck_from_json

    return deck_from_json(head["deck"], load_index(Path(head["data_dir"]))).deck


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
