"""Reading tried and judged: with a reader that stands in, and (slow) with real workers and the real sample."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from bot.sampling import OwnReader, shipped_sample
from chatops import figures
from chatops.model import NotPossible
from chatops.parts import Parts
from chatops.queueing.selftesting import DIRECT_READER, SAMPLE, DirectReading, Sample, compare
from config.clock import utcnow
from config.settings import Settings
from ocr_worker.cards import CardIndex
from ocr_worker.jobs import JobLimits, PictureJobs
from storage import conversions, decks, maintenance
from storage.blobs import open_blobs
from storage.database import Database
from storage.maintenance import MaintenanceRecord, Mode
from storage.queue import Queue
from storage.records import ReadingRecord, State
from tests.chatops.acting import OLGA, RITA, Ops, parts_of
from tests.chatops.working import ready, worker_process
from tests.fakes.reader import FakeReader
from tests.making import DECK, NOW, WORKER, accepted, finished, seconds, somebody
from tests.storage.test_queue import ANNA
from tests.synthetic.sample import sample_deck

RATS = {"main": {"Relentless Rats": 60}}


class Beside:
    """A reader beside the queue."""

    def __init__(self, deck: dict[str, Any] | None) -> None:
        self.deck = deck
        self.engines: list[str | None] = []

    async def read(self, picture: bytes, engine: str | None) -> DirectReading:
        self.engines.append(engine)
        if self.deck is None:
            raise NotPossible("The OCR engine easyocr is not installed.")
        return DirectReading(self.deck, engine or "stub", {"reading": 0.25})


@pytest.fixture
def beside() -> Beside:
    return Beside(DECK)


@pytest.fixture
def ops(settings: Settings, database: Database, queue: Queue, beside: Beside) -> Ops:
    sample = Sample("sample.jpg", b"picture", RATS)
    return Ops(parts_of(settings, database, queue, provided={SAMPLE.name: sample, DIRECT_READER.name: beside}))


@pytest.fixture
async def working(ops: Ops, queue: Queue) -> AsyncIterator[FakeReader]:
    """A worker that takes the first of the queue, with its reader."""
    reader = FakeReader()
    blobs = open_blobs(ops.parts.settings.picture_store, ops.parts.settings.data_dir)
    jobs = PictureJobs(WORKER, queue, blobs, reader, "stub-1", JobLimits(), lambda: ops.now)

    async def work() -> None:
        while True:
            for one in (await queue.all_ids())[:1]:
                await jobs.run(UUID(one))
                await queue.remove([UUID(one)])
            await asyncio.sleep(0.01)

    await queue.say_alive(ANNA)
    task = asyncio.create_task(work())
    yield reader
    task.cancel()
    await asyncio.wait({task})


def with_(ops: Ops, **provided: object) -> Ops:
    parts = ops.parts
    return Ops(replace(parts, provided={**parts.provided, **provided}))


class TestSelftest:
    async def test_the_sample_goes_through_the_queue_and_is_read_directly(
        self, ops: Ops, queue: Queue, working: FakeReader, beside: Beside
    ) -> None:
        tested = await ops.done(RITA, "ocr selftest", engine="rapidocr")
        assert tested.text == (
            "Passed: 60 of 60 cards are right through the queue, in 500 ms. Directly 60 of 60, in 250 ms by rapidocr."
        )
        assert working.read_pictures == [b"picture"]
        assert beside.engines == ["rapidocr"]
        row = await conversions.conversion(UUID(tested.data["id"]))
        assert (row.state, row.community, row.is_fresh) == (State.DONE, "selftest", True)
        assert [one.action for one in tested.suggestions] == ["trace job"]

    async def test_it_is_read_before_all_that_waits(self, ops: Ops, queue: Queue, working: FakeReader) -> None:
        blobs = open_blobs(ops.parts.settings.picture_store, ops.parts.settings.data_dir)
        for number, picture in enumerate((b"slow", b"first", b"second")):
            one = await accepted(await somebody(), picture_hash=await blobs.put(picture), at=seconds(number))
            await queue.enqueue(one.id, since=one.accepted_at)
        await working.has_begun.wait()
        testing = asyncio.create_task(ops.done(RITA, "ocr selftest"))
        while await queue.depth() < 4:
            await asyncio.sleep(0.01)
        working.may_go.set()
        await testing
        assert working.read_pictures[:2] == [b"slow", b"picture"]

    async def test_what_is_wrong_is_named(self, ops: Ops, working: FakeReader) -> None:
        golden = {"main": {"Relentless Rats": 40, "Swamp": 20}}
        tested = await with_(ops, **{SAMPLE.name: Sample("s", b"picture", golden)}).answer(RITA, "ocr selftest")
        assert not tested.ok
        assert tested.text.startswith("Failed: 40 of 60 cards are right through the queue")
        assert "main: 60 Relentless Rats instead of 40. main: 0 Swamp instead of 20." in tested.text

    async def test_a_picture_without_a_deck_fails_with_its_code(self, ops: Ops, working: FakeReader) -> None:
        tested = await with_(ops, **{SAMPLE.name: Sample("s", b"no deck", RATS)}).answer(RITA, "ocr selftest")
        assert (tested.ok, tested.text) == (False, "Failed: the sample gave no deck (no_deck).")

    async def test_without_a_reader_here_the_queue_alone_decides(self, ops: Ops, working: FakeReader) -> None:
        tested = await with_(ops, **{DIRECT_READER.name: Beside(None)}).done(RITA, "ocr selftest")
        assert tested.text.endswith("Not read directly: The OCR engine easyocr is not installed.")
        assert tested.data["passed"]
        assert (await ops.done(RITA, "ocr selftest", direct="no")).data["direct"] is None

    async def test_it_works_during_maintenance(self, ops: Ops, working: FakeReader) -> None:
        record = MaintenanceRecord("1", Mode.HARD, "new tables", NOW, seconds(600), "Olga")
        await maintenance.keep(record, by="Olga", now=NOW)
        assert (await ops.done(RITA, "ocr selftest")).data["passed"]

    async def test_nothing_is_waited_for_that_cannot_come(self, ops: Ops, queue: Queue) -> None:
        assert await ops.refused(RITA, "ocr selftest") == "No worker is running, so that nothing would be read."
        await ops.done(OLGA, "queue pause", reason="a new disk")
        assert await ops.refused(RITA, "ocr selftest") == "Workers are paused, so that nothing would be read."

    async def test_an_installation_without_sample_says_so(self, parts: Parts) -> None:
        refused = await Ops(parts).refused(RITA, "ocr selftest")
        assert refused == "ocr selftest is not configured here: this installation has no sample picture."

    def test_counts_are_compared_by_section(self) -> None:
        deck = {"main": [{"count": 2, "name": "Opt"}, {"count": 1, "name": "Opt"}], "side": []}
        compared = compare(deck, {"main": {"Opt": 4}, "side": {"Negate": 1}})
        assert (compared.right, compared.of) == (3, 5)
        assert compared.wrong == ("main: 3 Opt instead of 4", "side: 0 Negate instead of 1")

    def test_the_shipped_list_is_that_of_the_shipped_picture(self, index: CardIndex) -> None:
        drawn = sample_deck(index.catalogue.cards)
        golden = {
            "main": {slot.card.name: slot.count for slot in drawn.main},
            "side": {slot.card.name: slot.count for slot in drawn.side},
        }
        assert shipped_sample().golden == golden

    @pytest.mark.slow
    async def test_the_shipped_sample_is_read_right_by_real_readers(self, parts: Parts) -> None:
        provided = {SAMPLE.name: shipped_sample(), DIRECT_READER.name: OwnReader(parts.settings)}
        ops = Ops(replace(parts, provided=provided))
        ops.now = utcnow()
        with worker_process(parts.settings, reads=True):
            await ready(ops.parts, "test/1")
            tested = await ops.done(RITA, "ocr selftest")
        assert tested.text.startswith("Passed: 75 of 75 cards are right through the queue, in")
        assert tested.data["direct"]["passed"]


def deck(certain: int, doubtful: int, kind: str = "arena-list") -> ReadingRecord:
    lines = [
        {"count": 1, "name": f"Card {number}", "certain": number < certain, "read": "", "candidates": []}
        for number in range(certain + doubtful)
    ]
    return ReadingRecord({**DECK, "main": lines, "kind": kind, "verified": not doubtful})


class TestAccuracy:
    async def test_certainty_and_corrections_are_told(self, ops: Ops) -> None:
        good = await finished(await somebody("a"), "a", reading=deck(20, 0))
        bad = await finished(await somebody("b"), "b", reading=deck(5, 15, "paper-photo"))
        await finished(await somebody("c"), "c", reading=ReadingRecord(None, "no_deck", "No."))
        stored = await decks.deck_of(bad.id)
        lines = ({"from": "main", "name": "Card 0"}, {"from": "main", "name": "Card 9"}, {})
        for revision, (kind, line) in enumerate(zip(("card", "count", "undo"), lines, strict=True)):
            await decks.correct(stored.id, revision, kind, line, DECK, person=bad.person, now=seconds(60))
        ops.later(minutes=10)

        told = await ops.done(RITA, "ocr accuracy")
        assert told.text == (
            "2 pictures read in the last 1 d: 25 of 40 lines are certain, 15 flagged. 1 (50%) have less than 60% "
            "certain lines. Players changed 1 deck (1 card, 1 count); 1 showed no deck, 0 failed. They put "
            "1 flagged line right, and 1 certain one in 1 deck."
        )
        assert (await figures.current(ops.parts, "certain_corrected")).value == 1
        assert told.log == ("0 %   █      █ 100 % of lines certain",)
        assert told.table is not None
        assert told.table.rows == (
            ("arena-list (stub)", "1", "100.0%", "100%", "0"),
            ("paper-photo (stub)", "1", "25.0%", "0%", "1"),
        )
        assert good.id != bad.id

    async def test_other_times_the_cache_and_self_tests_do_not_count(self, ops: Ops) -> None:
        await finished(await somebody("a"), "a", reading=deck(20, 0))
        await accepted(await somebody("b"), "a", at=NOW + timedelta(hours=2))
        await finished(await somebody("c"), "c", at=NOW + timedelta(hours=2), community="selftest")
        ops.later(hours=3)
        told = await ops.done(RITA, "ocr accuracy", since="2h")
        assert told.text == "No picture gave a deck in the last 2 h; 0 showed no deck, 0 failed."
