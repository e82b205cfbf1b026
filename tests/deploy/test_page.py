"""``docs/deploy.md``: every command on it is one, with files, services, units and objects that exist."""

import re
import shlex
from pathlib import Path

import pytest

from bot.cli import COMMANDS
from chatops.actions import registry
from tests.deploy.files import DEPLOY, services, stages
from tests.deploy.kubernetes import EXAMPLE, objects
from tests.shared import ROOT
from tools import image_size

PAGE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
PROGRAMS = set(
    "apt-get cd cp curl docker echo git install kubectl printf python3 runuser screen2deck sed systemctl".split(),
)
"""Programs of others that the page uses."""
PACKAGED = {"redis-server", "prometheus", "prometheus-alertmanager"}
"""Units of Debian's packages."""
ACTIONS = {
    "docker": {"compose", "build", "push"},
    "compose": {"up", "ps", "restart", "exec", "run", "build"},
    "kubectl": {"apply", "rollout", "exec", "delete"},
    "systemctl": {"enable", "disable", "restart", "status", "start", "stop", "reset-failed"},
    "git": {"pull", "checkout"},
}


def blocks() -> list[str]:
    """Lines of the page's shell blocks, without remarks."""
    text = "\n".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL))
    return [line for line in (re.sub(r"\s+#.*", "", line) for line in text.splitlines()) if line.strip()]


def spans() -> list[str]:
    """What stands in the text as code and begins with a known program."""
    found = [" ".join(one.split()) for one in re.findall(r"`([^`]+)`", re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL))]
    return [one for one in found if one.split()[0] in PROGRAMS and " " in one]


def commands() -> list[list[str]]:
    """All of them as words."""
    return [shlex.split(line) for line in (*blocks(), *spans())]


def beginning_with(*words: str) -> list[list[str]]:
    """The rest of those that begin so."""
    return [each[len(words) :] for each in commands() if tuple(each[: len(words)]) == words]


def test_every_program_is_known_or_of_this_project() -> None:
    assert len(commands()) > 35
    for words in commands():
        name = words[0]
        assert name in PROGRAMS or (ROOT / name).is_file() or (EXAMPLE / name).is_file(), name


@pytest.mark.parametrize("program", ["docker", "kubectl", "systemctl", "git"])
def test_what_they_are_told_to_do_is_known(program: str) -> None:
    for words in beginning_with(program):
        verbs = [word for word in words if not word.startswith("-") and word != "screen2deck"]
        assert verbs[0] in ACTIONS[program], words


def test_files_exist_from_where_they_are_named() -> None:
    for words in beginning_with("cp"):
        *sources, target = [word for word in words if not word.startswith("-")]
        for source in sources:
            at = EXAMPLE if source.startswith("..") else ROOT
            assert (at / source).exists(), source
            assert target.startswith("/etc/") or (at / target).parent.is_dir()
    for words in beginning_with("cd"):
        assert (ROOT / words[0]).is_dir()
    for path in re.findall(r"`((?:config|tests|requirements|tools)/[\w./-]+)`", PAGE):
        assert (ROOT / path).exists(), path
    assert [words[0] for words in beginning_with("python3")] == ["tools/environment.py"]


def test_services_stages_units_and_objects_exist() -> None:
    for words in beginning_with("docker", "compose"):
        assert words[0] in ACTIONS["compose"]
        named = [word for word in words[1:] if not word.startswith("-")]
        if words[0] in ("exec", "restart", "run") or "--no-deps" in words:
            assert named[0] in services()
    for words in beginning_with("docker", "build"):
        assert words[words.index("--target") + 1] in stages()
    units = {path.name for path in (DEPLOY / "systemd").iterdir()}
    for words in beginning_with("systemctl"):
        for unit in (word for word in words[1:] if not word.startswith("-")):
            name = re.sub(r"@\d+$", "@", unit)
            assert {name, f"{name}.service"} & {*units, *PACKAGED}, unit
    deployments = {each["metadata"]["name"] for each in objects() if each["kind"] == "Deployment"}
    assert set(re.findall(r"deployment/(\w+)", PAGE)) == deployments == {"bot", "worker"}


def test_own_commands_are_commands() -> None:
    inside = beginning_with("docker", "compose", "exec", "bot")
    assert len(inside) == 4
    for words in inside:
        assert words[:2] == ["screen2deck", "ops"]
        assert f"{words[2]} {words[3]}" in registry().actions
    for words in beginning_with("docker", "compose", "run", "--rm", "migrations"):
        assert not words or words[0] in COMMANDS
    last = re.search(r"db downgrade (\d{4})", PAGE)
    assert last is not None
    assert list((ROOT / "storage" / "migrations").glob(f"{last[1]}_*.py"))


@pytest.mark.slow
def test_the_size_of_the_image_is_what_is_counted() -> None:
    told = re.search(r"light one is (\d+) MB", PAGE)
    assert told is not None
    counted = sum(image_size.parts().values()) / image_size.MB
    assert int(told[1]) == pytest.approx(counted, abs=15)


def test_ports_and_addresses_are_those_of_compose() -> None:
    published = {port for service in services().values() for port in service.get("ports", ())}
    for address in set(re.findall(r"127\.0\.0\.1:\d+", PAGE)):
        assert any(port.startswith(address) for port in published), address


def test_paths_of_the_server_are_those_of_the_installation() -> None:
    files = [
        *(DEPLOY / "systemd").iterdir(),
        *(DEPLOY / "prometheus").glob("*.yml"),
        *(DEPLOY / "alertmanager").iterdir(),
    ]
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    for path in set(re.findall(r"/etc/screen2deck/[\w./-]+\w|/usr/local/screen2deck", PAGE)):
        assert path in text or Path(path).name in (DEPLOY / "new-secrets").read_text(encoding="utf-8"), path
