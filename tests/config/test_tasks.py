"""Tasks and their owners: none goes on afterwards, and being cancelled is never lost."""

import asyncio
import logging

import pytest

from config.tasks import Tasks, beside, end, first_of, with_word


class Steps:
    """Works that say what becomes of them."""

    def __init__(self) -> None:
        self.said: list[str] = []

    async def wait(self, name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            # Tidying up takes a moment, for which whoever ends it waits.
            await asyncio.sleep(0)
            self.said.append(f"{name} ended")

    async def fail(self) -> None:
        raise RuntimeError("no")


@pytest.fixture
def steps() -> Steps:
    return Steps()


class TestOwned:
    async def test_what_has_not_ended_in_time_is_cancelled_and_waited_for(self, steps: Steps) -> None:
        tasks, gate = Tasks(), asyncio.Event()
        quick = tasks.start(gate.wait())
        tasks.start(steps.wait("slow"))
        gate.set()
        await tasks.close(within_s=0.01)
        assert quick.result() is True
        assert steps.said == ["slow ended"]
        assert len(tasks) == 0

    async def test_what_starts_while_the_owner_closes_is_ended_too(self, steps: Steps) -> None:
        tasks = Tasks()

        async def late() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                tasks.start(steps.wait("late"))
                await asyncio.sleep(0)

        tasks.start(late())
        await asyncio.sleep(0)
        await tasks.close()
        assert steps.said == ["late ended"]

    async def test_a_task_of_a_library_can_be_looked_after(self, steps: Steps) -> None:
        tasks = Tasks()
        tasks.own(asyncio.create_task(steps.wait("theirs")))
        await asyncio.sleep(0)
        await tasks.close()
        assert steps.said == ["theirs ended"]

    async def test_one_that_ended_before_is_ended_without_harm(self) -> None:
        done = asyncio.create_task(asyncio.sleep(0))
        await done
        await end(done)
        await end()


class TestBeside:
    async def test_it_lasts_as_long_as_the_context_even_where_that_fails(self, steps: Steps) -> None:
        async def ours() -> None:
            async with beside(steps.wait("one"), steps.wait("two")):
                await asyncio.sleep(0)
                raise ValueError("ours")

        with pytest.raises(ValueError, match="ours"):
            await ours()
        assert sorted(steps.said) == ["one ended", "two ended"]

    async def test_a_fault_is_told_when_it_happens(self, steps: Steps, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.ERROR):
            async with beside(steps.fail()):
                await asyncio.sleep(0.01)
                assert "Steps.fail" in caplog.text


class TestFirstOf:
    async def test_the_others_have_ended_when_it_returns(self, steps: Steps) -> None:
        await first_of(asyncio.sleep(0), steps.wait("other"))
        assert steps.said == ["other ended"]

    async def test_they_end_too_when_the_caller_is_cancelled(self, steps: Steps) -> None:
        waiting = asyncio.create_task(first_of(steps.wait("one"), steps.wait("two")))
        await asyncio.sleep(0.01)
        await end(waiting)
        assert waiting.cancelled()
        assert sorted(steps.said) == ["one ended", "two ended"]

    async def test_what_the_first_raises_is_raised(self, steps: Steps) -> None:
        with pytest.raises(RuntimeError, match="no"):
            await first_of(steps.fail(), steps.wait("other"))


class TestWithWord:
    async def test_a_quick_work_needs_no_word(self) -> None:
        async def say() -> None:
            pytest.fail("nobody waited")

        async def work() -> int:
            return 5

        assert await with_word(work(), 30, say) == 5

    async def test_a_word_that_fails_does_not_end_the_work(self) -> None:
        gate, done = asyncio.Event(), []

        async def say() -> None:
            gate.set()
            raise RuntimeError("not heard")

        async def work() -> None:
            await gate.wait()
            done.append(1)

        with pytest.raises(RuntimeError, match="not heard"):
            await with_word(work(), 0, say)
        assert done == [1]

    async def test_the_work_is_cancelled_with_the_caller(self, steps: Steps) -> None:
        async def say() -> None:
            steps.said.append("in a moment")

        asking = asyncio.create_task(with_word(steps.wait("work"), 0, say))
        while not steps.said:
            await asyncio.sleep(0)
        await end(asking)
        assert asking.cancelled()
        assert steps.said == ["in a moment", "work ended"]
