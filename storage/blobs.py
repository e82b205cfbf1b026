"""Bytes of pictures by the hash of their content, until they are read or expire."""

import asyncio
import contextlib
import errno
import hashlib
import os
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from config.settings import PictureStore
from storage.database import column, patient
from storage.errors import PictureStoreFull, StorageError
from storage.models import PictureContent

_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def content_hash(data: bytes) -> str:
    """SHA-256 in hexadecimal: the name of a content."""
    return hashlib.sha256(data).hexdigest()


class Blobs(Protocol):
    """Keeps contents; keeping the same one twice is keeping it once."""

    async def put(self, data: bytes) -> str:
        """Keep a content, return its hash; raises PictureStoreFull."""
        ...

    async def get(self, key: str) -> bytes | None:
        """The content of a hash, None if it is not, or no longer, kept."""
        ...

    async def remove(self, key: str) -> None:
        """Drop a content; dropping what is not there is fine."""
        ...

    async def keys(self, *, before: datetime) -> list[str]:
        """Hashes of what was put before a time."""
        ...


def open_blobs(store: PictureStore, data_dir: Path) -> Blobs:
    """The store that the settings ask for."""
    return DatabaseBlobs() if store is PictureStore.DATABASE else FileBlobs(data_dir / "pictures")


class FileBlobs:
    """A file for each content, in folders by the first two letters of the hash."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, data: bytes) -> str:
        """As the port says; the file appears whole or not at all, and replaces a damaged one."""
        return await asyncio.to_thread(self._write, data)

    async def get(self, key: str) -> bytes | None:
        """As the port says."""
        return await asyncio.to_thread(self._read, key)

    async def remove(self, key: str) -> None:
        """As the port says."""
        await asyncio.to_thread(self._path(key).unlink, missing_ok=True)

    async def keys(self, *, before: datetime) -> list[str]:
        """As the port says."""
        return await asyncio.to_thread(lambda: list(self._older(before)))

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key

    def _write(self, data: bytes) -> str:
        key = content_hash(data)
        path = self._path(key)
        try:
            if path.exists() and path.read_bytes() == data:
                os.utime(path)
            else:
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                _write_whole(path, data)
        except OSError as error:
            if error.errno in _NO_SPACE:
                raise PictureStoreFull("The disk for pictures is full.") from error
            raise StorageError(f"Pictures cannot be kept in {self._folder} ({error.strerror}).") from error
        return key

    def _read(self, key: str) -> bytes | None:
        try:
            data = self._path(key).read_bytes()
        except FileNotFoundError:
            return None
        return data if content_hash(data) == key else None

    def _older(self, before: datetime) -> Iterable[str]:
        for path in self._folder.glob("??/*"):
            with contextlib.suppress(FileNotFoundError):
                if datetime.fromtimestamp(path.stat().st_mtime, UTC) < before:
                    yield path.name


def _write_whole(path: Path, data: bytes) -> None:
    """On the disk before it has its name: a promise is made on it."""
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


class DatabaseBlobs:
    """A row for each content, for machines that share a database and no folder."""

    async def put(self, data: bytes) -> str:
        """As the port says."""
        key = content_hash(data)
        await _put_row(key, data)
        return key

    @patient
    async def get(self, key: str) -> bytes | None:
        """As the port says."""
        row = await PictureContent.get_or_none(content_hash=key)
        return None if row is None else bytes(row.data)

    @patient
    async def remove(self, key: str) -> None:
        """As the port says."""
        await PictureContent.filter(content_hash=key).delete()

    @patient
    async def keys(self, *, before: datetime) -> list[str]:
        """As the port says."""
        return await column(PictureContent.filter(created_at__lt=before), "content_hash")


@patient
async def _put_row(key: str, data: bytes) -> None:
    now = datetime.now(UTC)
    _, is_new = await PictureContent.get_or_create(content_hash=key, defaults={"data": data, "created_at": now})
    if not is_new:
        await PictureContent.filter(content_hash=key).update(created_at=now)
