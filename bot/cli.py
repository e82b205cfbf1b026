"""The command line ``screen2deck``. Each command is a module of ``bot.commands``, imported when it is called.

Exit codes: 0 done, 1 nothing usable came out, 2 wrong use or bad input. Results go to stdout, messages to
stderr.
"""

import io
import os
import sys
import traceback
from typing import Annotated

import typer

from bot.lazy_commands import LazyCommand, lazy_group

COMMANDS = {
    "convert": LazyCommand("bot.commands.convert:convert", "Turn pictures of decks into decklists."),
    "formats": LazyCommand("bot.commands.formats:formats_command", "List the formats of decklists."),
    "up": LazyCommand("bot.commands.up:up", "Start the whole product on this machine; Ctrl-C stops it in order."),
    "bot": LazyCommand("bot.commands.bot:bot", "Take pictures in, deliver decks, answer HTTP, until stopped."),
    "worker": LazyCommand("bot.commands.worker:worker", "Read pictures of the queue until stopped."),
    "send": LazyCommand(
        "bot.commands.send:send", "Send pictures to the running product, print the decklists when they are read."
    ),
    "demo": LazyCommand(
        "bot.commands.demo:demo", "Start the product on a folder of its own, send the sample, print its decklist, stop."
    ),
    "db": LazyCommand("bot.commands.db:app", "The database: bring it up to date, or back."),
    "keys": LazyCommand("bot.commands.keys:app", "API keys: make, list, revoke."),
    "health": LazyCommand(
        "bot.commands.health:health", "Say whether the bot process or a worker of this machine works."
    ),
    "link": LazyCommand("bot.commands.link:link", "Print a link that signs its first visitor in on the chat page."),
    "evidence": LazyCommand("bot.commands.evidence:app", "Evidence of security incidents: list, open."),
    "ops": LazyCommand(
        "bot.commands.ops:ops",
        "Run an action of the console as the server's own operator; parameters follow as --NAME VALUE.",
        takes_any=True,
    ),
    "cards": LazyCommand("bot.commands.cards:app", "The card catalogue: where it comes from, what is in it."),
    "eval": LazyCommand(
        "bot.commands.eval:eval_command",
        "Read all pictures of a folder and compare the decks with the truth.",
    ),
}

_NOTHING_USABLE = 1
_BAD_OUTPUT = 2
_INTERRUPTED = 130

# Plain help starts in half the time of framed help, and errors stay sentences that can be searched for.
app = typer.Typer(cls=lazy_group(COMMANDS), no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"screen2deck {version('screen2deck')}")
        raise typer.Exit


@app.callback()
def screen2deck(
    show_version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Screenshots of Magic: The Gathering decks become decklists."""


def main() -> None:
    """Run the command line and end the process; whatever goes wrong is told in one sentence on stderr."""
    _write_utf8()
    try:
        app()
    except SystemExit as end:
        if end.code == _INTERRUPTED:
            typer.echo("Stopped.", err=True)
        sys.exit(_flushed() or end.code)
    except Exception as error:
        if isinstance(error, OSError) and not isinstance(error, TimeoutError) and error.filename is None:
            # Commands say themselves which file they cannot use: here stdout is what is left.
            sys.exit(_give_up_output(error))
        _tell_fault(error)
        sys.exit(_flushed() or _NOTHING_USABLE)


def _write_utf8() -> None:
    """Files and pipes get UTF-8 whatever the locale says; on a terminal marks stand for letters it lacks."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        if sys.stdout.isatty():
            sys.stdout.reconfigure(errors="replace")
        else:
            sys.stdout.reconfigure(encoding="utf-8")


def _flushed() -> int:
    """Write what is left in stdout's buffer; return the exit code that this calls for, 0 if none."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
        return _NOTHING_USABLE
    except OSError as error:
        return _give_up_output(error)
    return 0


def _give_up_output(error: OSError) -> int:
    _drop_output()
    typer.echo(f"The output cannot be written ({error.strerror or error}).", err=True)
    return _BAD_OUTPUT


def _drop_output() -> None:
    """Send stdout nowhere, so that the interpreter does not complain about it when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _tell_fault(error: Exception) -> None:
    if os.environ.get("LOG_LEVEL", "").lower() == "debug":
        traceback.print_exception(error)
    typer.echo(
        f"This is a fault in Screen2Deck ({type(error).__name__}: {error}); please report it. "
        "LOG_LEVEL=debug shows where it happened.",
        err=True,
    )


if __name__ == "__main__":
    main()
