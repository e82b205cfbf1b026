"""The folder that holds all that lasts on one machine, and belongs to one running product at a time."""

import fcntl
import os
from pathlib import Path
from types import TracebackType

from storage.errors import EmbeddedError


class AlreadyRunning(EmbeddedError):  # a finding, not a fault
    """Another process holds the data folder."""


def make_private(folder: Path) -> None:
    """Make a folder, where it is missing, that its owner alone can enter; raise EmbeddedError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise unusable(folder, error) from error


def unusable(folder: Path, error: OSError) -> EmbeddedError:
    """Return what to tell about a folder that cannot be used."""
    reason = "it is no folder" if isinstance(error, FileExistsError | NotADirectoryError) else error.strerror
    return EmbeddedError(
        f"The data folder {folder} cannot be used ({reason}); DATA_DIR must name one that can be written to."
    )


class DataDirLock:
    """Holds the data folder for this process, as a context manager; the system frees it when the process ends."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._file: int | None = None

    def acquire(self) -> None:
        """Make the folder where it is missing and take it; raise AlreadyRunning or EmbeddedError."""
        make_private(self._data_dir)
        file = self._open()
        try:
            self._lock(file)
            _write_pid(file)
        except OSError as error:
            os.close(file)
            raise unusable(self._data_dir, error) from error
        except AlreadyRunning:
            os.close(file)
            raise
        self._file = file

    def release(self) -> None:
        """Let others take the folder; harmless when it is not held."""
        if self._file is None:
            return
        # The file stays: another process may have it open already, and would lock one that nobody else finds.
        os.ftruncate(self._file, 0)
        os.close(self._file)
        self._file = None

    def __enter__(self) -> "DataDirLock":
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _open(self) -> int:
        try:
            return os.open(self._data_dir / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise unusable(self._data_dir, error) from error

    def _lock(self, file: int) -> None:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = os.pread(file, 20, 0).decode("ascii", "replace").strip()
            # Empty for the moment between the other's lock and its number.
            who = f" (process {pid})" if pid else ""
            raise AlreadyRunning(
                f"Screen2Deck is already running on the data folder {self._data_dir}{who}; "
                "stop it first, or set DATA_DIR to another folder."
            ) from None


def _write_pid(file: int) -> None:
    os.ftruncate(file, 0)
    os.pwrite(file, f"{os.getpid()}\n".encode("ascii"), 0)
