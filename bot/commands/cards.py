"""``screen2deck cards``: where the card catalogue comes from, and what is in it."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from ocr_worker.cards import CardSource, Match, best_catalogue, card_sources, is_stale, load_index
from ocr_worker.errors import CatalogueError

app = typer.Typer(no_args_is_help=True, help="The card catalogue: where it comes from, what is in it.")

DataDir = Annotated[
    Path,
    typer.Option("--data-dir", envvar="DATA_DIR", file_okay=False, help="Where downloaded catalogues are kept."),
]
DEFAULT_DATA_DIR = Path("data")

_NOTHING_USABLE = 1
_ALIKE = 40
"""Below that, even the best match of a name resembles it by chance."""


@app.command()
def info(data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """Say which catalogue is in use, how old it is, and what else there is."""
    try:
        choice = best_catalogue(data_dir)
    except CatalogueError as error:
        raise _failure(error) from error
    for problem in choice.problems:
        typer.echo(problem, err=True)
    catalogue = choice.catalogue
    typer.echo(f"in use: {choice.source} ({catalogue.source}) of {catalogue.date}, {len(catalogue):,} cards")
    for source in card_sources(data_dir):
        if source.name != choice.source:
            _describe(source)
    if is_stale(catalogue.date, datetime.now(UTC)):
        typer.echo("It is over a week old: `screen2deck cards update` fetches a newer one.")


@app.command()
def update(
    data_dir: DataDir = DEFAULT_DATA_DIR,
    url: Annotated[str | None, typer.Option(help="Another address of Scryfall's API.")] = None,
) -> None:
    """Fetch the newest catalogue from Scryfall."""
    from ocr_worker.cards.scryfall import API_URL
    from ocr_worker.cards.update import update_catalogue

    try:
        with _progress() as bar:
            task = bar.add_task("cards", total=None)
            outcome = asyncio.run(
                update_catalogue(
                    data_dir,
                    base_url=url or API_URL,
                    progress=lambda received, expected: bar.update(task, completed=received, total=expected),
                )
            )
    except CatalogueError as error:
        raise _failure(error) from error
    state = "fetched" if outcome.fetched else "already the newest"
    typer.echo(f"{state}: {outcome.header.source} of {outcome.header.date}, {outcome.header.cards:,} cards")


@app.command()
def search(
    name: Annotated[str, typer.Argument(help="A card name; it may be misread, or cut (`Krark-Clan Sha...`).")],
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many cards to show.")] = 5,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Show the cards that a text may name, best first, with how alike they are (100: equal)."""
    try:
        matches = [match for match in load_index(data_dir).search(name, limit) if match.score >= _ALIKE]
    except CatalogueError as error:
        raise _failure(error) from error
    if not matches:
        typer.echo("No card resembles that.", err=True)
        raise typer.Exit(_NOTHING_USABLE)
    for match in matches:
        typer.echo(_line(match))


def _describe(source: CardSource) -> None:
    try:
        header = source.header()
    except CatalogueError:
        return
    typer.echo(f"also there: {source.name} ({header.source}) of {header.date}, {header.cards:,} cards")


def _line(match: Match) -> str:
    card = match.card
    name = card.name if match.name in (card.name, card.front) else f"{card.name} (as {match.name})"
    facts = "  ".join(fact for fact in (card.mana_cost, card.type_line) if fact)
    return f"{match.score:5.1f}  {name}  {facts}".rstrip()


def _progress() -> Progress:
    """A bar on stderr, so that results alone go to stdout."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


def _failure(error: CatalogueError) -> typer.Exit:
    typer.echo(str(error), err=True)
    return typer.Exit(_NOTHING_USABLE)
