"""The real child with the real engine: the sample, and pictures of people who mean harm."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from ocr_worker.cards import CardIndex
from ocr_worker.child import PictureRefused, ReaderProcess, ReaderUnavailable, RefusalCode, reader_command
from ocr_worker.decks import deck_from_json
from ocr_worker.pipeline import Reader
from ocr_worker.version import pipeline_version
from tests.ocr_worker.child.driving import ENVIRONMENT, nobody, running_pid
from tests.shared import ROOT

pytestmark = pytest.mark.slow

SAMPLE = ROOT / "bot" / "data" / "sample.jpg"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def child() -> AsyncIterator[ReaderProcess]:
    """The real child, on one thread, since other tests run beside it."""
    reader = ReaderProcess(reader_command("rapidocr", threads=1), environment=ENVIRONMENT)
    await reader.start()
    yield reader
    await reader.stop()


@pytest.mark.asyncio(loop_scope="module")
class TestTheRealChild:
    async def test_reads_as_the_reader_itself_does(
        self, child: ReaderProcess, reader: Reader, index: CardIndex
    ) -> None:
        stages: list[str] = []

        async def listen(stage: str) -> None:
            stages.append(stage)

        reading = await child.read(SAMPLE.read_bytes(), listen)

        assert deck_from_json(reading.deck, index).deck == reader.read(SAMPLE.read_bytes())
        assert reading.deck["engine"] == "rapidocr"
        assert stages == list(reading.timings) == ["decoding", "reading", "matching"]
        assert reading.deck["seconds"] == pytest.approx(sum(reading.timings.values()), abs=0.01)
        assert reading.timings["reading"] > 0

    async def test_refuses_hostile_files_and_lives_on(self, child: ReaderProcess) -> None:
        first, sample = running_pid(child), SAMPLE.read_bytes()
        for picture in (
            b"",
            b"4 Lightning Bolt\n",
            b"\x89PNG\r\n\x1a\n" + b"\xff" * 500,
            sample[:20_000],
            bytes(40_000_000),
        ):
            with pytest.raises(PictureRefused) as refused:
                await child.read(picture, nobody)
            assert refused.value.code is RefusalCode.BAD_PICTURE
            assert str(refused.value).endswith(".")

        assert running_pid(child) == first

    async def test_says_which_pipeline_it_is(self, child: ReaderProcess, index: CardIndex) -> None:
        assert child.facts is not None
        assert child.facts.engine == "rapidocr"
        assert child.facts.catalogue_date == index.catalogue.date
        assert child.facts.pipeline_version == pipeline_version("rapidocr", index.catalogue.date)


async def test_an_engine_that_is_missing_is_said() -> None:
    reader = ReaderProcess(reader_command("tesseract"), environment=ENVIRONMENT)
    with pytest.raises(ReaderUnavailable, match="There is no OCR engine called 'tesseract'"):
        await reader.start()
