"""Tools of the machine that services need, such as certbot and nginx."""

from collections.abc import Sequence

from chatops.model import NotConfigured, NotPossible
from config.programs import ProgramError, ProgramNotRunError, result_of


async def run_tool(command: Sequence[str], within_s: float) -> None:
    """Run a tool; raises NotConfigured where it cannot be run, NotPossible with its last line where it fails."""
    try:
        await result_of(command, within_s, line=-1, longest=300)
    except ProgramNotRunError as error:
        raise NotConfigured(str(error)) from error
    except ProgramError as error:
        raise NotPossible(str(error)) from None
