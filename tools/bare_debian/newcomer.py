"""README's start, by a user without rights, on a root that has git, Python and make and nothing else."""

import socket
from pathlib import Path

from tools.bare_debian.machine import GoneWrongError
from tools.bare_debian.roots import PROJECT, Root, clone
from tools.shell_blocks import shell_lines

HOME = "/home/newcomer"
_AT = f"{HOME}/screen2deck"


def commands() -> list[str]:
    """What README says to type at first."""
    return [line.text for line in shell_lines(PROJECT / "README.md") if line.heading == "Start"]


def goes_through(made: Root, *, with_tests: bool) -> None:
    """Run these; ``make run`` is used and stopped as people do. Raise ``GoneWrongError`` where one fails."""
    if commands() != ["make run", "make test"]:
        raise GoneWrongError(f"README's start has other commands than are gone through here: {commands()}")
    made.run("apt-get", "-qq", "install", "--no-install-recommends", "git", "make", "python3")
    made.run("useradd", "--create-home", "--home-dir", HOME, "newcomer")
    clone(made, _AT)
    made.run("chown", "--recursive", "newcomer:", HOME)
    with socket.create_server(("127.0.0.1", 0)) as server:
        environment = {"HTTP_PORT": str(server.getsockname()[1])}
    inside = f"{_AT}/{Path(__file__).with_name('use_and_stop.py').relative_to(PROJECT)}"
    made.run("python3", inside, *commands()[0].split(), user="newcomer", at=_AT, environment=environment)
    if with_tests:
        made.run(*commands()[1].split(), user="newcomer", at=_AT, network=False)
