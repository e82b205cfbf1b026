"""``screen2deck convert``: pictures in, decklists out, in this process, without queue or database."""

import logging
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.converting.delivery import Delivery, make_folder, tell, write_file
from bot.converting.inputs import Input, as_text, deck_of_text, read_stdin
from bot.converting.merged import merged_outcome
from bot.converting.outcomes import Converted, Failed, Outcome, Status, exit_code
from bot.converting.places import PlaceError, annotated_paths
from bot.converting.texts import refusal
from config.logging import set_up_logging
from config.settings import LogLevel, OcrEngine, Settings, SettingsError, load_settings
from ocr_worker.errors import CatalogueError, EngineUnavailable, NoDeckFound, PictureError
from ocr_worker.exporters import formats

if TYPE_CHECKING:
    from ocr_worker.cards import CardIndex
    from ocr_worker.decks import Deck
    from ocr_worker.pipeline import Reader

log = logging.getLogger(__name__)

Drawings = Sequence[Path | None]
"""Where the annotated picture of each input goes."""


def _known_format(name: str) -> str:
    if name not in formats():
        raise typer.BadParameter(f"there is no format {name!r}; choose one of {', '.join(formats())}.")
    return name


def _formats_beginning(incomplete: str) -> list[str]:
    return [name for name in formats() if name.startswith(incomplete)]


def convert(
    pictures: Annotated[
        list[str],
        typer.Argument(
            metavar="PICTURE",
            help="Pictures of decks, `-` for standard input. Text lists and deck files are converted too.",
        ),
    ],
    format: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            callback=_known_format,
            autocompletion=_formats_beginning,
            help="What to write; `screen2deck formats` lists all; `json` is an object a line, one a picture.",
        ),
    ] = "arena",
    engine: Annotated[
        OcrEngine | None, typer.Option(help="What reads the text. Default: the setting OCR_ENGINE.")
    ] = None,
    annotate: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT.png",
            help="Draw what was read on the picture. Of several pictures the second goes to OUT-2.png and so "
            "on; OUT without an ending is a folder for all of them.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(metavar="DIR", file_okay=False, help="Write a file for each picture there instead of printing."),
    ] = None,
    merge: Annotated[
        bool,
        typer.Option("--merge", help="All pictures show one deck (its sideboard, or a scrolled list): make one list."),
    ] = False,
    set_codes: Annotated[
        bool,
        typer.Option(
            "--set-codes",
            help="Write a printing of each card, `(MH2) 290`, where the format has a place for it. Printings come with "
            "`screen2deck cards update`; it is one that people know, not the one in the picture.",
        ),
    ] = False,
) -> None:
    """Turn pictures of decks into decklists.

    Messages go to stderr: what is in doubt and what else it may be, and what the format cannot hold.
    A picture that cannot be read gets its message and does not stop the others.

    Exit code 2: an option is wrong, or any picture is bad (missing, damaged, no picture at all).
    Exit code 1: none is bad, and any shows no deck.
    Exit code 0: every picture gave its deck.
    """
    inputs = [Input.of(word) for word in pictures]
    try:
        settings = load_settings()
        if settings.log_level is LogLevel.DEBUG:
            set_up_logging(LogLevel.DEBUG)
        drawings = _drawings(inputs, annotate)
        delivery = Delivery.of(inputs, format, output, set_codes)
        conversion = Conversion(engine or settings.ocr_engine, settings)
        carry_out = _merged if merge and len(inputs) > 1 else _one_by_one
        statuses = list(carry_out(inputs, drawings, conversion, delivery))
    except (SettingsError, PlaceError, EngineUnavailable, CatalogueError) as error:
        tell(str(error))
        raise typer.Exit(Status.BAD_INPUT) from error
    raise typer.Exit(exit_code(statuses))


def _drawings(inputs: Sequence[Input], target: Path | None) -> Drawings:
    """Where the annotated picture of each input goes; the folder is made."""
    if target is None:
        return [None] * len(inputs)
    paths = annotated_paths(inputs, target)
    make_folder(paths[0].parent)
    return paths


class Conversion:
    """Reads inputs; what that needs is loaded once, by the first input that needs it."""

    def __init__(self, engine: OcrEngine, settings: Settings) -> None:
        self._engine = engine
        self._settings = settings

    @cached_property
    def _reader(self) -> "Reader":
        from ocr_worker.pipeline import Reader

        return Reader.create(self._engine.value, self._settings.data_dir)

    @cached_property
    def _index(self) -> "CardIndex":
        from ocr_worker.cards import load_index

        return load_index(self._settings.data_dir)

    def outcome(self, source: Input, drawing: Path | None) -> Outcome:
        """What became of one input, with the picture to be written to ``drawing``.

        Raises EngineUnavailable and CatalogueError, with which no other input would fare better.
        """
        try:
            return self._converted(source, drawing)
        except (EngineUnavailable, CatalogueError):
            raise
        except PictureError as error:
            return Failed(source.name, str(error), Status.BAD_INPUT)
        except NoDeckFound as error:
            return Failed(source.name, str(error), Status.NOTHING_USABLE)
        except Exception as error:  # a defect of the reader ends this picture, not the run
            log.debug("fault in %s", source.shown, exc_info=error)
            reason = f"This picture met a fault in Screen2Deck ({type(error).__name__}): please report it."
            return Failed(source.name, reason, Status.NOTHING_USABLE)

    def _converted(self, source: Input, drawing: Path | None) -> Converted:
        data = _content(source)
        if _is_list(data):
            return Converted(source.name, deck_of_text(data, self._index))
        reader = self._reader
        started = time.perf_counter()
        deck = reader.read(data)
        seconds = time.perf_counter() - started
        drawn = None if drawing is None else _drawn(data, deck, reader, drawing.suffix)
        return Converted(source.name, deck, reader.engine.name, seconds, drawn)


def _content(source: Input) -> bytes:
    from ocr_worker.reading.decoding import DEFAULT_LIMITS, read_file

    return read_stdin(DEFAULT_LIMITS.max_bytes) if source.path is None else read_file(source.path)


def _is_list(data: bytes) -> bool:
    """Text, or the XML of a deck file; anything else goes to the reader, which knows what to say of it."""
    from ocr_worker.sniffing import TEXT, WEB_PAGE, sniff

    kind = sniff(data)
    return kind is TEXT or (kind is WEB_PAGE and as_text(data[:200]).lstrip().startswith("<?xml"))


def _drawn(data: bytes, deck: "Deck", reader: "Reader", suffix: str) -> bytes:
    from ocr_worker.reading.annotate import annotated_file
    from ocr_worker.reading.decoding import decode

    return annotated_file(decode(data, reader.limits), deck, suffix)


def _one_by_one(
    inputs: Sequence[Input], drawings: Drawings, conversion: Conversion, delivery: Delivery
) -> Iterator[Status]:
    for number, outcome in enumerate(_outcomes(inputs, drawings, conversion)):
        yield delivery.deliver(number, inputs[number].shown, outcome)
        yield _keep_drawing(outcome, drawings[number])


def _merged(
    inputs: Sequence[Input], drawings: Drawings, conversion: Conversion, delivery: Delivery
) -> Iterator[Status]:
    outcomes = []
    for number, outcome in enumerate(_outcomes(inputs, drawings, conversion)):
        if isinstance(outcome, Failed):
            tell(refusal(inputs[number].shown, outcome.reason))
            yield outcome.status
        yield _keep_drawing(outcome, drawings[number])
        outcomes.append(outcome)
    whole = merged_outcome(outcomes)
    yield delivery.deliver(0, whole.name, whole)


def _outcomes(inputs: Sequence[Input], drawings: Drawings, conversion: Conversion) -> Iterator[Outcome]:
    for number, (source, drawing) in enumerate(zip(inputs, drawings, strict=True), start=1):
        with _showing(f"Reading {source.shown} ({number} of {len(inputs)})"):
            outcome = conversion.outcome(source, drawing)
        yield outcome


def _keep_drawing(outcome: Outcome, target: Path | None) -> Status:
    if target is None or isinstance(outcome, Failed) or outcome.drawing is None:
        return Status.DONE
    return write_file(target, outcome.drawing)


@contextmanager
def _showing(doing: str) -> Iterator[None]:
    """Say what is being done while it is, on a terminal only."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True).status(escape(doing)):
        yield
