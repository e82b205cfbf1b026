"""The code of the release before this schema works upon it: old and new processes run side by side in an upgrade.

What the earlier release's own tests of storage say is asked of its own code, on tables that this release has made. So a
migration that does not expand first and contract later is found before it is shipped.
"""

import contextlib
import io
import os
import sqlite3
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from storage import schema
from storage.database import default_url
from tests.shared import ROOT, git

pytestmark = pytest.mark.slow

MIGRATIONS = "storage/migrations"
SUITES = ("conversions", "intake", "outbox", "decks", "people", "access", "blobs")
#: Loaded by the earlier release's tests: their tables come from here, whatever their own migrations say.
PLUGIN = """
import os, shutil
from pathlib import Path
from storage import schema

async def upgrade(url, *args, **kwargs):
    assert url.startswith("sqlite"), url
    shutil.copy(os.environ["LATER_DATABASE"], Path("/" + url.partition("://")[2].lstrip("/").partition("?")[0]))
    return []

schema.upgrade = upgrade
"""


def migrations(commit: str) -> dict[str, str]:
    """Files with the hashes of what they hold."""
    lines = git("ls-tree", commit, f"{MIGRATIONS}/").splitlines()
    return {line.split("\t")[1]: line.split()[2] for line in lines if "/0" in line}


def previous() -> str:
    """The newest commit whose migrations are the first ones of ours, and not all."""
    if git("rev-parse", "--is-shallow-repository").strip() == "true":
        pytest.skip("this clone is shallow: it has no earlier release")
    present = migrations("HEAD")
    for commit in git("rev-list", "HEAD", "--", MIGRATIONS).split():
        parents = git("rev-list", "--parents", "-1", commit).split()[1:]
        for parent in parents:
            theirs = migrations(parent)
            if theirs and theirs.items() < present.items():
                return parent
    pytest.skip("no earlier commit has the first of these migrations alone")


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree of the earlier release."""
    folder = tmp_path_factory.mktemp("earlier")
    packed = subprocess.run(["git", "archive", previous()], capture_output=True, check=True, cwd=ROOT).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    (folder / "later_schema.py").write_text(PLUGIN, encoding="utf-8")
    return folder


def run(earlier: Path, database: Path) -> subprocess.CompletedProcess[str]:
    """The earlier release's tests of storage, with their tables copied from a database."""
    environment = {**os.environ, "LATER_DATABASE": str(database), "PYTHONPATH": str(earlier)}
    suites = [f"tests/storage/test_{name}.py" for name in SUITES]
    there = [one for one in suites if (earlier / one).exists()]
    assert len(there) >= 4
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "later_schema", "-p", "no:cacheprovider", *there]
    return subprocess.run(command, capture_output=True, text=True, cwd=earlier, env=environment)


async def test_its_tests_of_storage_pass_on_the_present_tables(earlier: Path, tmp_path: Path) -> None:
    await schema.upgrade(default_url(tmp_path))
    done = run(earlier, tmp_path / "screen2deck.db")
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert " passed" in done.stdout


async def test_a_change_that_it_cannot_bear_would_be_seen(earlier: Path, tmp_path: Path) -> None:
    """Contracting first: a column that it writes is gone."""
    await schema.upgrade(default_url(tmp_path))
    with contextlib.closing(sqlite3.connect(tmp_path / "screen2deck.db")) as database:
        database.execute("ALTER TABLE conversions RENAME COLUMN correlation TO trace")
        database.commit()
    done = run(earlier, tmp_path / "screen2deck.db")
    assert done.returncode == 1
    assert "correlation" in done.stdout
