"""The deploy page's way for a plain server, line by line, with a real systemd: install, use, upgrade, and back."""

import json
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tools.bare_debian.machine import GoneWrongError
from tools.bare_debian.next_release import LATER, last_migration, publish, publish_the_next
from tools.bare_debian.roots import PROJECT, Root, Started
from tools.shell_blocks import shell_lines, table_column

PAGE = PROJECT / "docs" / "deploy.md"
SOURCE = "/usr/local/src/screen2deck"
TAG = "v0.1.0"
_REPOSITORY = "/srv/screen2deck.git"
_INSIDE_COMPOSE = "docker compose exec bot "
_HEALTH = "curl --silent --fail --output /dev/null --retry 60 --retry-delay 1 --retry-connrefused"
_READY = f"{_HEALTH} http://127.0.0.1:8484/health/ready"
_FIGURES_S = 180.0


def blocks() -> Iterator[list[str]]:
    """The blocks of the section on systemd: installation, start, Prometheus."""
    found: dict[int, list[str]] = {}
    for line in shell_lines(PAGE):
        if line.heading == "systemd":
            found.setdefault(line.block, []).append(line.text)
    yield from found.values()


def seeing() -> list[str]:
    """What the page shows with Compose, as it is on a server."""
    lines = [line.text for line in shell_lines(PAGE) if line.heading == "Seeing that it works"]
    return [line.removeprefix(_INSIDE_COMPOSE) for line in lines]


def without_stores() -> list[str]:
    """Commands of the remark on embedded stores."""
    found = re.search(r"(?s)- \*\*Without Postgres and Redis\*\*(.*?)\n- ", PAGE.read_text(encoding="utf-8"))
    return [] if found is None else [code for code in re.findall(r"`([^`]+)`", found[1]) if " " in code]


def upgrade() -> list[str]:
    """The column of the table, with all workers where it says *then the next*."""
    commands = table_column(PAGE, "The next release", "systemd")
    at = commands.index("systemctl restart screen2deck-worker@1")
    return [*commands[: at + 1], commands[at].replace("@1", "@2"), *commands[at + 1 :]]


def back(source: Path = PROJECT) -> list[str]:
    """The block for a server, with the last migration of the release that it leads back to."""
    lines = [line for line in shell_lines(PAGE) if line.heading == "The next release"]
    block = next(line.block for line in lines if line.text.startswith("systemctl stop"))
    last = f"downgrade {last_migration(source)[:4]}"
    return [re.sub(r"downgrade \d+", last, line.text) for line in lines if line.block == block]


def goes_through(made: Root, log: Path) -> None:
    """All of that; raise ``GoneWrongError`` where something fails."""
    made.run("apt-get", "-qq", "install", "systemd-sysv")  # which every server has, and its recommended packages
    publish(made.folder / _REPOSITORY.removeprefix("/"), TAG)
    source = made.folder / SOURCE.removeprefix("/")
    subprocess.run(["git", "clone", "--quiet", f"{made.folder}{_REPOSITORY}", str(source)], check=True)  # noqa: S607  (found by PATH, as its user does)
    subprocess.run(["git", "-C", str(source), "remote", "set-url", "origin", _REPOSITORY], check=True)  # noqa: S607  (found by PATH, as its user does)

    installation, start, figures = blocks()
    for line in installation:
        _tell(line)
        made.run("sh", "-c", line, at=SOURCE)
    for line in figures:
        if line.startswith("apt-get install"):
            made.run("sh", "-c", line.replace("install", "install --download-only", 1))
    # Everything from here on works without a network.
    with made.started(log) as server:
        try:
            _is_used(server, start, figures)
            publish_the_next(made.folder / _REPOSITORY.removeprefix("/"))
            _comes_and_goes(server, back(source))
            _is_all_in_one(server)
        except GoneWrongError as problem:
            raise GoneWrongError(f"{problem}\n{server.ask('journalctl', '--no-pager', '--lines=60')}") from problem


def _is_used(server: Started, start: list[str], figures: list[str]) -> None:
    server.run("systemd-analyze verify /etc/systemd/system/screen2deck*.service")
    _lines(server, start)
    _reads_a_picture(server, "first")
    _lines(server, seeing())
    _lines(server, figures)
    end = time.monotonic() + _FIGURES_S
    while _value(server, 'up{job="screen2deck"}') != 1 or not _value(
        server, 'sum(alertmanager_notifications_total{integration="webhook"})'
    ):
        if time.monotonic() > end:
            raise GoneWrongError("Prometheus does not reach the bot, or Alertmanager has told it nothing")
        time.sleep(1)
    if _value(server, 'sum(alertmanager_notifications_failed_total{integration="webhook"})'):
        raise GoneWrongError("the bot does not take what Alertmanager tells it")


def _comes_and_goes(server: Started, way_back: list[str]) -> None:
    for line in upgrade():
        _lines(server, [line])
        server.run(_READY)  # the old ones go on while the new ones come
    _expects(server, "999.0", "screen2deck", "--version")
    _expects(server, LATER, "screen2deck", "db", "status")
    _reads_a_picture(server, "second")
    _lines(server, way_back)
    server.run(_READY)
    server.run("screen2deck db status")
    if LATER in server.ask("screen2deck", "db", "status"):
        raise GoneWrongError("the tables of the newer release are still there")
    _reads_a_picture(server, "third")


def _is_all_in_one(server: Started) -> None:
    _lines(server, without_stores())
    server.run(_READY)
    _reads_a_picture(server, "fourth")


def _reads_a_picture(server: Started, name: str) -> None:
    """Have it read one that nobody sent before: the sample's points, with other words beside them."""
    path = f"/tmp/{name}.png"  # noqa: S108
    code = (
        "from PIL import Image, PngImagePlugin; words = PngImagePlugin.PngInfo(); "
        f"words.add_text('name', '{name}'); Image.open('bot/data/sample.jpg').save('{path}', pnginfo=words)"
    )
    server.run(f'/usr/local/screen2deck/bin/python -c "{code}" && chmod 644 {path}', at=SOURCE)
    _expects(server, "Deck\n", "screen2deck", "send", path)


def _expects(server: Started, words: str, *command: str) -> None:
    said = server.ask(*command)
    if words not in said:
        raise GoneWrongError(f"{' '.join(command)}: says {said!r}, not {words!r}")


def _value(server: Started, query: str) -> float:
    address = "http://127.0.0.1:9090/api/v1/query"
    said = server.ask("curl", "--silent", "--get", address, "--data-urlencode", f"query={query}")
    found = json.loads(said)["data"]["result"] if said.startswith("{") else []
    return float(found[0]["value"][1]) if found else 0.0


def _lines(server: Started, lines: list[str]) -> None:
    for line in lines:
        _tell(line)
        server.run(line, at=SOURCE)


def _tell(line: str) -> None:
    print(f"# {line}", flush=True)
