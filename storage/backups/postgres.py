"""Postgres: dumped by pg_dump in its custom format, restored by pg_restore into a database of its own.

The password goes to these programs in their environment; no argument holds any.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg

from storage import schema
from storage.backups.catalogue import Dumped, Kind, Scratch
from storage.backups.postgres_place import carry, end_sessions, hold_still, rename
from storage.backups.postgres_programs import Programs
from storage.errors import BackupDamaged, BackupError
from storage.postgres_address import PostgresAddress

SCRATCH, OLD = "scratch", "old"
_SCRATCH_KEPT, OLD_KEPT = timedelta(days=1), timedelta(days=7)
_MAINTENANCE = "postgres"
"""The database that every server has, from which others are renamed."""
_STAMP = "%Y%m%d%H%M%S"
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
_LETTERS = "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database WHERE datname = $1"
_STRENGTH = "6"


@dataclass(frozen=True, slots=True)
class PostgresBackups:
    """Backups of one database of a server."""

    address: PostgresAddress
    programs: Programs
    kind: Kind = Kind.POSTGRES
    suffix: str = ".dump"

    async def dump(self, to: Path) -> Dumped:
        """Write the database to a file, and count its rows in the same snapshot; raises BackupError."""
        applied = (await schema.status(self.address.url)).applied
        async with self._connected(self.address) as connection:
            program = await self.programs.find("pg_dump", _major(connection))
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
                rows = await _counted(connection)
                words = ["--format=custom", f"--compress={_STRENGTH}", "--no-owner", "--no-privileges"]
                words += ["--lock-wait-timeout=30s", f"--snapshot={snapshot}", f"--file={to}"]
                await self.programs.run(program, *words, address=self.address)
        return Dumped(rows, applied[-1] if applied else "")

    async def rows(self) -> Mapping[str, int]:
        """Rows of each table now; raises BackupError."""
        async with self._connected(self.address) as connection:
            return await _counted(connection)

    @asynccontextmanager
    async def scratch(self, file: Path) -> AsyncIterator[Scratch]:
        """A dump as a database of its own on the same server, gone afterwards; raises BackupError."""
        address = self.address.of(beside(self.address.database, SCRATCH, datetime.now(UTC)))
        await self._administer(f'CREATE DATABASE "{address.database}" {await self._like()}')
        try:
            await self._restore(file, address)
            async with self._connected(address) as connection:
                rows = await _counted(connection)
            yield Scratch(address.url, rows)
        finally:
            await asyncio.shield(self._administer(f'DROP DATABASE IF EXISTS "{address.database}" WITH (FORCE)'))

    async def fill(self, file: Path) -> None:
        """Restore a dump into the database itself, which is made where it is missing, and must be empty."""
        async with self._connected(self.address.of(_MAINTENANCE)) as server:
            known = await server.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", self.address.database)
            if known is None:
                await server.execute(f"CREATE DATABASE \"{self.address.database}\" TEMPLATE template0 ENCODING 'UTF8'")
        if await self.rows():
            raise BackupError(
                f"The database {self.address.database} has tables: nothing is lost that this could bring back. "
                "restore db puts a backup in its place; DROP DATABASE gives it up."
            )
        await self._restore(file, self.address)

    async def _restore(self, file: Path, address: PostgresAddress) -> None:
        async with self._connected(address) as connection:
            program = await self.programs.find("pg_restore", _major(connection))
        words = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"]
        try:
            await self.programs.run(program, *words, f"--dbname={address.database}", str(file), address=address)
        except BackupError as error:
            raise BackupDamaged(f"The backup {file.name} cannot be restored: {error}") from error

    async def put_in_place(self, scratch: Scratch) -> str:
        """Have the scratch database take the database's name; what that is called from now on. Raises BackupError."""
        restored = PostgresAddress.parsed(scratch.url)
        old = beside(self.address.database, OLD, datetime.now(UTC))
        async with self._connected(self.address.of(_MAINTENANCE)) as server:
            async with self._connected(self.address) as live, live.transaction():
                await hold_still(live)
                async with self._connected(restored) as connection, connection.transaction():
                    await carry(live, connection)
                # Whoever waits for the lock shall not write in the moment between it and the new names.
                await end_sessions(server, [self.address.database], but=live.get_server_pid())
            await rename(server, {self.address.database: old, restored.database: self.address.database})
        return old

    async def tidy(self, folder: Path, *, now: datetime) -> None:
        """Drop scratch databases after a day, and those that a restore replaced after a week."""
        async with self._connected(self.address) as connection:
            names = [row[0] for row in await connection.fetch("SELECT datname FROM pg_database")]
        for kind, kept in ((SCRATCH, _SCRATCH_KEPT), (OLD, OLD_KEPT)):
            for name in names:
                made = made_at(name, self.address.database, kind)
                if made is not None and made < now - kept:
                    await self._administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    async def _like(self) -> str:
        """What makes another database sort and encode as this one."""
        async with self._connected(self.address) as connection:
            found = await connection.fetchrow(_LETTERS, self.address.database)
        encoding, collate, ctype = (str(one).replace("'", "''") for one in found)
        return f"TEMPLATE template0 ENCODING '{encoding}' LC_COLLATE '{collate}' LC_CTYPE '{ctype}'"

    async def _administer(self, statement: str) -> None:
        async with self._connected(self.address) as connection:
            try:
                await connection.execute(statement)
            except asyncpg.InsufficientPrivilegeError as error:
                raise BackupError(
                    f"The role {self.address.user} may not make databases, which restoring needs: "
                    f'ALTER ROLE "{self.address.user}" CREATEDB.'
                ) from error

    @asynccontextmanager
    async def _connected(self, address: PostgresAddress) -> AsyncIterator[asyncpg.Connection]:
        try:
            connection = await address.connect()
        except (OSError, asyncpg.PostgresError, TimeoutError) as error:
            raise BackupError(f"The database does not answer ({type(error).__name__}).") from error
        try:
            yield connection
        except asyncpg.PostgresError as error:
            raise BackupError(f"The database refused: {error}.".replace("..", ".")) from error
        finally:
            await connection.close(timeout=5)


def beside(database: str, kind: str, at: datetime) -> str:
    """The name of another database of ours: whose, what for, since when; 63 letters are allowed."""
    return f"{database[:30]}_{kind}_{at:{_STAMP}}_{uuid4().hex[:6]}"


def made_at(name: str, database: str, kind: str) -> datetime | None:
    """When a database of ours was made, None for any other."""
    found = re.fullmatch(rf"{re.escape(database[:30])}_{kind}_(\d{{14}})_[0-9a-f]{{6}}", name)
    return datetime.strptime(found[1], _STAMP).replace(tzinfo=UTC) if found else None


async def _counted(connection: asyncpg.Connection) -> Mapping[str, int]:
    tables = [row[0] for row in await connection.fetch(_TABLES)]
    return {name: await connection.fetchval(f'SELECT count(*) FROM "{name}"') for name in tables}  # noqa: S608


def _major(connection: asyncpg.Connection) -> int:
    return int(connection.get_server_version().major)
