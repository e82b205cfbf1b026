"""Where socket files of one machine lie: beside the data, or where their paths are short enough for every system."""

import hashlib
import os
import stat
import tempfile
from pathlib import Path
from urllib.parse import quote

from storage.data_dir import make_private
from storage.errors import EmbeddedError

#: Bytes of a path that every system takes as a socket's; Linux takes 107, macOS 103.
_LONGEST_SOCKET = 100


def socket_path(folder: Path, name: str, temporary: Path | None = None) -> Path:
    """Return where the socket ``name`` of a folder lies; ``temporary`` (the system's) where the folder does not do.

    Clients differ in how they read what an address must escape, such as a question mark or a percent sign.
    """
    path = folder.expanduser().absolute() / name
    if len(os.fsencode(path)) <= _LONGEST_SOCKET and quote(str(path)) == str(path):
        return path
    digest = hashlib.sha256(os.fsencode(path.parent)).hexdigest()[:16]
    return (temporary or Path(tempfile.gettempdir())) / f"screen2deck-{os.getuid()}-{digest}" / name


def make_socket_folder(socket: Path, folder: Path) -> None:
    """Make the folder of a socket that ``socket_path`` returned for ``folder``; raise EmbeddedError."""
    make_private(folder)
    if socket.parent != folder.expanduser().absolute():
        _make_own(socket.parent)


def _make_own(folder: Path) -> None:
    """Make a folder where everybody may write; one that is there already must be nobody else's."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        _check_own(folder)
    except OSError as error:
        raise EmbeddedError(f"The folder {folder} for sockets cannot be made ({error.strerror}).") from error


def _check_own(folder: Path) -> None:
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise EmbeddedError(
            f"{folder}, where the sockets belong, is not a folder of yours alone; "
            "remove it, or set DATA_DIR to a shorter path."
        )


def control_socket(data_dir: Path) -> Path:
    """Where the supervisor of a data folder takes orders; the file is there while one runs, and may be left behind."""
    return socket_path(data_dir, "control.sock")
