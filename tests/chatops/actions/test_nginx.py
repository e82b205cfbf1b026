"""nginx reads its files again only when they are right."""

from pathlib import Path

import pytest

from tests.chatops.acting import OLGA, Ops
from tests.chatops.fleets import with_services
from tests.fakes.systemctl import RUNNING, Systemctl

NGINX = "services: [{name: nginx, back_end: systemd}]\n"


@pytest.fixture
def systemctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Systemctl:
    stub = Systemctl(tmp_path)
    stub.set("nginx.service", RUNNING)
    monkeypatch.setenv("PATH", stub.path)
    return stub


def nginx(systemctl: Systemctl, code: int, words: str) -> None:
    """A stub of nginx that finds its files right or wrong."""
    program = systemctl.folder / "nginx"
    program.write_text(f'#!/bin/sh\n[ "$*" = -t ] || exit 9\necho "{words}" >&2\nexit {code}\n')
    program.chmod(0o755)


async def test_right_files_are_read(ops: Ops, systemctl: Systemctl, tmp_path: Path) -> None:
    nginx(systemctl, 0, "syntax is ok")
    answer = await with_services(ops, NGINX, tmp_path).done(OLGA, "nginx reload")
    assert answer.text == "nginx has read its configuration again."
    assert systemctl.asked == ["systemctl --system --no-ask-password reload nginx.service"]


async def test_wrong_files_are_not(ops: Ops, systemctl: Systemctl, tmp_path: Path) -> None:
    nginx(systemctl, 1, "unknown directive in nginx.conf:7")
    said = await with_services(ops, NGINX, tmp_path).refused(OLGA, "nginx reload")
    assert said == "nginx says: unknown directive in nginx.conf:7"
    assert systemctl.asked == []


async def test_a_deployment_without_nginx_says_so(ops: Ops, tmp_path: Path) -> None:
    running = with_services(ops, "services: [{name: bot, back_end: systemd}]\n", tmp_path)
    said = await running.refused(OLGA, "nginx reload")
    assert said == "No service of this deployment is a nginx; ops.yaml declares bot."
