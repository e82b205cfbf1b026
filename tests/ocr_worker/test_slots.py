"""Names of workers: one each, and a successor has that of the one that died."""

import platform
from pathlib import Path

from ocr_worker.slots import worker_name
from tests.processes import python, running

HOST = platform.node() or "localhost"
HOLDER = """
import sys, time
from pathlib import Path
from ocr_worker.slots import worker_name
with worker_name(None, Path(sys.argv[1])) as name:
    print(name, flush=True)
    time.sleep(600)
"""


def test_a_given_name_is_taken_as_it_is(tmp_path: Path) -> None:
    with worker_name("gpu/7", tmp_path) as name:
        assert name == "gpu/7"
    assert list(tmp_path.iterdir()) == []


def test_each_worker_of_a_machine_has_its_own_name(tmp_path: Path) -> None:
    with worker_name(None, tmp_path) as first, worker_name(None, tmp_path) as second:
        assert [first, second] == [f"{HOST}/1", f"{HOST}/2"]
    with worker_name(None, tmp_path) as again:
        assert again == first


def test_the_name_of_a_killed_worker_is_free_for_its_successor(tmp_path: Path) -> None:
    with running([*python(HOLDER), str(tmp_path)]) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == f"{HOST}/1\n"
        with worker_name(None, tmp_path) as other:
            assert other == f"{HOST}/2"
        holder.kill()
        holder.wait()

    with worker_name(None, tmp_path) as successor:
        assert successor == f"{HOST}/1"
