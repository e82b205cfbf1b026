"""The real reader, loaded and warm: this module loads the OCR libraries, in the child only."""

from contextlib import suppress
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ocr_worker.child.process import Loaded
from ocr_worker.errors import NoDeckFound
from ocr_worker.pipeline import Reader
from ocr_worker.version import pipeline_version


def load(engine: str, data_dir: Path | None, threads: int | None) -> Loaded:
    """Load the reader and read something with it; raises EngineUnavailable or CatalogueError."""
    reader = Reader.create(engine, data_dir, threads=threads)
    warm_up(reader)
    as_of = reader.names.index.catalogue.date
    name = reader.engine.name
    return Loaded(reader, name, pipeline_version(name, as_of), as_of)


def warm_up(reader: Reader) -> None:
    """Read a small picture: models and tables that load with their first use load now, not with a player waiting."""
    picture = Image.new("RGB", (480, 200), "white")
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(("4 Lightning Bolt", "20 Mountain")):
        draw.text((20, 30 + 60 * number), line, font=ImageFont.load_default(30), fill="black")
    with suppress(NoDeckFound):
        reader.read_image(np.asarray(picture))
