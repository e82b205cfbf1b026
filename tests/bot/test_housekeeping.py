"""What is done by the calendar."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from bot import housekeeping
from bot.services import Services
from chatops.jobs import Job, jobs
from chatops.parts import Parts
from config.settings import Settings
from ocr_worker.cards import best_catalogue
from ocr_worker.errors import CatalogueError
from storage.database import Database
from storage.queue import Queue
from tests.chatops.acting import parts_of


@dataclass
class Calendar:
    """As much of the services as looking at the catalogue needs."""

    settings: Settings
    now: datetime

    def clock(self) -> datetime:
        return self.now


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Where catalogues were fetched to."""
    found: list[Path] = []

    async def update(data_dir: Path, **_: Any) -> None:
        found.append(data_dir)

    monkeypatch.setattr(housekeeping, "update_catalogue", update)
    return found


def services(tmp_path: Path, days: int) -> Services:
    as_of = best_catalogue(tmp_path).catalogue.date
    now = datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC) + timedelta(days=days)
    return cast(Services, Calendar(Settings(_env_file=None, data_dir=tmp_path), now))  # type: ignore[call-arg]


async def test_a_catalogue_of_yesterday_stays(tmp_path: Path, fetched: list[Path]) -> None:
    await housekeeping.refresh_catalogue(services(tmp_path, days=1))
    assert fetched == []


async def test_a_catalogue_of_last_week_is_replaced(tmp_path: Path, fetched: list[Path]) -> None:
    await housekeeping.refresh_catalogue(services(tmp_path, days=8))
    assert fetched == [tmp_path]


async def test_a_download_that_fails_is_told_and_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def update(data_dir: Path, **_: Any) -> None:
        raise CatalogueError("Scryfall does not answer.")

    monkeypatch.setattr(housekeeping, "update_catalogue", update)
    with caplog.at_level(logging.WARNING):
        await housekeeping._forgiving(housekeeping.refresh_catalogue, services(tmp_path, days=8))()

    assert "Scryfall does not answer." in caplog.text


@pytest.fixture
def parts(settings: Settings, database: Database, queue: Queue) -> Parts:
    return parts_of(settings, database, queue)


async def test_a_job_runs_in_one_process_at_a_time(parts: Parts) -> None:
    gate, begun = asyncio.Event(), []

    async def work(_: Parts) -> None:
        begun.append(1)
        await gate.wait()

    job = Job("count", work, timedelta(seconds=5))
    first = asyncio.create_task(housekeeping.run_job(job, parts))
    while not begun:
        await asyncio.sleep(0.001)
    await housekeeping.run_job(job, parts)
    gate.set()
    await first
    await housekeeping.run_job(job, parts)
    assert len(begun) == 2


async def test_a_job_that_fails_is_told_and_runs_again(parts: Parts, caplog: pytest.LogCaptureFixture) -> None:
    async def work(_: Parts) -> None:
        raise RuntimeError("no")

    job = Job("fail", work, "0 2 * * *")
    await housekeeping.run_job(job, parts)
    await housekeeping.run_job(job, parts)
    assert caplog.text.count("fault in the job fail") == 2


def test_all_jobs_have_a_time() -> None:
    assert {job.name for job in jobs()} >= {"drop old requests"}
    assert all(housekeeping.trigger_of(job) for job in jobs())
