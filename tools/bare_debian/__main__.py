"""Makes the roots and goes through the pages.

Ends with 0 when all of it works, 1 when something does not, 77 with the reason where this machine cannot do that, 124
when the time is over. Nothing but the cache is left behind.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tools.bare_debian import NOT_HERE, machine, newcomer, server
from tools.bare_debian.ending import ends_in_order
from tools.bare_debian.machine import GoneWrongError
from tools.bare_debian.roots import base, root

_CACHE = Path("out/bare-debian")
_MINUTES = 90.0


def main(arguments: list[str]) -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="python3 -m tools.bare_debian", description=__doc__)
    parser.add_argument("--cache", type=Path, default=_CACHE, help=f"Debian's packages and the bare root ({_CACHE})")
    parser.add_argument("--work", type=Path, help="where the roots are made, 4 GB; a temporary folder")
    parser.add_argument("--without-tests", action="store_true", help="leave `make test` out, which takes longest")
    parser.add_argument("--minutes", type=float, default=_MINUTES, help=f"at most so long ({_MINUTES:g})")
    parser.add_argument("paths", nargs="*", default=["newcomer", "server"], metavar="newcomer|server")
    options = parser.parse_args(arguments)
    if options.minutes <= 0:
        parser.error("--minutes: must be more than 0")
    cache: Path = options.cache.absolute()
    if (reason := machine.missing(cache)) is not None:
        print(f"Not done: {reason}.")
        return NOT_HERE
    with ends_in_order(options.minutes):
        return _go(options, cache)


def _go(options: argparse.Namespace, cache: Path) -> int:
    if not _works("a bare Debian 12", lambda: base(cache)):
        return 1
    if "newcomer" in options.paths and not _works("README", lambda: _newcomer(options, cache)):
        return 1
    if "server" in options.paths and not _works("the deploy page", lambda: _server(options, cache)):
        return 1
    return 0


def _newcomer(options: argparse.Namespace, cache: Path) -> None:
    with root(cache, options.work, "newcomer") as made:
        newcomer.goes_through(made, with_tests=not options.without_tests)


def _server(options: argparse.Namespace, cache: Path) -> None:
    with root(cache, options.work, "server") as made, tempfile.TemporaryDirectory() as temporary:
        server.goes_through(made, Path(temporary) / "log")


def _works(what: str, do: Callable[[], object]) -> bool:
    """Do it, and tell how long it took or what went wrong."""
    began = time.monotonic()
    try:
        do()
    except (GoneWrongError, subprocess.CalledProcessError, OSError) as problem:
        print(f"{what} does not work: {problem}", file=sys.stderr, flush=True)
        return False
    print(f"{what}: {time.monotonic() - began:.0f} s", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
