"""What commands that run a process share: settings, logs, and errors as one sentence."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import typer

from config.log_files import FOLDER, close_log_file
from config.logging import set_up_logging
from config.parent import die_with_parent
from config.redacting import secrets_of
from config.settings import Settings, SettingsError, load_settings
from ocr_worker.errors import Screen2DeckError
from storage.errors import StorageError

BAD_INPUT = 2


def prepared(process: str = "") -> Settings:
    """The settings, with logs set up, in a process that ends with its supervisor.

    One that lives long has a name, under which it keeps its log.
    """
    die_with_parent()
    try:
        settings = load_settings()
    except SettingsError as error:
        raise failure(error) from error
    begin_logging(settings, process)
    return settings


def begin_logging(settings: Settings, process: str) -> None:
    """Log as the settings say, under the name of the process where it has one."""
    keeps = bool(process) and settings.log_files
    set_up_logging(
        settings.log_level,
        form=settings.log_format,
        folder=settings.data_dir / FOLDER if keeps else None,
        process=process,
        secrets=secrets_of(settings),
    )


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run until done; an expected error becomes its sentence and exit code 2."""
    try:
        asyncio.run(work)
    except (SettingsError, StorageError, Screen2DeckError) as error:
        raise failure(error) from error
    finally:
        close_log_file()


def failure(error: Exception) -> typer.Exit:
    """Tell an error; the exit to raise."""
    typer.echo(str(error), err=True)
    return typer.Exit(BAD_INPUT)
