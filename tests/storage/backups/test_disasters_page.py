"""docs/disasters.md, step by step: its blocks of commands are run as they stand there, after the disaster."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from secrets import token_hex

import pytest

from config.settings import Settings
from storage import decks
from storage.backups.before_migration import KEPT, LABEL
from storage.backups.catalogue import Backup
from storage.backups.kinds import backups_of, catalogue_of
from storage.database import Database, default_url, open_database
from storage.embedded import EmbeddedRedis
from storage.queue import Queue
from storage.reconciler import Reconciler
from storage.records import ConversionRecord
from tests.making import NOW, accepted, finished, seconds, somebody
from tests.parts import EXECUTORS
from tests.releases import MIGRATIONS
from tests.shared import ROOT

PAGE = (ROOT / "docs" / "disasters.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"(?ms)^## (.+?)\n(.*?)(?=^## |\Z)", PAGE))
_BLOCK = re.compile(r"(?ms)^ *```sh\n(.*?)^ *```")


def blocks(section: str) -> list[str]:
    """The blocks of commands of a section, in their order."""
    return [re.sub(r"(?m)^ {3}", "", block) for block in _BLOCK.findall(SECTIONS[section])]


class Machine:
    """A server with the product's settings, on which the page's commands are typed."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.data, self.backups, self.home = folder / "data", folder / "backups", folder / "home"
        for each in (self.data, self.home):
            each.mkdir(mode=0o700, parents=True)
        self.settings = {"DATA_DIR": self.data, "BACKUP_DIR": self.backups, **settings}
        self.url = default_url(self.data)

    def types(self, block: str, **more: str) -> str:
        """What the commands say; all of them must succeed."""
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        given = {"PATH": path, "PYTHONPATH": str(ROOT), "HOME": str(self.home)}
        given |= {name: str(value) for name, value in self.settings.items()} | more
        command = ["bash", "-euo", "pipefail", "-c", block]
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.home, env=given)
        assert done.returncode == 0, f"{block}\n{done.stdout}{done.stderr}"
        return done.stdout

    async def back_up(self, label: str = "") -> Backup:
        settings = Settings(_env_file=None, data_dir=self.data, backup_dir=self.backups)  # type: ignore[call-arg]
        found = backups_of(self.url, settings)
        until = NOW + KEPT if label else None
        catalogue = catalogue_of(settings)
        return await catalogue.make(found.kind, found.suffix, found.dump, at=NOW, label=label, keep_until=until)


@pytest.fixture
def machine(empty_sqlite: Path, tmp_path: Path) -> Machine:
    EXECUTORS.clear()
    found = Machine(tmp_path / "machine")
    shutil.copy(empty_sqlite, found.data / "screen2deck.db")
    return found


async def filled(machine: Machine) -> ConversionRecord:
    async with open_database(machine.url):
        return await finished(await somebody())


async def assert_kept(machine: Machine, done: ConversionRecord) -> None:
    async with open_database(machine.url):
        assert (await decks.deck_of(done.id)).deck


def test_each_disaster_has_its_section_and_names_tests_that_exist() -> None:
    linked = re.findall(r"(?m)^\| \[[^]]*\]\(#([a-z-]+)\)", PAGE)
    assert [title.lower().replace(" ", "-") for title in SECTIONS] == linked
    for title, text in SECTIONS.items():
        assert blocks(title), title
        named = re.findall(r"`(tests/[\w/]+\.py)((?:::\w+)*)`", text)
        assert named, title
        for path, names in named:
            source = (ROOT / path).read_text(encoding="utf-8")
            for name in filter(None, names.split("::")):
                assert re.search(rf"^ *(?:async def|def|class) {name}\b", source, re.MULTILINE), name


def test_lost_secrets_are_made_anew_and_what_is_there_stays(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    shutil.copytree(ROOT / "config" / "deploy", machine.home / "config" / "deploy")
    make, _ = blocks("Secret keys")
    machine.types(make)
    secrets = machine.home / "secrets"
    before = {path.name: path.read_text() for path in secrets.iterdir()}
    lost = {"jwt_secret", "metrics_token"}
    for name in lost:
        (secrets / name).unlink()

    machine.types(make)

    after = {path.name: path.read_text() for path in secrets.iterdir()}
    assert {name for name in before if before[name] != after[name]} == lost
    assert all(after[name].strip() for name in lost)


@pytest.mark.slow
class TestOnTheServer:
    """The commands are those of the product, as processes of their own."""

    async def test_a_lost_database(self, machine: Machine, redis_server: EmbeddedRedis) -> None:
        restore, verify = blocks("The database")
        done = await filled(machine)
        backup = await machine.back_up()
        (machine.data / "screen2deck.db").write_bytes(b"\0" * 100_000)

        told = machine.types(restore)

        assert f"The database is that of {backup.id}" in told
        assert f"applied  {MIGRATIONS[-1]}" in told
        await assert_kept(machine, done)
        assert [*machine.data.glob("screen2deck.db.lost-*")]
        assert "this release" in machine.types(verify, REDIS_URL=redis_server.url)

    async def test_a_lost_disk(self, machine: Machine) -> None:
        [restore] = blocks("The disk")
        done = await filled(machine)
        await machine.back_up()
        shutil.rmtree(machine.data)

        assert "missing" not in machine.types(restore)

        await assert_kept(machine, done)

    async def test_a_lost_redis_and_lost_pictures(
        self, database: Database, queue: Queue, tmp_path: Path, redis_server: EmbeddedRedis
    ) -> None:
        machine = Machine(tmp_path / "machine", REDIS_URL=redis_server.url, DATABASE_URL=database.url)
        person = await somebody()
        waiting = [await accepted(person, f"{number}") for number in range(3)]
        await queue.enqueue_all((one.id, NOW, 0) for one in waiting)
        await queue.redis.flushall()  # what no action of the product does: the server's disk is gone

        await Reconciler(queue).reconcile(now=seconds(120))

        ping, look = blocks("Redis")[0].splitlines()
        assert "answers" in machine.types(ping)
        assert "3" in machine.types(look)
        [pictures] = blocks("Pictures")
        assert machine.types(pictures)

    async def test_lost_secret_keys(self, database: Database, redis_server: EmbeddedRedis, tmp_path: Path) -> None:
        _, check = blocks("Secret keys")
        settings = {"REDIS_URL": redis_server.url, "DATABASE_URL": database.url, "JWT_SECRET": token_hex(32)}
        assert "token secret" in Machine(tmp_path / "machine", **settings).types(check)

    async def test_a_migration_that_is_undone(self, machine: Machine) -> None:
        undo, _ = blocks("A bad migration")
        done = await filled(machine)
        told = machine.types(undo, LAST_GOOD=MIGRATIONS[-2])
        assert f"undone: {MIGRATIONS[-1]}" in told
        [kept] = machine.backups.glob("*before-migration*.json")
        assert kept.stat().st_size
        machine.types("screen2deck db upgrade")
        await assert_kept(machine, done)

    async def test_a_migration_that_destroyed_something(self, machine: Machine) -> None:
        _, restore = blocks("A bad migration")
        done = await filled(machine)
        backup = await machine.back_up(LABEL)
        with closing(sqlite3.connect(machine.data / "screen2deck.db")) as connection:
            connection.execute("DELETE FROM decks")
            connection.commit()
        await machine.back_up()

        assert f"The database is that of {backup.id}" in machine.types(restore)

        await assert_kept(machine, done)
