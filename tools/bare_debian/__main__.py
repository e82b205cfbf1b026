"""Makes the roots and goes through the pages; ends with 77 and the reason where this machine cannot do that."""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tools.bare_debian import NOT_HERE, machine, newcomer, server
from tools.bare_debian.machine import GoneWrongError
from tools.bare_debian.roots import base, root


def main(arguments: list[str]) -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="python3 -m tools.bare_debian", description=__doc__)
    parser.add_argument("--cache", type=Path, required=True, help="keeps Debian's packages and the bare root")
    parser.add_argument("--work", type=Path, help="where the roots are made, 4 GB; a temporary folder")
    parser.add_argument("--without-tests", action="store_true", help="leave `make test` out, which takes longest")
    parser.add_argument("paths", nargs="*", default=["newcomer", "server"], metavar="newcomer|server")
    options = parser.parse_args(arguments)
    if (reason := machine.missing()) is not None:
        print(f"Not done: {reason}.")
        return NOT_HERE
    cache = options.cache.absolute()
    if not _works("a bare Debian 12", lambda: base(cache)):
        return 1
    if "newcomer" in options.paths:
        with root(cache, options.work, "newcomer") as made:
            if not _works("README", lambda: newcomer.goes_through(made, with_tests=not options.without_tests)):
                return 1
    if "server" in options.paths:
        with root(cache, options.work, "server") as made, tempfile.TemporaryDirectory() as temporary:
            if not _works("the deploy page", lambda: server.goes_through(made, Path(temporary) / "log")):
                return 1
    return 0


def _works(what: str, do: Callable[[], object]) -> bool:
    """Do it, and tell how long it took or what went wrong."""
    began = time.monotonic()
    try:
        do()
    except GoneWrongError as problem:
        print(f"{what} does not work: {problem}", file=sys.stderr, flush=True)
        return False
    print(f"{what}: {time.monotonic() - began:.0f} s", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
