"""A release of the product that has one migration more than this one."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tortoise.migrations import loader

import storage.migrations
from tests.shared import ROOT

MIGRATIONS = sorted(path.stem for path in (ROOT / "storage" / "migrations").glob("0*.py"))
"""Those of this release."""
LATER = "0999_later"
_SOURCE = """
from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("storage", "{before}")]

    operations = [ops.RunSQL("{sql}", "DROP TABLE later")]
"""


@contextmanager
def later_release(folder: Path, sql: str = "CREATE TABLE later (id INTEGER)") -> Iterator[None]:
    """While it lasts, this process is of a release whose last migration executes ``sql``."""
    (folder / f"{LATER}.py").write_text(_SOURCE.format(sql=sql, before=MIGRATIONS[-1]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(storage.migrations, "__path__", [*storage.migrations.__path__, str(folder)])
        # A package that is loaded again finds its own folder only.
        patch.setattr(loader, "reload", lambda module: module)
        try:
            yield
        finally:
            sys.modules.pop(f"storage.migrations.{LATER}", None)
