"""Certificates are looked at on a real TLS server and renewed by a stub of certbot, which issues real ones."""

import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.ops import parse_policy
from tests.chatops.acting import OLGA, PEOPLE, VERA, Ops
from tests.chatops.fleets import with_services
from tests.fakes.systemctl import RUNNING, Systemctl
from tests.fakes.tls_server import Authority, TlsServer, tls_server

HOST = "screen2deck.example"
NOW = datetime.now(UTC)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path, NOW)


@pytest.fixture
async def server(authority: Authority) -> AsyncIterator[TlsServer]:
    async with tls_server(authority.issue(HOST, timedelta(days=60))) as running:
        yield running


def console(ops: Ops, server: TlsServer, authority: Authority) -> Ops:
    ops.parts = replace(ops.parts, policy=parse_policy(PEOPLE + section(server, authority)))
    return Ops(ops.parts, now=NOW)


def section(server: TlsServer, authority: Authority) -> str:
    host = f"{{name: {HOST}, port: {server.port}, connect: 127.0.0.1, ca: {authority.file}}}"
    return f"certificates:\n  hosts: [{host}]\n"


async def test_a_good_certificate(ops: Ops, server: TlsServer, authority: Authority) -> None:
    answer = await console(ops, server, authority).done(VERA, "cert check")
    assert answer.text == "All 1 certificates are good."
    assert answer.table is not None
    assert answer.table.rows == ((HOST, "60", "Test Authority", "normal"),)


@pytest.mark.parametrize(("days", "state"), [(20.5, "elevated"), (6.5, "alert"), (-2.0, "expired")])
async def test_one_that_ends_soon(ops: Ops, server: TlsServer, authority: Authority, days: float, state: str) -> None:
    authority.issue(HOST, timedelta(days=days))
    answer = await console(ops, server, authority).answer(VERA, "cert check", host=HOST)
    assert not answer.ok
    assert answer.data[0]["state"] == state
    assert [one.action for one in answer.suggestions] == ["cert renew"]


async def test_one_that_nobody_trusts(ops: Ops, server: TlsServer, authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other", NOW)
    answer = await console(ops, server, other).answer(VERA, "cert check")
    assert answer.data[0]["state"] == "not trusted"
    assert "unable to get local issuer certificate" in answer.text


async def test_a_server_that_is_away(ops: Ops, authority: Authority, server: TlsServer) -> None:
    server.port = 1
    answer = await console(ops, server, authority).answer(VERA, "cert check")
    assert answer.text.startswith(f"{HOST}:1 makes no TLS connection")


async def test_without_hosts_it_says_so(ops: Ops) -> None:
    assert await ops.refused(VERA, "cert check") == "ops.yaml names no hosts under certificates."


def certbot(folder: Path, deed: str) -> Path:
    """A program of that name; ``deed`` is what it does when it is no trial."""
    folder.mkdir(exist_ok=True)
    script = folder / "certbot"
    script.write_text(
        f"#!{sys.executable}\nimport sys, pathlib, shutil\n"
        f"log = pathlib.Path({str(folder / 'log')!r}).open('a'); log.write(' '.join(sys.argv[1:]) + chr(10))\n"
        f"if '--dry-run' not in sys.argv:\n    {deed}\n"
    )
    script.chmod(0o755)
    return folder


async def test_a_renewal_is_tried_done_read_and_looked_at(
    ops: Ops, server: TlsServer, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = authority.issue(HOST, timedelta(days=90)).rename(tmp_path / "fresh.pem")
    authority.issue(HOST, timedelta(days=10))
    systemctl = Systemctl(tmp_path)
    systemctl.set("nginx.service", RUNNING)
    (systemctl.folder / "nginx").write_text("#!/bin/sh\nexit 0\n")
    (systemctl.folder / "nginx").chmod(0o755)
    certbot(systemctl.folder, f"shutil.copy({str(fresh)!r}, {str(tmp_path / f'{HOST}.pem')!r})")
    monkeypatch.setenv("PATH", systemctl.path)
    nginx = "services: [{name: nginx, back_end: systemd}]\n"
    running = with_services(ops, section(server, authority) + nginx, tmp_path / "none")
    running.now = NOW

    answer = await running.done(OLGA, "cert renew", host=HOST)
    assert answer.text == f"{HOST} presents a new certificate: 90 days left."
    trial, real = (systemctl.folder / "log").read_text().splitlines()
    assert trial == real + " --dry-run"
    assert systemctl.asked == ["systemctl --system --no-ask-password reload nginx.service"]


async def test_what_lasts_long_enough_is_left_alone(ops: Ops, server: TlsServer, authority: Authority) -> None:
    said = await console(ops, server, authority).refused(OLGA, "cert renew", host=HOST)
    assert said == f"{HOST} is good: 60 days left; it is renewed from 30 days on."


async def test_what_certbot_says_is_told(
    ops: Ops, server: TlsServer, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.issue(HOST, timedelta(days=10))
    running = console(ops, server, authority)
    monkeypatch.setenv("PATH", "/nowhere")
    assert "certbot is not installed" in await running.refused(OLGA, "cert renew", host=HOST)
    monkeypatch.setenv("PATH", str(certbot(tmp_path / "bin", "sys.exit('Too many renewals')")))
    assert await running.refused(OLGA, "cert renew", host=HOST) == "certbot says: Too many renewals"


async def test_a_server_that_goes_on_with_the_old_one_is_noticed(
    ops: Ops, server: TlsServer, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.issue(HOST, timedelta(days=10))
    monkeypatch.setenv("PATH", str(certbot(tmp_path / "bin", "pass")))
    said = await console(ops, server, authority).refused(OLGA, "cert renew", host=HOST)
    assert "still presents the old one (10 days left)" in said
