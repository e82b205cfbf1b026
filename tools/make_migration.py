"""Writes the migration that brings the tables from the last migration to the models: ``make migration``."""

import asyncio

from tortoise.context import TortoiseContext
from tortoise.migrations.autodetector import MigrationAutodetector

from storage.database import configuration


async def changes() -> MigrationAutodetector:
    """What would be written; a test wants nothing."""
    config = configuration("sqlite://:memory:")
    async with TortoiseContext() as context:
        await context.init(config=config, init_connections=False)
        if context.apps is None:
            raise RuntimeError("the models were not loaded")
        return MigrationAutodetector(context.apps, config.to_dict()["apps"])


async def main() -> None:
    """Write it, say where."""
    written = await (await changes()).write()
    print("\n".join(written) or "The migrations are up to date.")


if __name__ == "__main__":
    asyncio.run(main())
