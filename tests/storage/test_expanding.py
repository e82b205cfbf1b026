"""Migrations expand: processes of the release before go on while tables change (docs/deploy.md, the next release)."""

from importlib import import_module

import pytest
from tortoise.fields.base import Field
from tortoise.migrations import operations as ops

from tests.releases import MIGRATIONS

FIRST = "0001_initial"
CONTRACTING: dict[str, str] = {}
"""Migrations that take something away, with the release that was the first not to use it any more."""


def harmless(operation: object) -> bool:
    """Whether code that knows nothing of it can still read and write the table."""
    if isinstance(operation, ops.AddField):
        field: Field[object] = operation.field
        return bool(field.null) or field.has_db_default()
    return isinstance(operation, ops.CreateModel | ops.AddIndex)


@pytest.mark.parametrize("name", [name for name in MIGRATIONS if name != FIRST])
def test_what_the_release_before_needs_stays(name: str) -> None:
    operations = import_module(f"storage.migrations.{name}").Migration.operations
    assert operations
    assert name in CONTRACTING or [each for each in operations if not harmless(each)] == []


def test_what_would_stop_the_release_before_is_found() -> None:
    from tortoise import fields

    assert not harmless(ops.RemoveField("Conversion", "state"))
    assert not harmless(ops.AddField("Conversion", "needed", fields.IntField()))
    assert harmless(ops.AddField("Conversion", "more", fields.IntField(null=True)))
