"""What can go wrong with what is stored, in words that may be shown.

StorageError                its text is one sentence for an operator
├── DatabaseUnreachable     no answer from the database, now; it is worth trying again
├── QueueUnreachable        no answer from Redis, now; it is worth trying again
├── SchemaError             the database does not fit this release
│   ├── SchemaTooNew        a newer release has changed it
│   └── SchemaOutdated      it waits for ``screen2deck db upgrade``
├── PictureStoreFull        no space for another picture
├── NotStored               what was asked for is not, or no longer, kept
├── BackupError             a backup cannot be made, read or restored
│   └── BackupDamaged       its file is not what was written
└── EmbeddedError           the embedded server or the data folder cannot be used
"""


class StorageError(Exception):
    """An expected failure of storage; ``str(error)`` is one sentence."""


class DatabaseUnreachable(StorageError):
    """The database does not answer."""


class QueueUnreachable(StorageError):
    """Redis does not answer."""


class SchemaError(StorageError):
    """The tables are not those of this release."""


class SchemaTooNew(SchemaError):
    """A newer release was here."""


class SchemaOutdated(SchemaError):
    """Migrations are missing."""


class PictureStoreFull(StorageError):
    """A picture cannot be kept."""


class NotStored(StorageError):
    """No such thing, or no longer."""


class EmbeddedError(StorageError):
    """The embedded server, or the data folder, cannot be used."""


class BackupError(StorageError):
    """A backup cannot be made, read or restored."""


class BackupDamaged(BackupError):
    """A backup's file is not what was written, or cannot be restored."""
