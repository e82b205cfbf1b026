"""Health as people ask for it, and probes of configured addresses."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from aiohttp import web
from pydantic import SecretStr

from chatops.model import Answer
from chatops.observing.probing import probe, targets
from chatops.observing.readiness import READINESS
from chatops.orchestrators.fleet import ORCHESTRATOR, Fleet
from config.ops_oncall import Watchdog
from config.ops_services import BackEnd, ServiceEntry
from storage.alerts import store_delivery
from storage.errors import StorageError
from tests.chatops.acting import RITA, VERA, Ops
from tests.making import accepted, failed, somebody
from tests.storage.test_queue import ANNA

Handler = Callable[[web.Request], object]


@asynccontextmanager
async def answering(status: int = 200, text: str = "") -> AsyncIterator[str]:
    """A server that answers everything so."""

    async def handle(_: web.Request) -> web.Response:
        return web.Response(status=status, text=text)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def with_settings(ops: Ops, **changes: object) -> Ops:
    return Ops(replace(ops.parts, settings=ops.parts.settings.model_copy(update={"http_port": 0, **changes})))


def cells(answer: Answer) -> dict[str, tuple[str, ...]]:
    assert answer.table is not None
    return {row[0]: row[1:] for row in answer.table.rows}


class TestCheck:
    async def test_every_service_that_is_declared_is_asked(self, ops: Ops) -> None:
        await ops.parts.queue.say_alive(ANNA)
        async with answering() as good, answering(503) as bad:
            entries = (
                ServiceEntry(name="web", back_end=BackEnd.SYSTEMD, health=f"{good}/health"),
                ServiceEntry(name="nginx", back_end=BackEnd.SYSTEMD, health=bad),
                ServiceEntry(name="quiet", back_end=BackEnd.SYSTEMD),
            )
            parts = replace(ops.parts, provided={ORCHESTRATOR.name: Fleet(entries)})
            answer = await with_settings(Ops(parts)).answer(VERA, "health check")

        rows = cells(answer)
        assert {name: row[0] for name, row in rows.items()} == {
            "database": "ok",
            "redis": "ok",
            "workers": "ok",
            "web": "ok",
            "nginx": "FAIL",
        }
        assert not answer.ok
        assert answer.text == "4 of 5 answer. Not: nginx."
        assert rows["nginx"][1].startswith("answered 503, ")
        assert [one.action for one in answer.suggestions] == ["diagnose site"]

    async def test_one_service_alone(self, ops: Ops) -> None:
        answer = await with_settings(ops).done(VERA, "health check", service="database")
        assert list(cells(answer)) == ["database"]

    async def test_a_wrong_one_is_told_the_nearest(self, ops: Ops) -> None:
        assert await ops.refused(VERA, "health check", service="databse") == "service: did you mean database?"


class TestReady:
    async def test_the_bot_process_knows_its_connections(self, ops: Ops) -> None:
        async def discord() -> str:
            return "(3 servers, 40 ms)"

        async def telegram() -> str:
            raise StorageError("Telegram has not answered for 75 s")

        async def stuck() -> str:
            await asyncio.Event().wait()
            return ""

        checks = {"discord": discord, "telegram": telegram}
        bot = Ops(replace(ops.parts, provided={READINESS.name: checks}))
        answer = await bot.answer(VERA, "health ready")
        rows = cells(answer)
        assert rows["discord"][0] == "ok"
        assert rows["discord"][1].startswith("3 servers, 40 ms, ")
        assert rows["telegram"] == ("FAIL", "Telegram has not answered for 75 s")
        assert rows["figures"] == ("?", "nothing was measured yet")
        assert answer.text == "Not ready: telegram."

    async def test_alertmanager_is_to_be_heard_of(self, ops: Ops) -> None:
        watched = ops.parts.policy.on_call.model_copy(update={"watchdog": Watchdog()})
        policy = ops.parts.policy.model_copy(update={"on_call": watched})
        bot = Ops(replace(ops.parts, policy=policy, provided={READINESS.name: {}}))
        assert "alerts" not in cells(
            await Ops(replace(bot.parts, policy=ops.parts.policy)).answer(VERA, "health ready")
        )
        assert cells(await bot.answer(VERA, "health ready"))["alerts"][0] == "?"

        await store_delivery({"alerts": []}, tenant="", sender="am", digest="x", now=bot.now)
        bot.later(minutes=3)
        told = cells(await bot.answer(VERA, "health ready"))["alerts"]
        assert told == ("ok", "Alertmanager was heard of 3 min ago")
        bot.later(minutes=20)
        assert cells(await bot.answer(VERA, "health ready"))["alerts"][0] == "FAIL"

    async def test_another_process_asks_the_bot(self, ops: Ops) -> None:
        await ops.parts.queue.say_alive(ANNA)
        told = "database: ok (SQLite)\nredis: ok\nworkers: ok (1)\ndiscord: Discord is not connected.\n"
        async with answering(503, told) as address:
            port = int(address.rpartition(":")[2])
            answer = await with_settings(ops, http_port=port).answer(VERA, "health ready")
        rows = cells(answer)
        assert rows["discord"] == ("FAIL", "Discord is not connected.")
        assert rows["bot"][0] == rows["database"][0] == "ok"

    async def test_a_bot_process_that_is_away_is_a_finding(self, ops: Ops) -> None:
        answer = await with_settings(ops, http_port=1).answer(VERA, "health ready")
        assert cells(answer)["bot"][0] == "FAIL"
        assert cells(answer)["workers"][1] == "no worker is running; start one with `screen2deck worker`."


async def test_details_tell_of_versions_queue_workers_and_figures(ops: Ops) -> None:
    await ops.parts.queue.say_alive(replace(ANNA, done=3))
    await accepted(await somebody())
    await failed(await somebody("other"))

    answer = await ops.done(RITA, "health detailed")
    rows = cells(answer)
    assert rows["queue"][0].startswith("1 queued, the longest waits ")
    assert rows["given up"] == ("1",)
    assert "3 done" in rows["worker anna/1"][0]
    assert "dead_letters 1" in rows["not normal"][0]
    assert answer.data["queue"]["dead_letters"] == 1
    assert answer.data["memory_bytes"] > 1_000_000


class TestProbes:
    async def test_only_configured_addresses_can_be_probed(self, ops: Ops) -> None:
        for target in ("http://169.254.169.254/latest", "localhost", "127.0.0.1:22", "file:///etc/passwd"):
            refused = await ops.refused(RITA, "net probe", target=target)
            assert "only configured addresses can be probed" in refused

    async def test_steps_are_timed(self, ops: Ops) -> None:
        async with answering() as address:
            answer = await with_settings(ops, prometheus_url=address).done(RITA, "net probe", target="prometheus")
        (one,) = answer.data
        assert list(one["ms"]) == ["DNS", "TCP", "first byte"]
        assert (one["ok"], one["status"]) == (True, 200)

    async def test_passwords_and_tokens_are_in_no_answer(self, ops: Ops) -> None:
        parts = replace(ops.parts, database_url="postgres://me:hunter2hunter2@127.0.0.1:1/db", redis_url="unix:///x")
        settings = {
            "telegram_token": SecretStr("123456:secret"),
            "telegram_api_url": "http://127.0.0.1:1",
            "prometheus_url": "http://who:hunter2hunter2@127.0.0.1:1",
        }
        answer = await with_settings(Ops(parts), **settings).answer(RITA, "net probe")
        assert {one["target"] for one in answer.data} == {"telegram", "prometheus", "database"}
        assert not answer.ok
        assert "hunter2" not in str(answer)
        assert "secret" not in str(answer)

    async def test_what_goes_wrong_is_told_in_a_sentence(self) -> None:
        async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()

        async def babbling(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 mail.example\r\n")
            await writer.drain()
            writer.close()

        assert (await probe("x", "http://127.0.0.1:1/")).problem.startswith("Connect call failed")
        assert (await probe("x", "http://name.invalid/")).problem.startswith("its name is not known")
        assert (await probe("x", "http://127.0.0.1:99999999/")).problem
        for serving, why in (
            (silent, "no answer within 0.3 s, after DNS, TCP"),
            (babbling, "what answers speaks no HTTP"),
        ):
            server = await asyncio.start_server(serving, "127.0.0.1", 0)
            port = server.sockets[0].getsockname()[1]
            assert (await probe("x", f"http://127.0.0.1:{port}/", 0.3)).problem == why
            server.close()

    async def test_a_bad_certificate_is_told(self) -> None:
        """Something that is no TLS, which is all that can be made without a certificate."""
        async with answering() as address:
            found = await probe("x", address.replace("http://", "https://"), 2.0)
        assert not found.is_ok
        assert found.problem

    def test_targets_are_what_is_configured(self, ops: Ops) -> None:
        ops = with_settings(ops, alertmanager_url="http://a:9093, http://b:9093", discord_token=SecretStr("x"))
        found = targets(ops.parts)
        assert set(found) >= {"alertmanager-1", "alertmanager-2", "discord"}
        assert found["discord"] == "https://discord.com/api/v10/gateway"

    async def test_the_way_that_people_take_is_asked_too(self, ops: Ops) -> None:
        async with answering(502) as address:
            answer = await with_settings(ops, public_url=f"{address}/").answer(VERA, "health check", service="public")
        assert answer.text == "0 of 1 answer. Not: public."
        assert cells(answer)["public"][1].startswith("answered 502, ")

    @pytest.mark.parametrize("words", ["GET /", ""])
    async def test_the_answer_must_be_http(self, words: str) -> None:
        from chatops.observing.probing import _status

        with pytest.raises(ValueError, match="speaks no HTTP"):
            _status(words.encode())
