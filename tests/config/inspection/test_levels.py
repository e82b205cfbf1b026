"""Log levels are changed while a process runs, and go back by themselves."""

import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest

from config.inspection.levels import Change, Levels, may_be_set
from tests.making import NOW, seconds


@pytest.fixture
def levels() -> Iterator[Levels]:
    found = Levels()
    yield found
    found.apply((), NOW)


def test_loggers_of_the_product_go_back_when_the_time_is_over(levels: Levels) -> None:
    before = logging.getLogger("bot").level
    levels.apply([Change("debug", NOW + timedelta(minutes=1))], NOW)
    assert logging.getLogger("bot.delivery").isEnabledFor(logging.DEBUG)
    assert "(all debug)" in levels.said()

    levels.tick(seconds(59))
    assert logging.getLogger("bot").level == logging.DEBUG
    levels.tick(seconds(60))
    assert logging.getLogger("bot").level == before


def test_one_logger_alone(levels: Levels) -> None:
    levels.apply([Change("debug", NOW + timedelta(minutes=1), "storage.queue")], NOW)
    assert logging.getLogger("storage.queue").level == logging.DEBUG
    assert logging.getLogger("storage").level != logging.DEBUG


@pytest.mark.parametrize("name", ["httpx", "telegram.ext", "httpcore", "", "asyncpg"])
def test_loggers_that_may_tell_secrets_stay_as_they_are(levels: Levels, name: str) -> None:
    before = logging.getLogger(name or None).level
    levels.apply([Change("debug", NOW + timedelta(minutes=1), name or "root")], NOW)
    assert logging.getLogger(name or None).level == before
    assert not may_be_set(name)
