"""Where backups are kept: a folder with a file of data and a manifest for each.

A file of data without a manifest is no backup: both are written under another name, synced and then renamed, the
manifest last.
"""

import asyncio
import hashlib
import json
import logging
import os
import re
import shutil
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from storage.data_dir import make_private
from storage.errors import BackupDamaged, BackupError, EmbeddedError

log = logging.getLogger(__name__)

FORMAT = 1
"""Version of the manifest."""
_PARTIAL = ".partial"
_PARTIALS_KEPT = timedelta(days=1)
_LEAST_FREE = 50_000_000
_CHUNK = 1 << 20


class Kind(StrEnum):
    """What a backup is of."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"
    REDIS = "redis"

    @property
    def is_database(self) -> bool:
        """Rather than Redis."""
        return self is not Kind.REDIS


DATABASES = (Kind.SQLITE, Kind.POSTGRES)


@dataclass(frozen=True, slots=True)
class Backup:
    """A manifest. ``rows`` are those of each table (keys of each family for Redis) at the moment of the backup.

    ``schema`` is the last migration; ``problem`` is what the last verification found, empty where it was good.
    """

    id: str
    kind: Kind
    at: datetime
    file: str
    size: int
    sha256: str
    rows: Mapping[str, int]
    schema: str = ""
    label: str = ""
    seconds: float = 0.0
    verified_at: datetime | None = None
    problem: str = ""
    keep_until: datetime | None = None

    @property
    def is_verified(self) -> bool:
        """It was restored once, and was whole."""
        return self.verified_at is not None and not self.problem


@dataclass(frozen=True, slots=True)
class Dumped:
    """What a dump holds."""

    rows: Mapping[str, int]
    schema: str = ""


@dataclass(frozen=True, slots=True)
class Scratch:
    """A backup that was restored beside the database: its address, and the rows of its tables."""

    url: str = field(repr=False)
    rows: Mapping[str, int]


class Catalogue:
    """The backups of a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self, kinds: Collection[Kind] = tuple(Kind)) -> list[Backup]:
        """Those of some kinds, newest first."""
        found = [one for path in self.folder.glob("*.json") if (one := _read(path)) and one.kind in kinds]
        return sorted(found, key=lambda one: (one.at, one.id), reverse=True)

    def find(self, identity: str, kinds: Collection[Kind] = tuple(Kind)) -> Backup:
        """One by its id, the newest for ``latest``; raises BackupError."""
        found = self.all(kinds)
        if not found:
            raise BackupError("There is no backup yet; make one with backup db or backup redis.")
        if identity == "latest":
            return found[0]
        for one in found:
            if one.id == identity:
                return one
        raise BackupError(f"There is no backup {identity[:80]}; the newest is {found[0].id}.")

    def path(self, backup: Backup) -> Path:
        """Its file of data; raises BackupError where that is gone."""
        path = self.folder / backup.file
        if not path.is_file():
            raise BackupDamaged(f"The file of the backup {backup.id} is gone.")
        return path

    async def make(
        self,
        kind: Kind,
        suffix: str,
        write: Callable[[Path], Awaitable[Dumped]],
        *,
        at: datetime,
        label: str = "",
        keep_until: datetime | None = None,
    ) -> Backup:
        """Have ``write`` fill a file, and keep that; raises BackupError, also where there is too little space."""
        self._check_space(kind)
        identity, began = self._free_id(kind, at, label), time.monotonic()
        partial, path = self.folder / f"{identity}{suffix}{_PARTIAL}", self.folder / f"{identity}{suffix}"
        try:
            os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            dumped = await write(partial)
            size, digest = await asyncio.to_thread(_settle, partial, path)
        except OSError as error:
            raise BackupError(f"The backup cannot be written to {self.folder} ({error.strerror}).") from error
        finally:
            partial.unlink(missing_ok=True)
        made = Backup(
            id=identity,
            kind=kind,
            at=at,
            file=path.name,
            size=size,
            sha256=digest,
            rows=dict(dumped.rows),
            schema=dumped.schema,
            label=label,
            seconds=round(time.monotonic() - began, 3),
            keep_until=keep_until,
        )
        self._write(made)
        return made

    def note(self, backup: Backup, **changes: Any) -> Backup:
        """Keep what was found out about it: ``verified_at``, ``problem``, ``keep_until``."""
        changed = replace(backup, **changes)
        self._write(changed)
        return changed

    async def check_sum(self, backup: Backup) -> None:
        """Raise BackupError where its file is not what was written."""
        found = await asyncio.to_thread(_digest, self.path(backup))
        if found != backup.sha256:
            raise BackupDamaged(f"The file of the backup {backup.id} has changed since it was written (sha256).")

    def prune(self, keep: int, kinds: Collection[Kind], *, now: datetime) -> list[Backup]:
        """Remove what is beyond the newest ``keep``; return what went.

        Stays whatever has its ``keep_until``, the newest that was restored once, and, while there is no such, the
        newest that nothing is known against.
        """
        self._drop_partials(now)
        found = self.all(kinds)
        good = [one for one in found if not one.problem and (self.folder / one.file).is_file()]
        kept = {one.id for one in good[:keep]}
        kept |= {one.id for one in found if one.keep_until is not None and one.keep_until > now}
        kept |= {one.id for one in [one for one in good if one.is_verified][:1]}
        gone = [one for one in found if one.id not in kept and (one.at < now - _PARTIALS_KEPT or not one.problem)]
        for one in gone:
            self.remove(one)
        return gone

    def remove(self, backup: Backup) -> None:
        """The manifest first: what is left without one is no backup."""
        self._manifest(backup.id).unlink(missing_ok=True)
        (self.folder / backup.file).unlink(missing_ok=True)

    def free(self) -> int:
        """Bytes that are free where backups are kept."""
        self._make_folder()
        return shutil.disk_usage(self.folder).free

    def needed(self, kind: Kind) -> int:
        """Bytes that must be free before another is made: twice the newest of its kind."""
        sizes = [one.size for one in self.all([kind])]
        return max(_LEAST_FREE, 2 * sizes[0]) if sizes else _LEAST_FREE

    def _check_space(self, kind: Kind) -> None:
        free, needed = self.free(), self.needed(kind)
        if free < needed:
            raise BackupError(
                f"A backup needs {_mega(needed)} MB free in {self.folder}, and there are {_mega(free)} MB; "
                "make space, or set BACKUP_DIR to another disk."
            )

    def _make_folder(self) -> None:
        try:
            make_private(self.folder)
        except EmbeddedError as error:
            raise BackupError(f"The folder {self.folder} for backups cannot be used; set BACKUP_DIR.") from error

    def _free_id(self, kind: Kind, at: datetime, label: str) -> str:
        """With the time to the second, so that none replaces another."""
        words = re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")[:32]
        base = "-".join(filter(None, (kind.value, f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}", words)))
        tries = [base, *(f"{base}-{number}" for number in range(2, 100))]
        return next(one for one in tries if not list(self.folder.glob(f"{one}.*")))

    def _manifest(self, identity: str) -> Path:
        return self.folder / f"{identity}.json"

    def _write(self, backup: Backup) -> None:
        path = self._manifest(backup.id)
        partial = path.with_suffix(f".json{_PARTIAL}")
        try:
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump({"format": FORMAT, **asdict(backup)}, file, default=_plain, indent=1, sort_keys=True)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
            _sync_folder(self.folder)
        except OSError as error:
            raise BackupError(f"The manifest {path} cannot be written ({error.strerror}).") from error

    def _drop_partials(self, now: datetime) -> None:
        """What dumps left that were killed."""
        for path in self.folder.glob(f"*{_PARTIAL}"):
            if datetime.fromtimestamp(path.stat().st_mtime, UTC) < now - _PARTIALS_KEPT:
                path.unlink(missing_ok=True)


def _read(path: Path) -> Backup | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found.pop("format") != FORMAT:
            raise ValueError("another format")
        times = {name: found[name] and datetime.fromisoformat(found[name]) for name in ("verified_at", "keep_until")}
        at = datetime.fromisoformat(found["at"])
        return Backup(**{**found, **times, "kind": Kind(found["kind"]), "at": at})
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("%s is no manifest of a backup (%s)", path, error)
        return None


def _settle(partial: Path, path: Path) -> tuple[int, str]:
    """Sync and rename; its size and digest."""
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    digest, size = _digest(partial), partial.stat().st_size
    partial.replace(path)
    return size, digest


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _mega(count: int) -> str:
    return f"{count / 1e6:.0f}"
