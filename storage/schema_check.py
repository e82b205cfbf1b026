"""Whether the tables are those of this release: tables, columns and indices that lack, or that are too many."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.indexes import Index
from tortoise.models import Model

from storage import models
from storage.database import Database, patient

_OWN = frozenset(("tortoise_migrations",))
_POSTGRES_COLUMNS = (
    "SELECT c.relname AS tab, a.attname AS col FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
    "WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped"
)
_POSTGRES_INDICES = (
    "SELECT c.relname AS tab, string_agg(a.attname, ',' ORDER BY k.n) AS cols FROM pg_index i "
    "JOIN pg_class c ON c.oid = i.indrelid CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(attnum, n) "
    "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum "
    "WHERE c.relnamespace = 'public'::regnamespace AND i.indisvalid GROUP BY c.relname, i.indexrelid"
)
_SQLITE_COLUMNS = (
    "SELECT m.name AS tab, c.name AS col FROM sqlite_master m JOIN pragma_table_info(m.name) c "
    "WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
)
_SQLITE_INDICES = (
    "SELECT m.name AS tab, (SELECT group_concat(name, ',') FROM (SELECT name FROM pragma_index_info(i.name) "
    "ORDER BY seqno)) AS cols FROM sqlite_master m JOIN pragma_index_list(m.name) i WHERE m.type = 'table'"
)


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns of each table, and the columns of each of its indices."""

    columns: Mapping[str, frozenset[str]]
    indices: Mapping[str, frozenset[tuple[str, ...]]] = field(default_factory=dict)


async def problems(database: Database) -> list[str]:
    """What lacks and what is too much, in sentences; raises DatabaseUnreachable."""
    return differing(expected(), await found(database))


def differing(wanted: Layout, there: Layout) -> list[str]:
    """What lacks first."""
    told = [f"table {name} is missing" for name in sorted(wanted.columns.keys() - there.columns.keys())]
    for name in sorted(wanted.columns.keys() & there.columns.keys()):
        told += [f"column {name}.{one} is missing" for one in sorted(wanted.columns[name] - there.columns[name])]
        missing = wanted.indices.get(name, frozenset()) - there.indices.get(name, frozenset())
        told += [f"an index of {name} on {', '.join(one)} is missing" for one in sorted(missing)]
        told += [f"column {name}.{one} is of nobody" for one in sorted(there.columns[name] - wanted.columns[name])]
    extra = there.columns.keys() - wanted.columns.keys() - _OWN
    return told + [f"table {name} is of nobody" for name in sorted(extra)]


def expected() -> Layout:
    """What the models of this release want."""
    found = [getattr(models, name) for name in models.__all__]
    columns = {one._meta.db_table: frozenset(one._meta.fields_db_projection.values()) for one in found}
    return Layout(columns, {one._meta.db_table: frozenset(_indices(one)) for one in found})


def _indices(model: type[Model]) -> set[tuple[str, ...]]:
    """Those that are declared; a primary key and what is unique have theirs."""
    meta: Any = model._meta
    columns = meta.fields_db_projection
    groups = [one.fields if isinstance(one, Index) else one for one in meta.indexes]
    groups += [one if isinstance(one, list | tuple) else (one,) for one in meta.unique_together]
    groups += [(name,) for name, one in meta.fields_map.items() if name in columns and (one.index or one.unique)]
    referring = {name: getattr(one, "source_field", None) for name, one in meta.fields_map.items()}
    named = {tuple(columns.get(name) or referring.get(name) or name for name in group) for group in groups}
    return named - {(meta.db_pk_column,)}


@patient
async def found(database: Database) -> Layout:
    """What the database has."""
    client: BaseDBAsyncClient = database.context.db()
    sqlite = database.is_sqlite
    _, rows = await client.execute_query(_SQLITE_COLUMNS if sqlite else _POSTGRES_COLUMNS)
    columns: dict[str, set[str]] = {}
    for row in rows:
        columns.setdefault(row["tab"], set()).add(row["col"])
    _, rows = await client.execute_query(_SQLITE_INDICES if sqlite else _POSTGRES_INDICES)
    indices: dict[str, set[tuple[str, ...]]] = {}
    for row in rows:
        indices.setdefault(row["tab"], set()).add(tuple((row["cols"] or "").split(",")))
    return Layout(
        {name: frozenset(one) for name, one in columns.items()}, {name: frozenset(one) for name, one in indices.items()}
    )
