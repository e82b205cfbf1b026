"""Files that the server keeps for an investigation: encrypted, in the data folder, for whoever has the shell."""

import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import InvalidToken

from storage.errors import NotStored, StorageError
from storage.signing import Ring

_ENDING = ".sealed"
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,80}")


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file in the vault; ``sha256`` is that of its content."""

    name: str
    path: Path
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Vault:
    """Encrypts with the secret that also protects signing keys. Methods raise StorageError."""

    folder: Path
    ring: Ring

    def keep(self, name: str, content: bytes) -> KeptFile:
        """Keep a file, whole or not at all; what is there already is not replaced."""
        path = self._path(name)
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".new-") as file:
                file.write(self.ring.fernet.encrypt(content))
                file.flush()
                os.fsync(file.fileno())
                os.link(file.name, path)
        except FileExistsError:
            raise StorageError(f"{name} is kept already, and stays as it is.") from None
        except OSError as error:
            raise StorageError(f"The folder {self.folder} cannot be written ({error.strerror}).") from error
        return KeptFile(name, path, len(content), hashlib.sha256(content).hexdigest())

    def content(self, name: str) -> bytes:
        """A file back; raises NotStored, and StorageError where another secret closed it."""
        path = self._path(name)
        if not path.is_file():
            raise NotStored(f"{name} is not kept on this machine.")
        try:
            return self.ring.fernet.decrypt(path.read_bytes())
        except InvalidToken:
            raise StorageError(f"{name} was changed, or closed with another secret than this one.") from None

    def names(self) -> list[str]:
        """What is kept, oldest first."""
        files = sorted(self.folder.glob(f"*{_ENDING}"), key=lambda path: path.stat().st_mtime)
        return [path.name.removesuffix(_ENDING) for path in files]

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise NotStored("Such a name is not kept.")
        return self.folder / f"{name}{_ENDING}"


def vault_of(data_dir: Path, ring: Ring) -> Vault:
    """The vault of a data folder."""
    return Vault(data_dir / "evidence", ring)
