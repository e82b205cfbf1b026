"""``screen2deck eval``: how well engines read a folder of pictures whose decks are known."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from config.settings import Settings, SettingsError, load_settings
from ocr_worker.decks.serialising import deck_to_json, json_line
from ocr_worker.errors import Screen2DeckError
from ocr_worker.evaluation.running import Outcome, ReadPicture, Sample, find_samples, run, scores
from ocr_worker.evaluation.scoring import figures
from ocr_worker.evaluation.table import Runs, figure_table, picture_table

_BAD_INPUT = 2
#: Width of the tables where the output is no terminal, so that a log shows them whole.
_FILE_WIDTH = 150


def eval_command(
    directory: Annotated[Path, typer.Argument(help="Folder with images/ and truth/.")],
    engine: Annotated[
        list[str] | None, typer.Option(help="Engine to read with; several are compared. Default: OCR_ENGINE.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="HTML page to write, with every picture.")] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(help="JSON lines to write, a deck a picture; a file each for several engines."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """Read all pictures of a folder and compare the decks with the truth."""
    try:
        settings = load_settings()
        samples = find_samples(directory)
        engines = list(dict.fromkeys(engine or [settings.ocr_engine.value]))
        runs = {name: _run(name, samples, settings) for name in engines}
        if predictions is not None:
            _write_predictions(predictions, runs)
        if report is not None:
            _write_report(report, runs)
    except (Screen2DeckError, SettingsError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(_BAD_INPUT) from error
    except OSError as error:
        typer.echo(f"{error.filename or directory} cannot be used ({error.strerror}).", err=True)
        raise typer.Exit(_BAD_INPUT) from error
    _show(runs, as_json)


def picture_reader(engine: str, settings: Settings) -> ReadPicture:
    """Load an engine; return what reads one picture file with it to deck JSON."""
    from ocr_worker.pipeline import Reader
    from ocr_worker.reading.decoding import read_file

    reader = Reader.create(engine, settings.data_dir)

    def read(path: Path) -> dict[str, Any]:
        data = read_file(path)
        started = time.perf_counter()
        deck = reader.read(data)
        return deck_to_json(deck, image=path.name, engine=engine, seconds=time.perf_counter() - started)

    return read


def _run(engine: str, samples: Sequence[Sample], settings: Settings) -> list[Outcome]:
    """Read all samples with one engine, with a progress bar on stderr."""
    read = picture_reader(engine, settings)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[now]}"),
    )
    outcomes = []
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(engine, total=len(samples), now="")
        for outcome in run(samples, read):
            outcomes.append(outcome)
            bar.update(task, advance=1, now=_so_far(outcomes))
    return outcomes


def _so_far(outcomes: Sequence[Outcome]) -> str:
    total = figures(scores(outcomes))
    return f"line F1 {total.line_f1:.3f}, {total.silent} silent"


def _show(runs: Runs, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"engines": [_engine_json(name, each) for name, each in runs.items()]}, indent=1))
        return
    console = Console()
    if not console.is_terminal:
        console = Console(width=_FILE_WIDTH)
    console.print(picture_table(runs))
    console.print(figure_table(runs))
    lacking = sum(outcome.score is None for outcome in next(iter(runs.values())))
    if lacking:
        console.print(f"{lacking} pictures have no truth and are in no figure.")


def _engine_json(name: str, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    scored = scores(outcomes)
    return {
        "engine": name,
        "figures": figures(scored).as_json(),
        "pictures": [score.as_json() for score in scored],
        "without_truth": [outcome.sample.picture.name for outcome in outcomes if outcome.score is None],
    }


def _write_predictions(path: Path, runs: Runs) -> None:
    """Write what ``convert --format json`` would print, with several engines a file each."""
    for name, outcomes in runs.items():
        target = path if len(runs) == 1 else path.with_stem(f"{path.stem}-{name}")
        lines = [json_line(outcome.deck) + "\n" for outcome in outcomes]
        target.write_text("".join(lines), encoding="utf-8")


def _write_report(path: Path, runs: Runs) -> None:
    from ocr_worker.evaluation.report import write_report

    write_report(path, runs)
    typer.echo(f"Report: {path}", err=True)
