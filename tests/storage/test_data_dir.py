"""The data folder belongs to one process at a time, and says in a sentence why it cannot be used."""

import os
from pathlib import Path

import pytest

from storage.data_dir import AlreadyRunning, DataDirLock
from storage.errors import EmbeddedError
from tests.processes import python, running

HOLDER = """
import sys, time
from pathlib import Path
from storage.data_dir import DataDirLock
with DataDirLock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_second_process_is_told_who_holds_the_folder(tmp_path: Path) -> None:
    with running([*python(HOLDER), str(tmp_path)]) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(AlreadyRunning) as refusal:
            DataDirLock(tmp_path).acquire()

    told = f"Screen2Deck is already running on the data folder {tmp_path} (process {holder.pid});"
    assert str(refusal.value).startswith(told)


def test_the_folder_of_a_killed_process_is_free(tmp_path: Path) -> None:
    with running([*python(HOLDER), str(tmp_path)]) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        holder.kill()
        holder.wait()

    with DataDirLock(tmp_path):
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"


def test_a_folder_that_was_released_can_be_taken_again(tmp_path: Path) -> None:
    with DataDirLock(tmp_path), pytest.raises(AlreadyRunning):
        DataDirLock(tmp_path).acquire()
    with DataDirLock(tmp_path):
        pass


def test_a_missing_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    with DataDirLock(folder):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_file_is_no_data_folder(tmp_path: Path) -> None:
    file = tmp_path / "data"
    file.touch()
    for path in (file, file / "below"):
        with pytest.raises(EmbeddedError) as refusal:
            DataDirLock(path).acquire()
        assert str(refusal.value) == (
            f"The data folder {path} cannot be used (it is no folder); DATA_DIR must name one that can be written to."
        )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to a read-only folder")
def test_a_read_only_folder_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    for path in (tmp_path, tmp_path / "below"):
        with pytest.raises(EmbeddedError, match=r"cannot be used \(Permission denied\); DATA_DIR must name"):
            DataDirLock(path).acquire()
