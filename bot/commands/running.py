"""What commands that run a process share: settings, logs, and errors as one sentence."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import typer

from config.logging import set_up_logging
from config.parent import die_with_parent
from config.settings import Settings, SettingsError, load_settings
from ocr_worker.errors import Screen2DeckError
from storage.errors import StorageError

BAD_INPUT = 2


def prepared() -> Settings:
    """The settings, with logs set up, in a process that ends with its supervisor."""
    die_with_parent()
    try:
        settings = load_settings()
    except SettingsError as error:
        raise failure(error) from error
    set_up_logging(settings.log_level)
    return settings


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run until done; an expected error becomes its sentence and exit code 2."""
    try:
        asyncio.run(work)
    except (SettingsError, StorageError, Screen2DeckError) as error:
        raise failure(error) from error


def failure(error: Exception) -> typer.Exit:
    """Tell an error; the exit to raise."""
    typer.echo(str(error), err=True)
    return typer.Exit(BAD_INPUT)
