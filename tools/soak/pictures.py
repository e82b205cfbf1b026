"""Pictures of decks without end, none like another: a stock, each time scaled and compressed a little differently."""

import io
from collections.abc import Iterator
from pathlib import Path
from random import Random

from PIL import Image

from ocr_worker.cards import load_index
from tests.shared import SHARED
from tests.synthetic.generate import make_set
from tests.synthetic.pool import Pool

KINDS = ("arena-deck-builder", "mtgo-visual", "arena-list", "mtgo-list", "plain-text", "website-text")
"""Drawn layouts in which the reader finds a deck always; photos are for `make eval`."""
DRAWN = 24
_LEAST, _MOST = 0.96, 1.0
_QUALITY = (88, 95)


def stock(real: Path = SHARED / "screens" / "images", drawn: int = DRAWN) -> list[bytes]:
    """Files to vary: drawn ones, and real screenshots where there are some."""
    made = [picture.content for picture in make_set(Pool.of(load_index().cards), drawn, 9, KINDS)]
    return made + [path.read_bytes() for path in sorted(real.glob("*.*"))]


def varied(pictures: list[bytes], seed: int = 1) -> Iterator[bytes]:
    """The pictures in turn, in another order each round; each time another file, that takes as long to read."""
    rng = Random(seed)  # noqa: S311  (pictures, no secrets)
    while True:
        for content in rng.sample(pictures, len(pictures)):
            yield _variant(content, rng)


def _variant(content: bytes, rng: Random) -> bytes:
    with Image.open(io.BytesIO(content)) as opened:
        picture = opened.convert("RGB")
    factor = rng.uniform(_LEAST, _MOST)
    size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
    file = io.BytesIO()
    # The comment makes a file like no other even where all else falls together.
    comment = f"{rng.getrandbits(64):x}".encode()
    picture.resize(size, Image.Resampling.BILINEAR).save(file, "JPEG", quality=rng.randint(*_QUALITY), comment=comment)
    return file.getvalue()
