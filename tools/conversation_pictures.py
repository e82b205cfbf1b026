"""Draws the pictures of docs/players.md from what the conversation answers: ``python -m tools.conversation_pictures``.

Each picture holds its words too, and a test compares them with what the conversation says today.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

from bot.conversation.commands import preferences_panel
from bot.conversation.desk import Somebody
from bot.conversation.model import Reply
from bot.conversation.preferences import Preferences
from bot.conversation.rendering import Progress, deck_reply, export_reply, progress_reply
from bot.conversation.texts import Language
from ocr_worker.decks import Deck, deck_to_json
from storage.records import ConversionRecord, DeckRecord, PersonRecord, State

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "bot" / "data" / "sample.jpg"
FOLDER = ROOT / "docs" / "images"
WORDS = "words"
"""Under this name a picture holds what it shows."""

WIDTH, MARGIN, LINE, SIZE = 760, 18, 24, 17
BACK, BUBBLE, BOX, INK, FAINT = (49, 51, 56), (43, 45, 49), (30, 31, 34), (219, 222, 225), (148, 155, 164)
ACCENT, BUTTON = (88, 101, 242), (78, 80, 88)
_ID = UUID(int=1)
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Scene:
    """A name for the file, and messages one after the other: who speaks, and what."""

    name: str
    messages: tuple[tuple[str, Reply], ...]

    @property
    def words(self) -> str:
        """All that is said."""
        return "\n\n".join(words_of(reply) for _, reply in self.messages)


def scenes(deck: Deck) -> Iterator[Scene]:
    """What the page for players shows, with the deck of the sample."""
    english, french = (Preferences(language=language) for language in Language)
    yield Scene(
        "conversation-result",
        (("you", _posted()), ("Screen2Deck", _working(english)), ("Screen2Deck", _result(deck, english))),
    )
    yield Scene("conversation-format", (("Screen2Deck", export_reply(deck, "moxfield", english)),))
    person = PersonRecord(_ID, {}, _NOW)
    panel = preferences_panel(Somebody(person, french), knows_printings=True)
    yield Scene("conversation-french", (("Screen2Deck", panel),))


def _posted() -> Reply:
    return Reply("sample.jpg")


def _working(preferences: Preferences) -> Reply:
    return progress_reply([_conversion(State.RUNNING)], [Progress(stage="reading")], preferences.texts)


def _result(deck: Deck, preferences: Preferences) -> Reply:
    stored = DeckRecord(_ID, _ID, _ID, deck_to_json(deck), deck_to_json(deck), 0, _NOW, _NOW)
    return deck_reply(stored, deck, [_conversion(State.DONE)], preferences, picture_is_kept=True)


def _conversion(state: State) -> ConversionRecord:
    return ConversionRecord(_ID, _ID, state, "hash", "sample.jpg", "", _ID, 0, _NOW)


def words_of(reply: Reply) -> str:
    """What a message says, with what can be chosen."""
    chosen = [select.prompt for select in reply.selects]
    pressed = [" | ".join(choice.label for choice in row) for row in reply.choices]
    return "\n".join([reply.text, reply.block, *chosen, *pressed])


def draw(scene: Scene) -> Image.Image:
    """The messages as a chat shows them."""
    heights = [_height(reply) for _, reply in scene.messages]
    canvas = Image.new("RGB", (WIDTH, sum(heights) + MARGIN), BACK)
    top = 0
    for (who, reply), height in zip(scene.messages, heights, strict=True):
        _draw_message(ImageDraw.Draw(canvas), canvas, top, who, reply)
        top += height
    return canvas


def _lines(reply: Reply) -> list[str]:
    return [part for line in reply.text.splitlines() for part in _wrapped(line)]


def _wrapped(line: str, most: int = 84) -> list[str]:
    words, rows = line.split(), [""]
    for word in words:
        if len(rows[-1]) + len(word) > most:
            rows.append("")
        rows[-1] = f"{rows[-1]} {word}".strip()
    return rows


def _columns(block: str) -> list[list[str]]:
    """A list beside its sideboard, so that the picture is not a tower."""
    return [part.splitlines() for part in block.strip().split("\n\n")] if block.strip() else []


def _height(reply: Reply) -> int:
    if reply.text == SAMPLE.name:
        return LINE + 300 + 2 * MARGIN
    block = max((len(column) for column in _columns(reply.block)), default=0)
    rows = 1 + len(_lines(reply)) + (block + 1 if block else 0)
    return rows * LINE + (len(reply.selects) + len(reply.choices)) * (LINE + 18) + 2 * MARGIN


def _draw_message(pen: ImageDraw.ImageDraw, canvas: Image.Image, top: int, who: str, reply: Reply) -> None:
    font = ImageFont.load_default(SIZE)
    y = top + MARGIN
    pen.text((MARGIN, y), who, font=font, fill=ACCENT if who != "you" else FAINT)
    y += LINE
    if reply.text == SAMPLE.name:
        with Image.open(SAMPLE) as sample:
            shown = sample.convert("RGB")
            shown.thumbnail((WIDTH - 2 * MARGIN, 300))
        canvas.paste(shown, (MARGIN, y))
        return
    for line in _lines(reply):
        pen.text((MARGIN, y), line, font=font, fill=INK)
        y += LINE
    y = _draw_block(pen, y, reply.block)
    for select in reply.selects:
        pen.rounded_rectangle((MARGIN, y, WIDTH - MARGIN, y + LINE + 10), 6, fill=BOX)
        pen.text((MARGIN + 12, y + 7), select.prompt, font=font, fill=FAINT)
        pen.text((WIDTH - MARGIN - 26, y + 7), "v", font=font, fill=FAINT)
        y += LINE + 18
    for row in reply.choices:
        x = MARGIN
        for choice in row:
            width = round(font.getlength(choice.label)) + 28
            colour = {"main": ACCENT, "danger": (218, 55, 60)}.get(choice.style.value, BUTTON)
            pen.rounded_rectangle((x, y, x + width, y + LINE + 8), 6, fill=colour)
            pen.text((x + 14, y + 6), choice.label, font=font, fill=(255, 255, 255))
            x += width + 10
        y += LINE + 18


def _draw_block(pen: ImageDraw.ImageDraw, y: int, block: str) -> int:
    columns = _columns(block)
    if not columns:
        return y
    font = ImageFont.load_default(SIZE - 1)
    height = max(len(column) for column in columns) * LINE
    pen.rounded_rectangle((MARGIN, y, WIDTH - MARGIN, y + height + 10), 6, fill=BOX)
    for number, column in enumerate(columns):
        x = MARGIN + 14 + number * ((WIDTH - 2 * MARGIN) // len(columns))
        for row, line in enumerate(column):
            pen.text((x, y + 6 + row * LINE), line, font=font, fill=INK)
    return y + height + LINE


def write(drawn: Mapping[str, tuple[Image.Image, str]]) -> None:
    """Write pictures with their words."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, (picture, words) in drawn.items():
        facts = PngInfo()
        facts.add_itxt(WORDS, words)
        picture.quantize(128, dither=Image.Dither.NONE).save(FOLDER / f"{name}.png", optimize=True, pnginfo=facts)


def main() -> None:
    """Read the sample and draw."""
    from ocr_worker.pipeline import Reader

    deck = Reader.create().read(SAMPLE.read_bytes())
    write({scene.name: (draw(scene), scene.words) for scene in scenes(deck)})


if __name__ == "__main__":
    main()
