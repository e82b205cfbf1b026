"""``screen2deck send``: a picture through the running product, as a player would send it."""

from pathlib import Path
from typing import Annotated

import typer

from bot.commands.running import prepared, run
from bot.intake import NotAccepted
from bot.services import open_services
from bot.terminal.sending import Ended, TerminalChat, terminal_chat
from config.settings import Settings
from ocr_worker.exporters import formats

_NOTHING_USABLE = 1
_BAD_INPUT = 2


def send(
    pictures: Annotated[list[Path], typer.Argument(metavar="PICTURE", help="Pictures of decks.")],
    format: Annotated[str, typer.Option("--format", "-f", help="What to write.")] = "arena",
) -> None:
    """Send pictures to the running product, print the decklists when they are read.

    It must have been started with `screen2deck up`, or be reachable by REDIS_URL and DATABASE_URL.
    """
    if format not in formats():
        raise typer.BadParameter(f"there is no format {format!r}; choose one of {', '.join(formats())}.")
    run(_send(prepared(), pictures, format))


async def _send(settings: Settings, pictures: list[Path], format: str) -> None:
    def tell(line: str) -> None:
        typer.echo(line, err=True)

    async with open_services(settings) as services, terminal_chat(services, tell) as chat:
        code = await send_all(chat, pictures, format)
    if code:
        raise typer.Exit(code)


async def send_all(chat: TerminalChat, pictures: list[Path], format: str, *, is_fresh: bool = False) -> int:
    """Send, wait, print; return the exit code."""
    code, sent = 0, []
    for path in pictures:
        try:
            sent.append((await chat.send(path, is_fresh=is_fresh)).id)
        except (NotAccepted, OSError) as error:
            reason = str(error) if isinstance(error, NotAccepted) else error.strerror
            typer.echo(f"{path}: {reason}", err=True)
            code = _BAD_INPUT
    async for ended in chat.ended(sent):
        code = max(code, _print(ended, format))
    return code


def _print(ended: Ended, format: str) -> int:
    from bot.converting.texts import describe
    from bot.exporting import deck_from_json, exported

    conversion, stored = ended
    if stored is None:
        typer.echo(f"{conversion.picture_name}: {conversion.sentence}", err=True)
        return _NOTHING_USABLE
    deck = deck_from_json(stored.deck)
    result = exported(deck, format)
    for line in describe(conversion.picture_name, deck, result.notes):
        typer.echo(line, err=True)
    typer.echo(result.text, nl=not result.text.endswith("\n"))
    return 0
