"""Every command of README and ``docs/`` works: it is typed here, or a test that is named runs it."""

import json
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.pages import Desk, desk, elsewhere, is_declined, lines
from tests.integration.test_up import PATIENCE_S, command, free_port, is_ready
from tests.processes import ENVIRONMENT, until
from tests.shared import ROOT

TYPED = sorted({line.page for line in lines() if elsewhere(line) is None})
"""Pages with commands that are typed here."""


def test_no_command_is_run_by_nobody() -> None:
    assert len(lines()) > 70
    for line in lines():
        test = elsewhere(line)
        if test is None:
            assert re.match(r"screen2deck |make |curl |python -m |echo |\. \.venv|\w+=\$\(", line.text), line
            continue
        path, _, name = test.partition("::")
        assert not name or re.search(rf"(?m)^(async )?def {name}\b", (ROOT / path).read_text(encoding="utf-8")), test
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert {"README.md", "tutorial.md", "backups.md", "maintenance.md", "operation.md", "http.md"} <= set(TYPED)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, dict[str, str]]]:
    """The whole product with its real reader: its port, and the settings that lead to it."""
    folder, port = tmp_path_factory.mktemp("product"), free_port()
    settings = {"DATA_DIR": str(folder / "data"), "HTTP_PORT": str(port), "WORKERS": "1", "OCR_ENGINE": "rapidocr"}
    with (folder / "log").open("wb") as log:
        product = subprocess.Popen(command("up"), stdout=log, stderr=log, env={**ENVIRONMENT, **settings}, cwd=folder)
    with product:
        try:
            assert until(lambda: is_ready(port) or product.poll() is not None, PATIENCE_S)
            assert product.poll() is None, (folder / "log").read_text()
            yield port, settings
        finally:
            product.terminate()


@pytest.fixture
def typing(running: tuple[int, dict[str, str]], tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path / "screen2deck", *running) as made:
        yield made


@pytest.mark.slow
@pytest.mark.parametrize("page", TYPED)
def test_what_a_page_says_is_typed(page: str, typing: Desk) -> None:
    if page == "maintenance.md":
        _signs_in(typing)
    for line in (one for one in lines() if one.page == page and elsewhere(one) is None):
        text = typing.filled(line.text)
        done = typing.type(text)
        where = f"{page}:{line.number}: {text}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        if is_declined(line.text):
            # 1: not carried out; 2 would be a wrong use.
            assert (done.returncode, done.stderr + done.stdout != "") == (1, True), where
        else:
            assert done.returncode == 0, where
            assert "problem+json" not in done.stdout, where
            assert not re.search(r'"status": ?[45]\d\d', done.stdout), where
    if page == "http.md":
        _does_what_the_python_does(typing)


def _signs_in(typing: Desk) -> None:
    """The page takes a token of an operator for granted."""
    key = typing.type("screen2deck keys add operator --role operator").stdout.strip()
    request = urllib.request.Request(
        f"http://127.0.0.1:{typing.port}/api/auth/login", headers={"X-API-Key": key}, data=b"", method="POST"
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        typing.environment["token"] = json.load(answer)["access_token"]


def _does_what_the_python_does(typing: Desk) -> None:
    [code] = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "http.md").read_text(encoding="utf-8"), re.DOTALL)
    (typing.folder / "typed.py").write_text(
        f"KEY = {typing.said[-1].strip()!r}\n{typing.filled(code)}\nprint(deck['state'])\n", encoding="utf-8"
    )
    done = typing.type("python typed.py")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() in {"accepted", "queued", "running", "done"}
