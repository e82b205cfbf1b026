"""Where a Postgres database is, for programs and connections that are not the pool's."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg
from tortoise.backends.base.config_generator import expand_db_url

APPLICATION = "screen2deck backup"
"""What sessions are called that back up, restore and look after the database; nothing ends them for being idle."""
_CONNECT_S = 5


@dataclass(frozen=True, slots=True)
class PostgresAddress:
    """The parts of an address; ``ssl`` is one of libpq's modes."""

    url: str = field(repr=False)
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str
    ssl: str = ""

    @classmethod
    def parsed(cls, url: str) -> "PostgresAddress":
        """As the pool reads it."""
        found: Mapping[str, Any] = expand_db_url(url)["credentials"]
        ssl = found.get("sslmode", found.get("ssl", ""))
        return cls(
            url=url,
            host=str(found.get("host") or "localhost"),
            port=int(found.get("port") or 5432),
            user=str(found.get("user") or ""),
            password=str(found.get("password") or ""),
            database=str(found["database"]),
            ssl={True: "require", False: "disable"}[ssl] if isinstance(ssl, bool) else str(ssl),
        )

    def of(self, database: str) -> "PostgresAddress":
        """Another database of the same server."""
        parts = urlsplit(self.url)
        return replace(self, url=urlunsplit(parts._replace(path=f"/{quote(database)}")), database=database)

    def environment(self) -> dict[str, str]:
        """For programs of Postgres, so that no argument holds a password."""
        found = {
            "PGHOST": self.host,
            "PGPORT": str(self.port),
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
            "PGDATABASE": self.database,
            "PGSSLMODE": self.ssl,
            "PGCONNECT_TIMEOUT": str(_CONNECT_S),
            "PGAPPNAME": APPLICATION,
        }
        return {name: value for name, value in found.items() if value}

    async def connect(self) -> asyncpg.Connection:
        """A connection of its own, beside the pool; raises OSError, PostgresError, TimeoutError."""
        return await asyncpg.connect(
            host=self.host,
            port=self.port,
            user=self.user or None,
            password=self.password or None,
            database=self.database,
            ssl=self.ssl or None,
            timeout=_CONNECT_S,
            server_settings={"application_name": APPLICATION},
        )
