"""Logs as people read them: of processes, of services, of other machines."""

import asyncio
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chatops.orchestrators.fleet import ORCHESTRATOR, Fleet
from chatops.orchestrators.port import Basic, OrchestratorError
from config.log_files import LogFile, pieces
from config.log_reading import Line
from config.ops_services import BackEnd, Kind, ServiceEntry
from storage import requests
from storage.attending import attending
from storage.control import Control, ProcessRecord
from tests.chatops.acting import OLGA, RITA, SECRET, VERA, Ops
from tests.making import NOW


def write(ops: Ops, process: str, *lines: dict[str, Any]) -> None:
    """Lines of a process, which it wrote a minute ago unless they say otherwise."""
    folder = ops.parts.settings.data_dir / "logs"
    folder.mkdir(exist_ok=True)
    with (folder / f"{process}.jsonl").open("a", encoding="utf-8") as file:
        for line in lines:
            told = (
                {"timestamp": stamp(-60), "level": "info", "logger": "bot", **line} if isinstance(line, dict) else line
            )
            file.write((told if isinstance(told, str) else json.dumps(told)) + "\n")


def stamp(seconds: float) -> str:
    return f"{(NOW + timedelta(seconds=seconds)).replace(tzinfo=None).isoformat()}Z"


def error(event: str, seconds: float = -60, **more: Any) -> dict[str, Any]:
    return {"event": event, "level": "error", "timestamp": stamp(seconds), **more}


class Written(Basic):
    """A back end whose services have written some lines."""

    def __init__(self, *lines: str, problem: str = "") -> None:
        self.lines = list(lines)
        self.problem = problem

    async def logs(self, service: ServiceEntry, lines: int, since: datetime | None = None) -> list[str]:
        if self.problem:
            raise OrchestratorError(self.problem)
        return self.lines[-lines:]


def with_services(ops: Ops, back_end: Written) -> Ops:
    entries = (ServiceEntry(name="postgres", back_end=BackEnd.DOCKER, kind=Kind.POSTGRES),)
    fleet = Fleet(entries, {BackEnd.DOCKER: back_end})  # type: ignore[dict-item]
    return Ops(replace(ops.parts, provided={ORCHESTRATOR.name: fleet}))


class TestTail:
    async def test_the_last_lines_of_all_workers(self, ops: Ops) -> None:
        write(ops, "worker-1", {"event": "first", "timestamp": stamp(-9)}, {"event": "third", "timestamp": stamp(-3)})
        write(ops, "worker-2", {"event": "second", "timestamp": stamp(-6), "correlation": "abc"})
        write(ops, "bot", {"event": "other"})

        answer = await ops.done(RITA, "logs tail", n=2)
        assert answer.text == "The last 2 lines of worker."
        assert answer.log == (
            "11-01 11:59:54 worker-2 INFO second correlation=abc",
            "11-01 11:59:57 worker-1 INFO third",
        )

    async def test_much_becomes_a_file_of_which_the_end_is_shown(self, ops: Ops) -> None:
        write(ops, "bot", *({"event": f"line {number} {'x' * 50}"} for number in range(60)))
        answer = await ops.done(RITA, "logs tail", component="bot")
        (file,) = answer.files
        assert (file.name, len(file.data.splitlines())) == ("bot.log", 50)
        assert sum(map(len, answer.log)) <= 900
        assert "line 59" in answer.log[-1]

    async def test_secrets_that_were_logged_are_not_shown(self, ops: Ops) -> None:
        write(
            ops, "bot", {"event": f"the password is {SECRET}"}, *({"event": f"{SECRET} {'x' * 90}"} for _ in range(30))
        )
        answer = await ops.done(RITA, "logs tail", component="bot")
        assert SECRET not in str(answer)
        assert SECRET.encode() not in answer.files[0].data

    async def test_new_lines_are_followed(self, ops: Ops, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("chatops.actions.logs._FOLLOW_S", 0.02)
        write(ops, "bot", {"event": "old"})
        outcome = await ops.order(RITA, "logs tail", component="bot", follow="yes", for_="1m")
        assert outcome.request is not None
        identity = outcome.request.id

        async def shown() -> tuple[str, ...]:
            return tuple((await requests.request(identity)).progress)

        async with asyncio.timeout(10):
            while not any("old" in line for line in await shown()):
                await asyncio.sleep(0.02)
            write(ops, "bot", {"event": "new", "timestamp": stamp(1)})
            while not any("new" in line for line in await shown()):
                await asyncio.sleep(0.02)
            ops.later(minutes=2)
            record = await ops.settled(outcome.request)
        assert record.answer is not None
        assert record.answer["text"] == "1 new line of bot."

    async def test_what_nobody_logged_says_so(self, ops: Ops) -> None:
        assert (await ops.answer(RITA, "logs tail")).text == "worker has logged nothing in the last week."
        assert "did you mean bot?" in await ops.refused(RITA, "logs tail", component="bott")

    async def test_other_programs_need_whatever_runs_them(self, ops: Ops) -> None:
        refused = await ops.refused(RITA, "logs tail", component="postgres")
        assert refused.startswith("The log of postgres is not configured here: No services are declared")

    async def test_services_are_asked_of_what_runs_them(self, ops: Ops) -> None:
        lines = ["2026-11-01 11:00:00.000 UTC [1] LOG:  ready", "2026-11-01 11:30:00.000 UTC [1] ERROR:  no table"]
        answer = await with_services(ops, Written(*lines)).done(RITA, "logs tail", component="postgres", n=1)
        assert answer.log == (f"11-01 11:30:00 postgres ERROR {lines[1]}",)

        broken = with_services(ops, Written(problem="The Docker daemon does not answer."))
        refused = await broken.refused(RITA, "logs tail", component="postgres")
        assert refused == "The log of postgres cannot be had: The Docker daemon does not answer."


class TestErrors:
    async def test_the_same_error_is_told_once(self, ops: Ops) -> None:
        write(
            ops,
            "bot",
            *(error(f"message {number} failed after {number / 2} s", -60 - number) for number in range(5)),
            error("fault", -30, exception="Traceback…\nKeyError: 'a'", correlation="abc-1"),
            error("fault", -20, exception="Traceback…\nKeyError: 'b'", correlation="abc-2"),
            error("too old", -7200),
            {"event": "no error"},
        )
        answer = await ops.done(RITA, "logs errors")
        assert answer.text == "7 errors of 2 kinds in the last 1 h."
        assert answer.table is not None
        assert [row[:3] for row in answer.table.rows] == [
            ("bot: message <n> failed after <n> s", "5", "1 min 4 s ago – 1 min ago"),
            ("bot: fault | KeyError: <text>", "2", "30 s ago – 20 s ago"),
        ]
        assert answer.data[1]["correlation"] == "abc-2"

    async def test_one_by_one_when_asked_so(self, ops: Ops) -> None:
        write(ops, "bot", error("a"), error("b"), error("c"))
        answer = await ops.done(RITA, "logs errors", group="no", n=2)
        assert [line.split()[-1] for line in answer.log] == ["b", "c"]

    async def test_none_is_good(self, ops: Ops) -> None:
        answer = await ops.done(RITA, "logs errors", since="5m")
        assert answer.text == "No errors in the last 5 min."

    async def test_errors_of_services(self, ops: Ops) -> None:
        lines = ["ERROR:  relation 12 is missing", "LOG:  fine", "ERROR:  relation 13 is missing"]
        answer = await with_services(ops, Written(*lines)).done(RITA, "logs errors", component="postgres")
        assert answer.text == "2 errors of 1 kind in the last 1 h."


class TestSearch:
    async def test_a_text_is_no_pattern(self, ops: Ops) -> None:
        write(ops, "bot", {"event": "chat 7 (gone)"}, {"event": "chat 77"}, {"event": "x", "correlation": "chat 7 ("})
        answer = await ops.done(RITA, "logs search", text="CHAT 7 (")
        assert len(answer.log) == 2
        assert (await ops.done(RITA, "logs search", text="chat.*")).text == "No line of the last 1 h contains that."

    async def test_level_and_time_bound_it(self, ops: Ops) -> None:
        write(ops, "bot", {"event": "lost"}, error("lost"), error("lost", -7200))
        assert len((await ops.done(RITA, "logs search", text="lost", level="error")).log) == 1
        assert len((await ops.done(RITA, "logs search", text="lost", since="3h")).log) == 3

    async def test_bad_input_has_bounds(self, ops: Ops) -> None:
        assert await ops.refused(RITA, "logs search", text="x") == "text: must have 2 to 200 letters."
        assert "must be 1 to 500" in await ops.refused(RITA, "logs tail", n=501)


class TestKeeping:
    @pytest.fixture
    def file(self, ops: Ops) -> Iterator[LogFile]:
        """This process' own file."""
        file = LogFile(ops.parts.settings.data_dir / "logs", "bot")
        file.setFormatter(logging.Formatter('{"event": "%(message)s"}'))
        logging.getLogger().addHandler(file)
        yield file
        logging.getLogger().removeHandler(file)
        file.close()

    async def test_the_policy_tells_files_and_sizes(self, ops: Ops) -> None:
        assert "There are no files on this machine." in (await ops.done(VERA, "logs policy")).text
        write(ops, "bot", {"event": "x"})
        answer = await ops.done(VERA, "logs policy")
        assert "closes its own file daily (UTC) and at 20 MB, compresses it and drops it after 7 d" in answer.text
        assert answer.table is not None
        assert answer.table.rows == (("bot", "1 file", "0.0 MB", "not yet"),)

    async def test_a_process_closes_its_file_when_asked(self, ops: Ops, file: LogFile) -> None:
        logging.getLogger("bot").warning("something")
        async with attending("bot", "bot/here/1", ops.parts.queue, ops.parts.settings, {}, ops.parts.clock):
            async with asyncio.timeout(10):
                while not await Control(ops.parts.queue).processes():
                    await asyncio.sleep(0.01)
            answer = await ops.done(OLGA, "logs rotate")
        assert answer.text == "1 of 1 process closed their files."
        assert [one.closed is None for one in pieces(file.folder)] == [False, True]

    async def test_without_processes_there_is_nothing_to_close(self, ops: Ops) -> None:
        assert "No process all is running" in await ops.refused(OLGA, "logs rotate")


async def test_logs_of_other_machines_are_asked_of_their_processes(
    ops: Ops, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "there"
    (there / "logs").mkdir(parents=True)
    (there / "logs" / "bot.jsonl").write_text(
        json.dumps({"timestamp": stamp(-5), "level": "error", "logger": "bot", "event": "there"}) + "\n",
        encoding="utf-8",
    )
    settings = ops.parts.settings.model_copy(update={"data_dir": there})
    write(ops, "bot", error("here", -6))
    record = ProcessRecord

    def elsewhere(**how: Any) -> ProcessRecord:
        return record(**{**how, "host": "another"})

    monkeypatch.setattr("storage.attending.ProcessRecord", elsewhere)
    async with attending("bot", "bot/another/1", ops.parts.queue, settings, {}, ops.parts.clock):
        async with asyncio.timeout(10):
            while not await Control(ops.parts.queue).processes():
                await asyncio.sleep(0.01)
        answer = await ops.done(RITA, "logs errors", group="no")
    assert [line.split()[-1] for line in answer.log] == ["here", "there"]


def test_a_line_travels_as_it_is() -> None:
    line = Line("2026-11-01T12:00:00Z", "bot", "error", "bot", "x", more={"a": 1})
    assert line.shown(name=False) == "11-01 12:00:00 ERROR x a=1"


async def test_reading_logs_is_for_responders(ops: Ops) -> None:
    for name, how in (("logs tail", {}), ("logs errors", {}), ("logs search", {"text": "xx"})):
        assert "responder" in await ops.refused(VERA, name, **how)
    assert "operator" in await ops.refused(RITA, "logs rotate")
