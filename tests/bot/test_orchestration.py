"""What a deployment's services are: those of ops.yaml, or the product's own."""

import builtins
from pathlib import Path
from typing import Any

import pytest

from bot.orchestration import fleet_of, own_services
from config.ops import parse_policy
from config.settings import Settings, SettingsError
from storage.embedded import EmbeddedRedis
from storage.sockets import control_socket


def settings(folder: Path, **more: Any) -> Settings:
    return Settings(_env_file=None, data_dir=folder, **more)  # type: ignore[call-arg]


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.delenv("HTTP_PORT", raising=False)


def test_the_supervisors_own_parts(tmp_path: Path) -> None:
    redis, bot, worker = own_services(settings(tmp_path))
    assert (redis.name, bot.name, worker.name) == ("redis", "bot", "worker")
    assert bot.health == "http://127.0.0.1:8484/health"
    assert worker.stop_seconds == 55


def test_parts_of_the_supervisor_know_its_redis_for_its_own(tmp_path: Path) -> None:
    own, other = EmbeddedRedis(tmp_path).url, "redis://elsewhere:6379/0"
    assert [one.name for one in own_services(settings(tmp_path, redis_url=own))] == ["redis", "bot", "worker"]
    assert [one.name for one in own_services(settings(tmp_path, redis_url=other))] == ["bot", "worker"]


def test_without_services_or_supervisor_there_is_nothing_to_steer(tmp_path: Path) -> None:
    assert fleet_of(parse_policy(""), settings(tmp_path)) is None
    control_socket(tmp_path).touch()
    fleet = fleet_of(parse_policy(""), settings(tmp_path))
    assert fleet is not None
    assert fleet.names == ["redis", "bot", "worker"]


def test_a_back_end_that_is_not_installed_is_said_at_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    importing = builtins.__import__

    def without(name: str, *more: Any) -> Any:
        if name.startswith("aiodocker"):
            raise ImportError("No module named 'aiodocker'")
        return importing(name, *more)

    monkeypatch.delitem(__import__("sys").modules, "chatops.orchestrators.docker", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    policy = parse_policy("services: [{name: bot, back_end: docker}]")
    with pytest.raises(SettingsError, match=r"needs: pip install 'screen2deck\[docker\]'"):
        fleet_of(policy, settings(tmp_path))
