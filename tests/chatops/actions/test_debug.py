"""Processes that run are looked at and log more, without a restart; settings are compared without being told."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from chatops.actions import debug
from chatops.jobs.security import drop_what_is_over
from config.inspection import flames
from config.settings import Settings
from storage import signing
from storage.attending import attending
from storage.control import Control, ProcessRecord
from storage.queue import Queue
from storage.signing import Ring
from tests.chatops.acting import OLGA, RITA, Ops, parts_of


@asynccontextmanager
async def process(ops: Ops, name: str = "bot/here/1", kind: str = "bot", **changes: str) -> AsyncIterator[None]:
    """A process of the deployment, in the test's own."""
    parts = ops.parts
    addresses = {"database_url": parts.database_url, "redis_url": parts.redis_url, **changes}
    async with attending(kind, name, parts.queue, parts.settings, addresses, lambda: ops.now):
        while name not in {one.name for one in await Control(parts.queue).processes()}:
            await asyncio.sleep(0.01)
        yield


class TestDebug:
    async def test_processes_log_more_until_the_time_is_over(self, ops: Ops) -> None:
        async with process(ops):
            answer = await ops.done(OLGA, "debug on", service="all", for_="15m")
            assert logging.getLogger("ocr_worker").level == logging.DEBUG
            assert answer.data["levels"] == {"bot/here/1": "warning (all debug)"}
            assert (await ops.done(OLGA, "debug off")).text == "All log as before."
            assert logging.getLogger("ocr_worker").level == logging.NOTSET
        assert (await ops.done(OLGA, "debug off")).text == "No log level was changed."

    async def test_one_kind_of_process_and_one_logger(self, ops: Ops) -> None:
        async with process(ops), process(ops, "host/1", "worker"):
            plan = await ops.planned(OLGA, "debug on", service="worker", logger="ocr_worker.jobs", for_="2h")
            assert plan.items == ("host/1",)
            answer = await ops.done(OLGA, "debug on", service="worker", logger="ocr_worker.jobs", for_="2h")
            assert answer.data["levels"] == {"host/1": "warning (ocr_worker.jobs debug)"}

    async def test_loggers_that_tell_secrets_and_long_times_are_refused(self, ops: Ops) -> None:
        async with process(ops):
            assert "may tell secrets" in await ops.refused(OLGA, "debug on", logger="httpx")
            assert "must be 1m to 2h" in await ops.refused(OLGA, "debug on", for_="3h")
            assert "No process web is running; there are: bot/here/1." in await ops.refused(
                OLGA, "debug on", service="web"
            )

    async def test_a_look_at_a_process(self, ops: Ops) -> None:
        async with process(ops):
            answer = await ops.done(RITA, "debug inspect", service="bot")
        assert answer.table is not None
        assert answer.table.rows[0][0] == "bot/here/1"
        assert any("Attendance" in line for line in answer.log)

    async def test_a_process_that_does_not_answer_is_told(self, ops: Ops, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(debug, "_ANSWERS_S", 0.1)
        await Control(ops.parts.queue).say_alive(ProcessRecord("bot/dead/1", "bot", 1, "dead", "0", 0, 0, "info"))
        answer = await ops.answer(RITA, "debug inspect")
        assert (answer.ok, answer.text) == (False, "1 of 1 processes do not answer.")

    async def test_memory_is_traced_and_drawn(self, ops: Ops) -> None:
        async with process(ops):
            answer = await ops.done(OLGA, "debug memory", seconds=1, top=3)
        assert "of what it allocated in 1 s" in answer.text
        assert len(answer.data["sites"]) <= 3
        assert json.loads(answer.files[0].data)["profiles"][0]["unit"] == "bytes"


class TestProfile:
    async def test_what_the_process_sees_itself_where_there_is_no_py_spy(
        self, ops: Ops, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(flames, "installed", lambda _: None)
        async with process(ops):
            answer = await ops.done(OLGA, "profile cpu", service="bot", seconds=1)
        assert "as it saw itself: py-spy is not installed" in answer.text
        assert answer.files[0].name.endswith(".speedscope.json")
        assert json.loads(answer.files[0].data)["$schema"].startswith("https://www.speedscope.app")

    @pytest.mark.slow
    async def test_a_flame_graph_by_py_spy(self, ops: Ops) -> None:
        if flames.installed("py-spy") is None:
            pytest.skip("py-spy is not installed")
        async with process(ops):
            answer = await ops.done(OLGA, "profile cpu", service="bot", seconds=1)
        if answer.data["by"] == "itself":
            assert "py-spy may not look" in answer.text  # the system forbids it, as most containers do
        else:
            assert answer.files[0].data.lstrip().startswith(b"<?xml")

    async def test_memory_by_calls(self, ops: Ops) -> None:
        async with process(ops):
            answer = await ops.done(OLGA, "profile memory", service="bot", seconds=1)
        assert json.loads(answer.files[0].data)["shared"]["frames"]


class TestConfig:
    async def test_all_processes_have_the_same(self, ops: Ops) -> None:
        async with process(ops), process(ops, "host/1", "worker"):
            answer = await ops.done(OLGA, "config check")
        checks = {one["check"]: one for one in answer.data}
        assert checks["same settings"]["found"] == "on 2 processes"
        assert checks["token secret"]["found"].startswith("in the data folder, 64 letters, ")

    async def test_what_differs_is_named_with_where_and_without_values(self, ops: Ops) -> None:
        odd = "redis://:hunter2hunter2@elsewhere:6379/0"
        async with process(ops), process(ops, "host/1", "worker"), process(ops, "host/2", "worker", redis_url=odd):
            answer = await ops.answer(OLGA, "config check")
        assert not answer.ok
        differing = [one for one in answer.data if one["state"] == "bad"]
        assert [(one["check"], one["found"]) for one in differing] == [("REDIS_URL", "differs on host/2")]
        assert "hunter2" not in str(answer)

    async def test_keys_of_a_replaced_secret_are_told_and_dropped_after_a_day(self, ops: Ops) -> None:
        await signing.ensured_keys(Ring.of("what JWT_SECRET was before, long enough"), now=ops.now)
        await signing.ensured_keys(signing.open_ring(ops.parts.settings), now=ops.now)
        async with process(ops):
            checks = {one["check"]: one for one in (await ops.done(OLGA, "config check")).data}
            assert checks["signing keys"]["state"] == "warn"
            assert checks["signing keys"]["found"].startswith("of 2 secrets, since JWT_SECRET was replaced; ")
            await drop_what_is_over(ops.parts)
            assert len(await signing.ring_names()) == 2
            ops.later(days=1, seconds=1)
            await drop_what_is_over(ops.parts)
        assert list(await signing.ring_names()) == [signing.open_ring(ops.parts.settings).name]

    async def test_weak_secrets_and_open_files_are_found(self, settings: Settings, queue: Queue, ops: Ops) -> None:
        weak = Settings(**{**settings.model_dump(), "jwt_secret": "changeme" * 5})
        (Path(settings.data_dir) / "jwt-secret").touch(mode=0o600)
        (Path(settings.data_dir) / "jwt-secret").chmod(0o644)
        answer = await Ops(parts_of(weak, ops.parts.database, queue)).answer(OLGA, "config check")
        found = {one["check"]: one["found"] for one in answer.data if one["state"] == "bad"}
        assert "easily guessed" in found["token secret"]
        assert found["jwt-secret"] == "mode 644"
        assert "changeme" not in str(answer)

    async def test_what_strangers_could_reach_is_found(self, settings: Settings, queue: Queue, ops: Ops) -> None:
        webhook = {"telegram_webhook_url": "https://decks.example.org/telegram", "telegram_token": "1:token"}
        known = parts_of(
            Settings(**{**settings.model_dump(), "http_host": "192.0.2.7", **webhook}), ops.parts.database, queue
        )
        elsewhere = {
            "database_url": "postgres://u:postgres@db/x",
            "redis_url": "redis://:Xk4-long-and-good@cache:6379/0",
        }
        answer = await Ops(replace(known, **elsewhere)).answer(OLGA, "config check")
        found = {one["check"]: (one["state"], one["found"]) for one in answer.data}
        assert found["METRICS_TOKEN"] == ("warn", "not set, and /metrics can be reached from outside")
        assert found["TELEGRAM_WEBHOOK_SECRET"] == ("warn", "not set: anybody may call the webhook")
        assert found["DATABASE_URL"] == ("bad", "no password, or one that everybody tries first")
        assert found["REDIS_URL"] == ("ok", "with a password")

    async def test_keys_of_processes_that_differ_are_bad(self, ops: Ops) -> None:
        await signing.ensured_keys(Ring.of("what another machine was given, long enough"), now=ops.now)
        await signing.ensured_keys(signing.open_ring(ops.parts.settings), now=ops.now)
        elsewhere = ops.parts.settings.model_copy(update={"jwt_secret": SecretStr("of another machine" * 3)})
        async with process(ops), process(Ops(replace(ops.parts, settings=elsewhere)), "host/1"):
            checks = {one["check"]: one for one in (await ops.answer(OLGA, "config check")).data}
        assert checks["signing keys"]["state"] == "bad"
        assert "tokens of one process are strangers to another" in checks["signing keys"]["found"]

    async def test_settings_are_shown_with_source_and_secrets_masked_by_type(
        self, settings: Settings, queue: Queue, ops: Ops, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("READING_SECONDS", "50")
        values = {**settings.model_dump(), "reading_seconds": 50, "discord_token": "plain-words-as-token"}
        known = Ops(parts_of(Settings(**values), ops.parts.database, queue))
        answer = await known.done(OLGA, "config show")
        shown = {one["name"]: (one["value"], one["source"]) for one in answer.data}

        assert shown["READING_SECONDS"] == ("50", "environment")
        assert shown["DECK_DAYS"] == ("90", "default")
        assert shown["DISCORD_TOKEN"][0].startswith("set, ")
        assert shown["TELEGRAM_TOKEN"][0] == "not set"
        assert "plain-words-as-token" not in str(answer)
        assert len((await known.done(OLGA, "config show", key="deck_days")).data) == 1
        assert "there is no setting" in await known.refused(OLGA, "config show", key="zzz")
