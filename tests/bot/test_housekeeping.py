"""What is done by the calendar."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from bot import housekeeping
from bot.services import Services
from config.settings import Settings
from ocr_worker.cards import best_catalogue
from ocr_worker.errors import CatalogueError


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
