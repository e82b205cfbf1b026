"""What the message of a picture says that is held."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.conversation.quiet import clock_time
from bot.conversation.rendering import Progress, progress_reply
from bot.conversation.texts import Language, Texts
from storage.records import ConversionRecord, State
from tests.making import NOW, accepted, somebody

ENGLISH, FRENCH = Texts(Language.ENGLISH), Texts(Language.FRENCH)


@pytest.fixture
async def held(database: object) -> ConversionRecord:
    return replace(await accepted(await somebody()), state=State.HELD)


async def test_nobody_seems_busy_with_it(held: ConversionRecord) -> None:
    assert not progress_reply([held], [Progress(until="18:00 UTC")], ENGLISH).is_working
    both = [held, replace(held, state=State.QUEUED)]
    assert progress_reply(both, [Progress(until="18:00 UTC"), Progress()], ENGLISH).is_working


@pytest.mark.parametrize(
    ("wait", "english", "french"),
    [
        (None, "read when its turn comes:", "lue quand viendra son tour :"),
        (timedelta(seconds=20), "read in a minute:", "lue dans une minute :"),
        (timedelta(minutes=12), "read in 12 minutes:", "lue dans 12 minutes :"),
        (timedelta(minutes=70), "read in about an hour:", "lue dans une heure environ :"),
        (timedelta(hours=5), "read in about 5 hours:", "lue dans 5 heures environ :"),
    ],
)
async def test_in_a_crowd_it_says_how_long_that_takes(
    held: ConversionRecord, wait: timedelta | None, english: str, french: str
) -> None:
    assert english in progress_reply([held], [Progress(wait=wait)], ENGLISH).text
    assert french in progress_reply([held], [Progress(wait=wait)], FRENCH).text


def test_the_end_has_its_date_where_it_is_another_day() -> None:
    assert clock_time(NOW + timedelta(hours=1), NOW) == "13:00 UTC"
    assert clock_time(NOW + timedelta(hours=13), NOW) == "2026-11-02 01:00 UTC"
