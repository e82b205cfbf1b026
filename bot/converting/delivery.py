"""Brings results where they belong: decks to stdout or into files, messages to stderr."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import typer

from bot.converting.inputs import Input
from bot.converting.outcomes import Converted, Failed, Outcome, Status
from bot.converting.places import PlaceError, result_paths
from bot.converting.texts import describe, refusal
from ocr_worker.decks import json_line
from ocr_worker.errors import ExportError
from ocr_worker.exporters import Export, export, formats

JSON = "json"


@dataclass(slots=True)
class Delivery:
    """Writes each outcome in one format; ``paths`` has a file for each input, or is empty: then to stdout."""

    format: str
    paths: Sequence[Path] = ()
    set_codes: bool = False
    _printed: bool = field(default=False, init=False)

    @classmethod
    def of(cls, inputs: Sequence[Input], format: str, folder: Path | None, set_codes: bool = False) -> "Delivery":
        """To stdout, or into ``folder``, which is made; PlaceError where that fails."""
        if folder is None:
            return cls(format, set_codes=set_codes)
        make_folder(folder)
        return cls(format, result_paths(inputs, folder, formats()[format].suffix), set_codes)

    def deliver(self, number: int, shown: str, outcome: Outcome) -> Status:
        """Bring the outcome of input ``number`` (from 0) out; return what it came to."""
        if isinstance(outcome, Failed):
            return self._deliver_failed(shown, outcome)
        try:
            exported = self._export(outcome)
        except ExportError as error:
            return self._deliver_failed(shown, Failed(outcome.name, str(error), Status.NOTHING_USABLE))
        tell(*describe(shown, outcome.deck, exported.notes))
        if not self.paths:
            self._print(exported.text)
            return Status.DONE
        return write_file(self.paths[number], exported.text.encode("utf-8"))

    def _export(self, converted: Converted) -> Export:
        exported = export(converted.deck, self.format, self.set_codes)
        if self.format == JSON:
            # The format alone knows nothing of picture, engine and time.
            return Export(json_line(converted.as_json()) + "\n", exported.filename, exported.media_type, False)
        return exported

    def _deliver_failed(self, shown: str, failed: Failed) -> Status:
        tell(refusal(shown, failed.reason))
        if self.format == JSON and not self.paths:
            self._print(json_line(failed.as_json()) + "\n")
        return failed.status

    def _print(self, text: str) -> None:
        """Lists are set apart by a blank line, JSON objects stand on lines of their own."""
        if self._printed and self.format != JSON:
            typer.echo()
        typer.echo(text, nl=not text.endswith("\n"))
        self._printed = True


def tell(*messages: str) -> None:
    """Lines for the person at the terminal."""
    for message in messages:
        typer.echo(message, err=True)


def make_folder(folder: Path) -> None:
    """Make ``folder`` and those above it where they are missing; PlaceError where that fails."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PlaceError(f"{folder} cannot be used as a folder ({error.strerror}).") from error


def write_file(path: Path, content: bytes) -> Status:
    """Write a file and say so; a place that cannot be written is bad input, and does not stop the others."""
    try:
        path.write_bytes(content)
    except OSError as error:
        tell(f"{path} cannot be written ({error.strerror}).")
        return Status.BAD_INPUT
    tell(f"  written: {path}")
    return Status.DONE
