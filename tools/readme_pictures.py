"""Draws the pictures of the README from what the product really reads: ``python -m tools.readme_pictures``.

The decklist is stored in the first picture too, and a test compares it with what the reader makes of the
sample today: so the README never shows what is no longer true.
"""

import io
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

from bot.converting.texts import facts
from ocr_worker.exporters import export
from ocr_worker.pipeline import Reader
from ocr_worker.reading.annotate import annotated_file
from ocr_worker.reading.decoding import decode

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "bot" / "data" / "sample.jpg"
OVERVIEW = ROOT / "docs" / "images" / "screenshot-to-decklist.png"
ANNOTATED = ROOT / "docs" / "images" / "annotated.jpg"
DECKLIST = "decklist"
"""Under this name the overview holds the decklist that it shows."""

SCREEN_WIDTH, PANEL_WIDTH, MARGIN = 1120, 520, 16
ANNOTATED_WIDTH = 1440
TEXT_SIZE, LINE_HEIGHT = 18, 24
PAPER, INK, FAINT = (255, 255, 255), (32, 33, 36), (110, 114, 120)


def main() -> None:
    """Read the sample and write both pictures."""
    data = SAMPLE.read_bytes()
    reader = Reader.create()
    deck = reader.read(data)
    text = export(deck, "arena").text
    OVERVIEW.parent.mkdir(parents=True, exist_ok=True)
    write_overview(decklist=text, summary=facts(deck))
    write_annotated(annotated_file(decode(data, reader.limits), deck, ".png"))


def write_overview(decklist: str, summary: str) -> None:
    """The sample at the left, its decklist at the right."""
    with Image.open(SAMPLE) as sample:
        height = round(sample.height * SCREEN_WIDTH / sample.width)
        screen = sample.convert("RGB").resize((SCREEN_WIDTH, height), Image.Resampling.LANCZOS)
    canvas = Image.new("RGB", (SCREEN_WIDTH + PANEL_WIDTH, height), PAPER)
    canvas.paste(screen)
    draw = ImageDraw.Draw(canvas)
    blocks = [block.splitlines() for block in decklist.strip().split("\n\n")]
    for column, block in enumerate(blocks):
        left = SCREEN_WIDTH + MARGIN + column * (PANEL_WIDTH // len(blocks))
        _write_lines(draw, left, MARGIN, block)
    _write_lines(draw, SCREEN_WIDTH + MARGIN, height - LINE_HEIGHT - MARGIN // 2, [summary], FAINT)
    facts_of_file = PngInfo()
    facts_of_file.add_itxt(DECKLIST, decklist)
    canvas.quantize(256, dither=Image.Dither.NONE).save(OVERVIEW, optimize=True, pnginfo=facts_of_file)


def write_annotated(png: bytes) -> None:
    """What ``--annotate`` draws, smaller."""
    with Image.open(io.BytesIO(png)) as drawn:
        size = (ANNOTATED_WIDTH, round(drawn.height * ANNOTATED_WIDTH / drawn.width))
        drawn.resize(size, Image.Resampling.LANCZOS).save(ANNOTATED, quality=82, optimize=True)


def _write_lines(
    draw: ImageDraw.ImageDraw, left: int, top: int, lines: list[str], colour: tuple[int, int, int] = INK
) -> None:
    font = ImageFont.load_default(TEXT_SIZE)
    for number, line in enumerate(lines):
        draw.text((left, top + number * LINE_HEIGHT), line, font=font, fill=colour)


if __name__ == "__main__":
    main()
