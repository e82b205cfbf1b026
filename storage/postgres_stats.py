"""What Postgres tells of itself: sessions, sizes, delays, slow queries. No text of a query leaves with its values."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient

from storage.database import Database, patient, pool_owner
from storage.postgres_address import APPLICATION
from storage.processes import is_alive_here

# ruff: noqa: S608  (what is put in is written here)

_OURS = "datname = current_database() AND backend_type = 'client backend'"


@dataclass(frozen=True, slots=True)
class PostgresStatus:
    """Bytes and seconds; ``replicas`` are names with their delay in seconds."""

    version: str
    uptime_s: float
    size: int
    connections: int
    most_connections: int
    longest_transaction_s: float
    replicas: tuple[tuple[str, float], ...]
    is_replica: bool


@dataclass(frozen=True, slots=True)
class Sessions:
    """How many sessions of this database an application has in one state."""

    application: str
    state: str
    count: int
    oldest_s: float


@dataclass(frozen=True, slots=True)
class IdleSession:
    """A session that does nothing; ``last`` is the kind of its last query, such as SELECT."""

    pid: int
    application: str
    state: str
    idle_s: float
    last: str
    is_in_use: bool


@dataclass(frozen=True, slots=True)
class SlowQuery:
    """A query by its shape, with literals masked; milliseconds."""

    text: str
    calls: int
    total_ms: float
    mean_ms: float


class StatisticsMissing(Exception):
    """The server does not keep what is asked for; ``str(error)`` says what to do."""


async def status(database: Database) -> PostgresStatus:
    """Raises DatabaseUnreachable."""
    one = await _row(
        database,
        "SELECT current_setting('server_version') AS version, "
        "extract(epoch FROM now() - pg_postmaster_start_time())::float8 AS uptime, "
        "pg_database_size(current_database()) AS size, current_setting('max_connections')::int AS most, "
        "pg_is_in_recovery() AS replica, (SELECT count(*) FROM pg_stat_activity "
        "WHERE backend_type = 'client backend') AS connections, "
        "(SELECT coalesce(max(extract(epoch FROM now() - xact_start)), 0)::float8 FROM pg_stat_activity "
        f"WHERE {_OURS} AND pid <> pg_backend_pid()) AS longest",
    )
    replicas = await _rows(
        database,
        "SELECT coalesce(nullif(application_name, ''), client_addr::text, 'a replica') AS name, "
        "coalesce(extract(epoch FROM replay_lag), 0)::float8 AS lag FROM pg_stat_replication ORDER BY 1",
    )
    return PostgresStatus(
        version=str(one["version"]).split(" ")[0],
        uptime_s=one["uptime"],
        size=one["size"],
        connections=one["connections"],
        most_connections=one["most"],
        longest_transaction_s=one["longest"],
        replicas=tuple((row["name"], row["lag"]) for row in replicas),
        is_replica=one["replica"],
    )


async def sessions(database: Database) -> list[Sessions]:
    """Sessions of this database by application and state; raises DatabaseUnreachable."""
    found = await _rows(
        database,
        "SELECT application_name, coalesce(state, 'starting') AS state, count(*) AS count, "
        "coalesce(max(extract(epoch FROM now() - state_change)), 0)::float8 AS oldest "
        f"FROM pg_stat_activity WHERE {_OURS} GROUP BY 1, 2 ORDER BY 3 DESC, 1",
    )
    return [Sessions(_name(row["application_name"]), row["state"], row["count"], row["oldest"]) for row in found]


async def idle(database: Database, older_than: timedelta) -> list[IdleSession]:
    """Sessions of this role on this database that have done nothing for a time, longest first.

    Those of pools of processes that live are in use: they wait for the next query. Raises DatabaseUnreachable.
    """
    found = await _rows(
        database,
        "SELECT pid, application_name, state, extract(epoch FROM now() - state_change)::float8 AS idle, "
        f"query, state = 'idle' AS is_idle FROM pg_stat_activity WHERE {_CANDIDATES} ORDER BY 4 DESC",
        [older_than.total_seconds()],
    )
    return [
        IdleSession(
            pid=row["pid"],
            application=_name(row["application_name"]),
            state=row["state"],
            idle_s=row["idle"],
            last=kind_of(row["query"]),
            is_in_use=_is_pool_of_living(row["application_name"]) and row["is_idle"],
        )
        for row in found
    ]


async def end(database: Database, pids: Sequence[int], older_than: timedelta) -> list[int]:
    """End these sessions, of those that are idle still; the ones that it ended. Raises DatabaseUnreachable."""
    found = await _rows(
        database,
        f"WITH those AS MATERIALIZED (SELECT pid FROM pg_stat_activity WHERE {_CANDIDATES} AND pid = ANY($2::int[])) "
        "SELECT pid, pg_terminate_backend(pid) AS ended FROM those",
        [older_than.total_seconds(), list(pids)],
    )
    return [row["pid"] for row in found if row["ended"]]


_CANDIDATES = (
    f"{_OURS} AND usename = current_user AND pid <> pg_backend_pid() "
    "AND state IN ('idle', 'idle in transaction', 'idle in transaction (aborted)') "
    "AND state_change < now() - make_interval(secs => $1) "
    "AND NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = usename AND (rolreplication OR rolsuper)) "
    f"AND application_name NOT LIKE '{APPLICATION}%' AND application_name NOT LIKE 'pg\\_%'"
)


async def slow(database: Database, count: int, sort: str) -> list[SlowQuery]:
    """The queries that took longest, in ``total`` or ``mean``; raises StatisticsMissing, DatabaseUnreachable.

    The columns have other names since Postgres 13.
    """
    columns = await _rows(
        database,
        "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass('pg_stat_statements') AND attnum > 0",
    )
    names = {row["attname"] for row in columns}
    total = next((name for name in ("total_exec_time", "total_time") if name in names), None)
    if total is None:
        raise StatisticsMissing(
            "Postgres does not count queries: add pg_stat_statements to shared_preload_libraries, restart it, and "
            "CREATE EXTENSION pg_stat_statements in this database."
        )
    mean = total.replace("total", "mean")
    order = mean if sort == "mean" else total
    found = await _rows(
        database,
        f"SELECT query, calls, {total}::float8 AS total, {mean}::float8 AS mean FROM pg_stat_statements "
        "WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) "
        f"ORDER BY {order} DESC LIMIT $1",
        [count],
    )
    return [SlowQuery(masked(row["query"]), row["calls"], row["total"], row["mean"]) for row in found]


_LITERAL = re.compile(
    r"\$(?P<tag>[A-Za-z_]*)\$.*?\$(?P=tag)\$"  # dollar-quoted
    r"|[eEbBxX]?'(?:[^'\\]|''|\\.)*(?:'|\Z)"
    r"|\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b",
    re.DOTALL,
)
_PLACEHOLDER = re.compile(r"\$\d+")
_COMMENT = re.compile(r"--[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)


def masked(query: str) -> str:
    """A query on one line with ``?`` for every literal and comments away."""
    text = _COMMENT.sub(" ", query)
    text = _LITERAL.sub("?", _PLACEHOLDER.sub("?", text))
    return " ".join(text.split())[:500]


def kind_of(query: str) -> str:
    """The first word of a query, or ``other``: nothing else of it is told."""
    found = re.match(r"[\s(]*([A-Za-z]{2,20})\b", _COMMENT.sub(" ", query or ""))
    word = found[1].upper() if found else ""
    return word if word in _KINDS else "other"


_KINDS = frozenset(
    "SELECT INSERT UPDATE DELETE MERGE WITH BEGIN START COMMIT ROLLBACK SAVEPOINT RELEASE SET SHOW RESET COPY LOCK "
    "CREATE ALTER DROP TRUNCATE VACUUM ANALYZE EXPLAIN LISTEN NOTIFY UNLISTEN DISCARD DEALLOCATE PREPARE EXECUTE FETCH "
    "DECLARE CLOSE CALL DO VALUES REFRESH REINDEX CLUSTER".split()
)


def _name(application: str) -> str:
    return application or "(none)"


def _is_pool_of_living(application: str) -> bool:
    """A pool of a process of another machine is taken for living: nobody here can know better."""
    owner = pool_owner(application)
    return owner is not None and is_alive_here(*owner)


async def _row(database: Database, statement: str, values: list[Any] | None = None) -> Any:
    return (await _rows(database, statement, values))[0]


@patient
async def _rows(database: Database, statement: str, values: list[Any] | None = None) -> list[Any]:
    connection: BaseDBAsyncClient = database.context.db()
    _, rows = await connection.execute_query(statement, values)
    return list(rows)
