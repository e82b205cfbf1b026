"""Only declared services can be touched; each has its back end, which is loaded only then."""

import subprocess
import sys
from pathlib import Path

import pytest

from chatops.actions import registry
from chatops.model import BadArgument, NotConfigured
from chatops.orchestrators.fleet import open_fleet
from config.ops import parse_policy
from config.ops_services import Kind
from config.settings import SettingsError
from tests.shared import ROOT

SERVICES = """
services:
  - {name: worker, back_end: local, unit: ocr-worker, depends_on: [redis, db]}
  - {name: bot, back_end: local, also: [backend, web], depends_on: [redis]}
  - {name: redis, back_end: local}
  - {name: db, back_end: local, kind: postgres}
"""


def fleet(text: str = SERVICES):  # noqa: ANN201
    policy = parse_policy(text)
    return open_fleet(policy.services, policy.orchestrators, Path("control.sock"))


def test_services_stand_in_the_order_in_which_they_start() -> None:
    names = fleet().names
    assert names.index("redis") < names.index("bot")
    assert max(names.index("redis"), names.index("db")) < names.index("worker")


def test_services_are_found_by_what_they_are() -> None:
    assert [one.name for one in fleet().of_kind(Kind.POSTGRES)] == ["db"]
    assert [one.name for one in fleet().of_kind(Kind.WEB)] == ["bot"]
    with pytest.raises(NotConfigured, match="No service of this deployment is a nginx"):
        fleet().of_kind(Kind.NGINX)


def test_what_is_not_declared_cannot_be_touched() -> None:
    with pytest.raises(BadArgument, match="did you mean worker"):
        fleet().service("workr")
    with pytest.raises(BadArgument, match="must be one of"):
        fleet().service("cron-daemon")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{name: a, back_end: upstart}", "'local', 'docker', 'kubernetes' or 'systemd'"),
        ("{name: worker, back_end: docker, depends_on: [redis]}", "no service is called redis"),
        ("{name: bot, back_end: docker, depends_on: [bot]}", "bot depends on itself"),
        ("{name: bot, back_end: systemd, unit: --force}", "should match pattern"),
        ("{name: bot, back_end: docker, health: file:///etc/passwd}", "should match pattern"),
    ],
)
def test_a_wrong_declaration_is_told_with_its_line(line: str, message: str) -> None:
    with pytest.raises(SettingsError, match=r"ops\.yaml, line [12]: ") as found:
        parse_policy(f"services:\n  - {line}\n")
    assert message in str(found.value)


def test_a_back_end_is_loaded_only_where_a_service_names_it() -> None:
    code = (
        "import sys; from pathlib import Path; from config.ops import parse_policy;"
        "from chatops.orchestrators.fleet import open_fleet;"
        "policy = parse_policy('services: [{name: bot, back_end: local}]');"
        "open_fleet(policy.services, policy.orchestrators, Path('c')); print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert not {"aiodocker", "kubernetes_asyncio", "chatops.orchestrators.docker"} & set(loaded.stdout.split())


def test_no_message_can_say_where_or_what_is_run() -> None:
    """Namespaces, units and programs come from ``ops.yaml`` alone; nothing is found by a pattern."""
    names = {parameter.option for action in registry() for parameter in action.parameters}
    assert not names & {"namespace", "unit", "container", "command", "pattern", "signal", "volumes"}
