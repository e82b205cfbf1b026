"""How many connections the database has, of how many it allows."""

from storage.database import Database, patient


@patient
async def connections(database: Database) -> tuple[int, int] | None:
    """Those there are, and the most there may be; None of SQLite, which has none."""
    if database.is_sqlite:
        return None
    _, rows = await database.context.db().execute_query(
        "SELECT count(*) AS used, current_setting('max_connections')::int AS most FROM pg_stat_activity"
    )
    return int(rows[0]["used"]), int(rows[0]["most"])
