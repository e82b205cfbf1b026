"""The database is backed up before a new release changes its tables."""

import logging
from datetime import timedelta

from config.clock import Clock
from config.settings import Settings
from storage.backups.kinds import backups_of, catalogue_of
from storage.backups.verifying import verify
from storage.errors import BackupDamaged, BackupError
from storage.schema import Keep, SchemaStatus

log = logging.getLogger(__name__)

LABEL = "before-migration"
KEPT = timedelta(days=30)


def keeping(url: str, settings: Settings, clock: Clock) -> Keep | None:
    """What backs up and verifies; None where BACKUP_BEFORE_MIGRATION is off."""
    if not settings.backup_before_migration:
        return None

    async def keep(status: SchemaStatus) -> None:
        """Raises BackupError: then nothing is changed."""
        backups, catalogue, now = backups_of(url, settings), catalogue_of(settings), clock()
        try:
            made = await catalogue.make(
                backups.kind, backups.suffix, backups.dump, at=now, label=LABEL, keep_until=now + KEPT
            )
            checked = await verify(catalogue, backups, made, now=clock())
        except BackupError as error:
            raise BackupError(
                f"The database is not changed, since it cannot be backed up before: {error} "
                "BACKUP_BEFORE_MIGRATION=false does without."
            ) from error
        if checked.problem:
            raise BackupDamaged(f"The database is not changed, since its backup is not good: {checked.problem}")
        log.info("the database of %s is kept as %s", status.applied[-1], made.id)

    return keep
