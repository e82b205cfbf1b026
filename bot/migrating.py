"""The tables are brought to this release's version when a process starts, or by an operator."""

import logging

from bot.addresses import database_url
from config.clock import Clock, utcnow
from config.settings import Settings
from storage import schema
from storage.backups.before_migration import keeping

log = logging.getLogger(__name__)


async def bring_up_to_date(settings: Settings, clock: Clock = utcnow) -> tuple[str, ...]:
    """Apply what lacks, after a backup; names of what was applied. Raises StorageError.

    With MIGRATE_AT_START=false it only looks: a database without tables is told by SchemaOutdated, one that lacks the
    newest is used as it is until db migrate.
    """
    url = database_url(settings)
    if settings.migrate_at_start:
        return await schema.upgrade(url, keep=keeping(url, settings, clock))
    found = await schema.status(url)
    if found.unknown or not found.applied:
        found.check()
    if found.missing:
        log.warning("the database lacks %s, which db migrate applies", ", ".join(found.missing))
    return ()
