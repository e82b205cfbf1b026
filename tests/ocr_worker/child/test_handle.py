"""What the handle promises about pictures and children, with real processes and a stub reader."""

import asyncio
import os
import signal
from pathlib import Path

import psutil
import pytest

from ocr_worker.child import (
    ChildLimits,
    PictureRefused,
    ReaderProcess,
    ReaderUnavailable,
    ReadingCrashed,
    ReadingFailed,
    ReadingFaulted,
    ReadingOutOfMemory,
    ReadingTimedOut,
    RefusalCode,
)
from tests.fakes.child import COMMAND
from tests.ocr_worker.child.driving import ENVIRONMENT, eventually, is_running, nobody, running_pid, stub

SHORT = ChildLimits(time_s=1.0)
TIGHT = ChildLimits(memory_bytes=200_000_000)


async def read_next(reader: ReaderProcess) -> int:
    """Read a good picture and return the id of the child that did."""
    reading = await reader.read(b"good", nobody)
    assert reading.deck["main"][0]["name"] == "Relentless Rats"
    return running_pid(reader)


class TestAPicture:
    async def test_gives_its_deck_with_engine_and_times(self) -> None:
        async with stub() as reader:
            reading = await reader.read(b"picture", nobody)

        assert reading.deck["main"][0]["count"] == 60
        assert reading.deck["main"][0]["read"] == "7 bytes"
        assert reading.deck["kind"] == "arena-list"
        assert reading.deck["engine"] == "stub"
        assert reading.deck["seconds"] >= 0
        assert list(reading.timings) == ["decoding", "reading", "matching"]

    async def test_its_stages_are_told_in_order(self) -> None:
        stages: list[str] = []

        async def listen(stage: str) -> None:
            stages.append(stage)

        async with stub() as reader:
            await reader.read(b"picture", listen)

        assert stages == ["decoding", "reading", "matching"]

    async def test_is_read_though_nobody_can_be_told(self) -> None:
        async def fail(stage: str) -> None:
            raise ConnectionError("nobody there")

        async with stub() as reader:
            reading = await reader.read(b"picture", fail)

        assert reading.deck["main"]

    async def test_may_be_large(self) -> None:
        async with stub() as reader:
            reading = await reader.read(bytes(30_000_000), nobody)

        assert reading.deck["main"][0]["read"] == "30000000 bytes"

    async def test_waits_for_its_turn(self) -> None:
        async with stub() as reader:
            readings = await asyncio.gather(*(reader.read(b"x" * size, nobody) for size in range(1, 6)))

        assert [each.deck["main"][0]["read"] for each in readings] == [f"{size} bytes" for size in range(1, 6)]


class TestTheSameChildLivesOn:
    async def test_after_a_refusal(self) -> None:
        async with stub() as reader:
            first = await read_next(reader)
            with pytest.raises(PictureRefused, match="send another one") as bad:
                await reader.read(b"refuse", nobody)
            with pytest.raises(PictureRefused, match="No decklist") as nothing:
                await reader.read(b"find_nothing", nobody)

            assert bad.value.code is RefusalCode.BAD_PICTURE
            assert nothing.value.code is RefusalCode.NO_DECK
            assert await read_next(reader) == first

    async def test_after_a_defect_of_the_reader(self) -> None:
        async with stub() as reader:
            first = await read_next(reader)
            with pytest.raises(ReadingFaulted, match=r"fault in Screen2Deck \(KeyError\)") as failed:
                await reader.read(b"fail", nobody)

            assert failed.value.fault == "KeyError"
            assert await read_next(reader) == first

    async def test_after_a_library_that_prints_and_reads(self) -> None:
        async with stub() as reader:
            first = await read_next(reader)
            await reader.read(b"chatter", nobody)

            assert await read_next(reader) == first

    async def test_after_signals_that_are_meant_for_the_worker(self) -> None:
        async with stub() as reader:
            first = await read_next(reader)
            os.kill(first, signal.SIGINT)
            os.kill(first, signal.SIGTERM)

            assert await read_next(reader) == first


class TestAPictureTooMuch:
    @pytest.mark.parametrize(
        ("picture", "limits", "error", "sentence"),
        [
            (b"sleep", SHORT, ReadingTimedOut, "took too long (over 1 seconds): send a smaller or clearer one."),
            (b"swell", TIGHT, ReadingOutOfMemory, "took too much memory: send a smaller one or only the deck."),
            (b"swallow", TIGHT, ReadingOutOfMemory, "took too much memory: send a smaller one or only the deck."),
            (b"fail_to_allocate", TIGHT, ReadingOutOfMemory, "took too much memory"),
            (b"fail_to_allocate_in_openvino", TIGHT, ReadingOutOfMemory, "took too much memory"),
            (b"die", None, ReadingCrashed, "save it as a new PNG or JPEG and send that."),
            (b"leave", None, ReadingCrashed, "save it as a new PNG or JPEG and send that."),
            (b"break_the_protocol", None, ReadingCrashed, "save it as a new PNG or JPEG and send that."),
        ],
    )
    async def test_costs_itself_and_its_child_only(
        self, picture: bytes, limits: ChildLimits | None, error: type[ReadingFailed], sentence: str
    ) -> None:
        async with stub(limits=limits) as reader:
            first = await read_next(reader)
            with pytest.raises(error) as failed:
                await reader.read(picture, nobody)

            assert sentence in str(failed.value)
            assert await read_next(reader) != first
            await eventually(lambda: not is_running(first))

    async def test_that_is_cancelled_stops_at_once(self) -> None:
        begun = asyncio.Event()

        async def begin(stage: str) -> None:
            begun.set()

        async with stub() as reader:
            await reader.start()
            first = running_pid(reader)
            reading = asyncio.create_task(reader.read(b"sleep", begin))
            await begun.wait()
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading

            await eventually(lambda: not is_running(first))
            assert await read_next(reader) != first

    async def test_leaves_a_new_child_that_is_warm_before_it_is_needed(self) -> None:
        async with stub() as reader:
            first = await read_next(reader)
            with pytest.raises(ReadingCrashed):
                await reader.read(b"die", nobody)

            await eventually(lambda: reader.pid is not None)
            assert running_pid(reader) != first


class TestReplacing:
    async def test_a_child_that_dies_between_pictures_is_replaced(self) -> None:
        async with stub() as reader:
            first = await read_next(reader)
            os.kill(first, signal.SIGKILL)

            await eventually(lambda: reader.pid not in (None, first))
            assert await read_next(reader) != first

    async def test_the_picture_after_such_a_death_is_read(self) -> None:
        async with stub() as reader:
            for _ in range(3):
                os.kill(await read_next(reader), signal.SIGKILL)

            assert await read_next(reader)

    async def test_children_that_keep_dying_are_there_when_a_picture_comes(self) -> None:
        async with stub() as reader:
            await reader.start()
            for _ in range(3):
                await eventually(lambda: reader.pid is not None)
                os.kill(running_pid(reader), signal.SIGKILL)
                await eventually(lambda: reader.pid is None)

            assert await read_next(reader)

    async def test_an_old_child_is_replaced_between_pictures(self) -> None:
        async with stub(limits=ChildLimits(pictures_per_child=2)) as reader:
            children: list[int] = []
            for _ in range(5):
                await reader.start()
                children.append(running_pid(reader))
                await reader.read(b"good", nobody)

            assert children[0] == children[1]
            assert children[2] == children[3]
            assert len(set(children)) == 3
            await eventually(lambda: not any(is_running(pid) for pid in children[:4]))


class TestStarting:
    async def test_the_child_says_what_it_is(self) -> None:
        async with stub() as reader:
            assert reader.facts is None
            await reader.start()

            assert reader.facts is not None
            assert reader.facts.engine == "stub"
            assert reader.facts.pipeline_version == "stub-1"
            assert reader.facts.catalogue_date.isoformat() == "2026-11-01"

    @pytest.mark.parametrize(
        ("how", "sentence"),
        [
            ("unavailable", "The stub engine is not installed."),
            ("broken", "The reader broke down while it started: its log says why."),
            ("never", "The reader was not ready within 2 seconds."),
        ],
    )
    async def test_what_prevents_it_is_said(self, how: str, sentence: str) -> None:
        # Only the one that never is ready is waited for in vain.
        async with stub(how, limits=ChildLimits(start_s=2 if how == "never" else 60)) as reader:
            with pytest.raises(ReaderUnavailable) as at_start:
                await reader.start()
            with pytest.raises(ReaderUnavailable) as at_reading:
                await reader.read(b"good", nobody)

        assert str(at_start.value) == str(at_reading.value) == sentence

    async def test_a_program_that_is_missing_is_said(self) -> None:
        reader = ReaderProcess(["no-such-program"])
        with pytest.raises(ReaderUnavailable, match=r"cannot be started \(No such file"):
            await reader.start()

    async def test_a_program_that_speaks_another_language_is_said(self) -> None:
        reader = ReaderProcess([COMMAND[0], "-c", "print('hello, hello, hello')"])
        with pytest.raises(ReaderUnavailable, match="broke down while it started"):
            await reader.start()

    async def test_secrets_stay_with_the_worker(self) -> None:
        assert "DISCORD_TOKEN" in ENVIRONMENT
        async with stub() as reader:
            known = set((await reader.read(b"good", nobody)).deck["warnings"])

        assert {"PATH", "PYTHONPATH"} <= known
        assert not known & {"DISCORD_TOKEN", "DATABASE_URL"}

    @pytest.mark.skipif(not psutil.LINUX, reason="only Linux has these")
    async def test_the_kernel_takes_the_child_first(self) -> None:
        async with stub() as reader:
            await reader.start()
            child = psutil.Process(running_pid(reader))
            assert int(Path(f"/proc/{child.pid}/oom_score_adj").read_text(encoding="ascii")) >= 900
            assert child.nice() > psutil.Process().nice()


class TestStopping:
    async def test_ends_the_child(self) -> None:
        async with stub() as reader:
            child = await read_next(reader)
            await reader.stop()

            assert not is_running(child)
            with pytest.raises(ReaderUnavailable, match="stopped"):
                await reader.read(b"good", nobody)

    async def test_ends_a_child_that_reads(self) -> None:
        begun = asyncio.Event()

        async def begin(stage: str) -> None:
            begun.set()

        async with stub() as reader:
            reading = asyncio.create_task(reader.read(b"sleep", begin))
            await begun.wait()
            child = running_pid(reader)
            await reader.stop()

            with pytest.raises(ReaderUnavailable, match="stopped"):
                await reading
            assert not is_running(child)

    async def test_ends_a_child_that_is_not_ready_yet(self) -> None:
        before = set(psutil.Process().children())
        async with stub("never") as reader:
            starting = asyncio.create_task(reader.start())
            await eventually(lambda: bool(set(psutil.Process().children()) - before))
            await reader.stop()

            with pytest.raises(ReaderUnavailable, match="stopped"):
                await starting
            assert not [child for child in psutil.Process().children() if is_running(child.pid) and child not in before]

    async def test_can_be_followed_by_another_start(self) -> None:
        async with stub() as reader:
            await reader.start()
            await reader.stop()
            await reader.start()

            assert await read_next(reader)

    async def test_twice_is_once(self) -> None:
        async with stub() as reader:
            await reader.stop()
            await reader.stop()

            assert reader.pid is None
