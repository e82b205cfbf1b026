"""``screen2deck convert``: pictures in, decklists out, in this process, without queue or database."""

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.converting.inputs import Input, deck_of_text, read_stdin
from bot.converting.outcomes import Converted, Failed, Outcome, Status, exit_code
from bot.converting.places import PlaceError, annotated_paths, result_paths
from bot.converting.texts import describe, refusal
from config.logging import set_up_logging
from config.settings import LogLevel, OcrEngine, Settings, SettingsError, load_settings
from ocr_worker.decks import Deck, json_line
from ocr_worker.decks.merging import merge_decks
from ocr_worker.errors import ExportError, NoDeckFound, PictureError, Screen2DeckError
from ocr_worker.exporters import export, formats

if TYPE_CHECKING:
    from ocr_worker.cards import CardIndex
    from ocr_worker.pipeline import Reader

log = logging.getLogger(__name__)


def _known_format(name: str) -> str:
    if name not in formats():
        raise typer.BadParameter(f"there is no format {name!r}; choose one of {', '.join(formats())}.")
    return name


def _formats_beginning(incomplete: str) -> list[str]:
    return [name for name in formats() if name.startswith(incomplete)]


def convert(
    pictures: Annotated[
        list[str],
        typer.Argument(metavar="PICTURE...", help="Pictures of decks; `-` is standard input. Text lists and deck files too."),
    ],
    format: Annotated[
        str,
        typer.Option(
            "--format", "-f", callback=_known_format, autocompletion=_formats_beginning,
            help="What to write; `screen2deck formats` lists all. `json` gives one object a line, one a picture.",
        ),
    ] = "arena",
    engine: Annotated[
        OcrEngine | None, typer.Option(help="What reads the text. Default: the setting OCR_ENGINE.")
    ] = None,
    annotate: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT.png",
            help="Draw what was read on the picture. Of several pictures the second goes to OUT-2.png and so on; "
            "OUT without an ending is a folder for all.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(metavar="DIR", file_okay=False, help="Write a file for each picture there instead of printing."),
    ] = None,
    merge: Annotated[
        bool, typer.Option("--merge", help="The pictures show one deck (sideboard apart, or a scrolled list): one list.")
    ] = False,
) -> None:
    """Read pictures of decks and print their decklists.

    Messages go to stderr: what is in doubt, with other names that it may be, and what the format cannot hold.
    A picture that cannot be read does not stop the others.

    Exit code: 2 if any picture was bad (missing, damaged, no picture at all) or the options were; else 1 if any
    showed no deck; else 0.
    """
    try:
        settings = load_settings()
        if settings.log_level is LogLevel.DEBUG:
            set_up_logging(LogLevel.DEBUG)
        order = _order(pictures, format, annotate, output, merge)
        tools = Tools(engine or settings.ocr_engine, settings)
        statuses = [status for status in _carry_out(order, tools)]
    except (SettingsError, PlaceError, Screen2DeckError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(Status.BAD_INPUT) from error
    raise typer.Exit(exit_code(statuses))
