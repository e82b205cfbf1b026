"""Makes the roots and goes through the pages; ends with 77 and the reason where this machine cannot do that."""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tools.bare_debian import machine, newcomer, server
from tools.bare_debian.machine import GoneWrongError
from tools.bare_debian.roots import base, root

NOT_HERE = 77


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
    try:
        _timed("a bare Debian 12", lambda: base(cache))
        if "newcomer" in options.paths:
            with root(cache, options.work, "newcomer") as made:
                _timed("README", lambda: newcomer.goes_through(made, with_tests=not options.without_tests))
        if "server" in options.paths:
            with root(cache, options.work, "server") as made, tempfile.TemporaryDirectory() as temporary:
                _timed("the deploy page", lambda: server.goes_through(made, Path(temporary) / "log"))
    except GoneWrongError as problem:
        print(f"It does not work: {problem}", file=sys.stderr)
        return 1
    return 0


def _timed(what: str, do: Callable[[], object]) -> None:
    began = time.monotonic()
    do()
    print(f"{what}: {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
