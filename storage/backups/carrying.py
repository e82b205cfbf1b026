"""What a restored database keeps of the present one.

A backup gives back what belongs to players. What operations leave behind stays as it is now: the audit trail, the
request that restores, incidents, roles, keys, maintenance. Nothing that was revoked since becomes valid again.

The present database's tables are seen under the name ``live`` while the statements run.
"""

# ruff: noqa: S608  (all names are those of our own tables)

from collections.abc import Iterable
from graphlib import TopologicalSorter

from tortoise.models import Model

from storage import models
from storage.conversions import SUBJECT

PLAYERS: frozenset[type[Model]] = frozenset(
    (
        models.Person,
        models.Account,
        models.ApiKey,
        models.Session,
        models.OneTimeCode,
        models.Conversion,
        models.ConversionEvent,
        models.DeadLetter,
        models.StoredDeck,
        models.Correction,
        models.Purge,
        models.PurgedJob,
        models.Picture,
        models.PictureContent,
        models.StoredReading,
        models.GatheredPart,
    )
)
"""What a backup gives back, beside messages that show pictures."""
_MESSAGES = models.OutboxMessage


def all_models() -> list[type[Model]]:
    """Every table, those first that others refer to."""
    found: dict[str, type[Model]] = {f"storage.{name}": getattr(models, name) for name in models.__all__}
    order = TopologicalSorter({name: referred(model) - {name} for name, model in found.items()})
    return [found[name] for name in order.static_order()]


def referred(model: type[Model]) -> set[str]:
    """The models that its rows refer to, as ``storage.Person``."""
    fields = model._meta.fk_fields | model._meta.o2o_fields
    return {str(getattr(model._meta.fields_map[name], "model_name", "")) for name in fields}


def kept() -> list[type[Model]]:
    """Tables that stay as they are now, those first that others refer to."""
    return [model for model in all_models() if model not in PLAYERS and model is not _MESSAGES]


def kept_tables() -> frozenset[str]:
    """Their names in the database."""
    return frozenset(model._meta.db_table for model in kept())


def needed() -> list[type[Model]]:
    """Tables of the present database that the statements look at."""
    return [*kept(), _MESSAGES, *_revocable()]


def statements() -> list[str]:
    """What is to be executed in the restored database, in one transaction, after ``live`` is there."""
    found = [f"DELETE FROM {_name(model)}" for model in reversed(kept())]
    found += [_filled(model) for model in kept()]
    found += [_revoked(model) for model in _revocable()]
    found.append(_suspended())
    found.append(f"DELETE FROM {_name(models.OneTimeCode)}")
    return found + _messages()


def numbered() -> list[tuple[str, str]]:
    """Tables with a number that the database counts, and its column."""
    return [(model._meta.db_table, model._meta.db_pk_column) for model in kept() if model._meta.pk.generated]


def columns(model: type[Model]) -> list[str]:
    """All columns of a table."""
    return list(model._meta.fields_db_projection.values())


def _revocable() -> list[type[Model]]:
    return [model for model in all_models() if model in PLAYERS and "revoked_at" in model._meta.fields_map]


def _filled(model: type[Model], where: str = "") -> str:
    listed = _listed(columns(model))
    return f"INSERT INTO {_name(model)} ({listed}) SELECT {listed} FROM live.{_name(model)} {where}".rstrip()


def _revoked(model: type[Model]) -> str:
    """What is not valid now is not valid then: it was revoked, or nobody has given it yet."""
    key = f'"{model._meta.db_pk_column}"'
    valid = f"SELECT {key} FROM live.{_name(model)} WHERE revoked_at IS NULL"
    return (
        f"UPDATE {_name(model)} SET revoked_at = CURRENT_TIMESTAMP WHERE revoked_at IS NULL AND {key} NOT IN ({valid})"
    )


def _suspended() -> str:
    """A key that is suspended now is so then."""
    name = _name(models.ApiKey)
    present = f"SELECT suspended_until FROM live.{name} AS now WHERE now.id = {name}.id"
    return f"UPDATE {name} SET suspended_until = ({present})"


def _messages() -> list[str]:
    """Those of operations, and of those that the backup has, where in the chat they stand now."""
    name, of_ours = _name(_MESSAGES), f"subject <> '{SUBJECT}'"
    return [
        f"CREATE TEMPORARY TABLE kept_messages AS SELECT id FROM {name} WHERE subject = '{SUBJECT}'",
        f"DELETE FROM {name} WHERE {of_ours} OR id IN (SELECT id FROM live.{name})",
        _filled(_MESSAGES, f"WHERE {of_ours} OR id IN (SELECT id FROM kept_messages)"),
        "DROP TABLE kept_messages",
    ]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _name(model: type[Model]) -> str:
    return f'"{model._meta.db_table}"'
