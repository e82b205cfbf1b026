"""Tools of the machine that services need, such as certbot and nginx."""

from collections.abc import Sequence
from pathlib import Path

from chatops.model import NotConfigured, NotPossible
from config.programs import run_program


async def run_tool(command: Sequence[str], within_s: float) -> None:
    """Run a tool; raises NotConfigured where it cannot be run, NotPossible with its last line where it fails."""
    name = Path(command[0]).name
    try:
        ended = await run_program(command, within_s)
    except OSError as error:
        raise NotConfigured(f"{name} cannot be run ({error.strerror}).") from error
    except TimeoutError:
        raise NotPossible(f"{name} did not end within {within_s:.0f} s.") from None
    if ended.code:
        said = ended.lines() or [f"exit code {ended.code}"]
        raise NotPossible(f"{name} says: {said[-1][:300]}")
