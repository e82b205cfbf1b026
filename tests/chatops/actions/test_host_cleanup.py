"""Space is freed of what is ours and nobody needs; images to return to, volumes and foreign things stay."""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.chatops.acting import ALICE, OLGA, Ops
from tests.chatops.fleets import with_services
from tests.fakes.docker_engine import PROJECT, Engine, docker_engine
from tests.making import NOW

OURS = {PROJECT: "screen2deck"}
DAY = 86400


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    async with docker_engine(tmp_path / "docker.sock") as running:
        running.add("bot")
        yield running


@pytest.fixture
def docker(ops: Ops, engine: Engine, tmp_path: Path) -> Ops:
    declared = f"""
services: [{{name: bot, back_end: docker}}]
orchestrators: {{docker: {{url: "unix://{tmp_path}/docker.sock"}}}}
deploy: {{images: {{bot: screen2deck/bot}}}}
"""
    return with_services(ops, declared, tmp_path)


def ago(days: float) -> int:
    return int(NOW.timestamp() - days * DAY)


async def test_images_without_a_name_of_this_project(docker: Ops, engine: Engine) -> None:
    old = engine.add_image("", 5_000_000, OURS, ago(9))
    kept = {
        engine.add_image("", 5_000_000, OURS, ago(1)),
        engine.add_image("", 5_000_000, {PROJECT: "somebody-else"}, ago(9)),
        engine.add_image("screen2deck/bot:v0.9.0", 5_000_000, OURS, ago(9)),
    }
    plan = await docker.planned(ALICE, "host cleanup")
    assert plan.summary.startswith("Removes 1 thing of dangling-images older than 7 d: 5.0 MB. Images with a name,")
    assert "run security evidence first" in plan.summary
    answer = await docker.done(ALICE, "host cleanup")
    assert answer.text == "1 thing removed, 5.0 MB freed."
    assert set(engine.images) == kept
    assert engine.asked == [f"delete image {old}"]


async def test_containers_that_ended_long_ago_without_their_volumes(docker: Ops, engine: Engine) -> None:
    engine.add("old-job").end()
    engine.named("screen2deck-old-job-1").shown["State"]["FinishedAt"] = (NOW - timedelta(days=9)).isoformat()
    engine.add("foreign", project="somebody-else").end()
    await docker.done(ALICE, "host cleanup", what="stopped")
    assert engine.asked == ["delete screen2deck-old-job-1"]


async def test_the_last_three_releases_and_what_runs_stay(docker: Ops, engine: Engine) -> None:
    for number, days in enumerate((60, 50, 40, 30, 20)):
        engine.add_image(f"screen2deck/bot:v1.{number}.0", 1_000_000, OURS, ago(days))
    engine.named("screen2deck-bot-1").shown["Config"]["Image"] = "screen2deck/bot:v1.0.0"
    await docker.done(ALICE, "host cleanup", what="old-artifacts")
    left = sorted(tag for one in engine.images.values() for tag in one["RepoTags"])
    assert left == [f"screen2deck/bot:v1.{number}.0" for number in (0, 2, 3, 4)]


async def test_the_cache_of_builds(docker: Ops, engine: Engine) -> None:
    engine.builds = 7_000_000
    docker.now = datetime(2027, 1, 1, tzinfo=UTC)
    answer = await docker.done(ALICE, "host cleanup", what="build-cache")
    assert answer.text == "1 thing removed, 7.0 MB freed."


async def test_files_that_were_never_finished(ops: Ops, tmp_path: Path) -> None:
    folder = tmp_path / "pictures" / "ab"
    folder.mkdir(parents=True)
    for name, days in (("tmpx1y2z3", 9), ("tmpnew", 0), ("abcdef", 9)):
        (folder / name).write_bytes(b"x" * 1_000_000)
        os.utime(folder / name, (ago(days), ago(days)))
    (folder / "tmplink").symlink_to(folder / "abcdef")
    answer = await ops.done(ALICE, "host cleanup", what="tmp")
    assert answer.text == "1 thing removed, 1.0 MB freed."
    assert sorted(one.name for one in folder.iterdir()) == ["abcdef", "tmplink", "tmpnew"]
    assert await ops.refused(ALICE, "host cleanup", what="tmp") == ("There is nothing of tmp that is older than 7 d.")


async def test_without_docker_it_says_so_and_volumes_cannot_be_asked_for(ops: Ops, docker: Ops) -> None:
    assert "No service of ops.yaml runs in Docker" in await ops.refused(ALICE, "host cleanup")
    assert await docker.refused(ALICE, "host cleanup", what="volumes") == (
        "what: must be one of dangling-images, stopped, build-cache, old-artifacts, tmp."
    )
    assert "needs the role admin" in await docker.refused(OLGA, "host cleanup")
