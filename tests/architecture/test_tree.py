"""What every file of the project keeps to, and what its lock files promise."""

import re
import tomllib
from functools import lru_cache
from pathlib import Path

import pytest

from tests.shared import ROOT, git

MAX_LINES = 500
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))

#: Put together here, so that this file passes its own test.
FORBIDDEN = re.compile(
    "|".join(
        [
            r"(?<![\w.])/" + r"(?:work|root|opt)/\w",
            r"(?<![\w.])/" + r"(?:home|Users)/\w+/",
            "pyt" + "honhosted",
            "py" + r"pi\.(?:org|python)",
            "npm" + r"js\.(?:org|com)",
            "download" + r"\.pytorch",
        ]
    )
)


@lru_cache
def project_files() -> list[Path]:
    """Return the files that are, or would be, in the repository."""
    listed = git("ls-files", "--cached", "--others", "--exclude-standard", "-z")
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def texts() -> dict[str, str]:
    """Return the text files of the project by path."""
    found = {}
    for path in project_files():
        try:
            found[str(path.relative_to(ROOT))] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return found


def test_no_python_file_is_too_long() -> None:
    lengths = {name: text.count("\n") for name, text in texts().items() if name.endswith(".py")}
    assert lengths
    assert {name: lines for name, lines in lengths.items() if lines >= MAX_LINES} == {}


def test_no_file_names_a_machine_or_a_registry() -> None:
    found = {name: match[0] for name, text in texts().items() if (match := FORBIDDEN.search(text))}
    assert found == {}


def test_lock_files_hold_versions_and_hashes_and_no_addresses() -> None:
    assert [lock.stem for lock in LOCKS] == ["build", "dev", "easyocr", "kubernetes", "runtime", "slow"]
    for lock in LOCKS:
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text
        assert "--index" not in text
        assert "--find-links" not in text
        packages = re.split(r"\n(?=[a-z0-9])", text)[1:]
        assert packages
        for package in packages:
            assert re.match(r"[a-z0-9.-]+==[\w.+!]+( ;[^\\\n]+)? \\\n +--hash=sha256:", package), package


def test_the_locks_agree_with_each_other() -> None:
    build, dev, easyocr, kubernetes, runtime, slow = (locked(lock) for lock in LOCKS)
    assert kubernetes | build <= dev
    assert runtime < kubernetes, "an image that steers a cluster is the light one and more"
    for other in (easyocr, slow):
        assert {pin for pin in other if pin.split("==")[0] in {each.split("==")[0] for each in dev}} <= dev
    assert not [pin for pin in easyocr if pin.startswith(("torch==", "nvidia-", "triton"))]


def plain_name(requirement: str) -> str:
    """Return the name of a package as lock files write it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[<>=!~ ;\[]", requirement, maxsplit=1)[0]).lower()


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needed = project["project"]["dependencies"]
    names = {plain_name(each) for each in needed}
    groups = project["dependency-groups"]
    development, slowly = ({plain_name(each) for each in groups[name]} for name in ("dev", "slow"))
    _, dev, _, _, runtime, slow = ({pin.split("==")[0] for pin in locked(lock)} for lock in LOCKS)
    assert names <= runtime
    assert names | development <= dev
    assert slowly <= slow


def locked(lock: Path) -> set[str]:
    """Return ``name==version`` of all packages of a lock file."""
    return set(re.findall(r"^([a-z0-9.-]+==[^ ]+)", lock.read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("target", ["setup", "run", "demo", "test", "test-all", "eval", "bench"])
def test_every_promised_make_target_exists(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:.*## ", makefile, re.MULTILINE)


def test_the_easyocr_extra_and_its_installation_agree_on_versions() -> None:
    extra = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    tool = (ROOT / "tools" / "environment.py").read_text(encoding="utf-8")
    torch = re.search(r'"torch==([\d.]+)\.\*"', extra)
    pinned = re.search(r'"torch==([\d.]+)"', tool)
    assert torch
    assert pinned
    assert pinned[1].startswith(torch[1] + ".")
