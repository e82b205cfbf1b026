"""``screen2deck evidence``: what the console keeps for investigations, opened on the machine that has it."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.running import failure, prepared
from storage.errors import StorageError
from storage.signing import open_ring
from storage.vault import Vault, vault_of

app = typer.Typer(no_args_is_help=True, help="Evidence of security incidents: list, open.")


@app.command(name="list")
def list_files() -> None:
    """List what is kept on this machine, oldest first."""
    for name in _vault().names():
        typer.echo(name)


@app.command(name="open")
def open_file(
    name: Annotated[str, typer.Argument(help="As the console or `evidence list` calls it.")],
    output: Annotated[Path | None, typer.Option(help="A new file. Default: its name, in the current folder.")] = None,
) -> None:
    """Decrypt a bundle or capture into a file that only you can read; `-` as output is stdout."""
    try:
        content = _vault().content(name)
        if output == Path("-"):
            sys.stdout.buffer.write(content)
            return
        target = output or Path(name)
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except StorageError as error:
        raise failure(error) from error
    except OSError as error:
        raise failure(StorageError(f"{output or name} cannot be written ({error.strerror}).")) from error
    typer.echo(f"Written: {target}", err=True)


def _vault() -> Vault:
    settings = prepared()
    return vault_of(settings.data_dir, open_ring(settings))
