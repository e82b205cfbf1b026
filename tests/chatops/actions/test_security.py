"""Networks and people are kept out, with an end, and never those that keep the product running."""

from datetime import timedelta

import pytest

from bot.intake import Intake, NotAccepted, Submission
from config.settings import Settings
from storage import access_log, blocks, people
from storage.access_log import AccessRecord
from storage.blobs import open_blobs
from storage.queue import Queue
from tests.chatops.acting import OLGA, RITA, Ops, parts_of
from tests.making import NOW, accepted, somebody


async def came(address: str, status: int = 200, person: str = "", route: str = "/api/ocr", times: int = 1) -> None:
    made = [AccessRecord(NOW - timedelta(minutes=5), address, "GET", route, status, 3, person) for _ in range(times)]
    await access_log.add_entries(made)


class TestBlocks:
    async def test_a_network_is_blocked_with_a_plan_and_an_end(self, ops: Ops) -> None:
        await came("203.0.113.7", person=str(await somebody()), times=3)
        await came("198.51.100.1")
        plan = await ops.planned(OLGA, "security block-ip", ip="203.0.113.0/24", for_="2h")
        assert plan.summary.startswith(
            "Refuses 203.0.113.0/24 for 2 h: 3 requests came from there in the last 24 hours, 1 known people"
        )
        assert "run security evidence first" in plan.summary

        answer = await ops.done(OLGA, "security block-ip", ip="203.0.113.0/24", for_="2h", reason="scan")
        assert answer.text.startswith("203.0.113.0/24 is refused until 2026-11-01 14:00 UTC")
        listed = await ops.done(OLGA, "security blocks")
        assert listed.data == [
            {"network": "203.0.113.0/24", "until": "2026-11-01T14:00:00+00:00", "hits": 0, "reason": "scan"}
        ]
        ops.later(hours=2)
        assert (await ops.done(OLGA, "security blocks")).text == "Nobody is kept out."

    async def test_it_is_let_in_again(self, ops: Ops) -> None:
        await ops.done(OLGA, "security block-ip", ip="203.0.113.0/24")
        said = await ops.refused(OLGA, "security unblock-ip", ip="203.0.113.7")
        assert said == "203.0.113.7/32 is not blocked by itself. It lies in 203.0.113.0/24, which is."
        await ops.done(OLGA, "security unblock-ip", ip="203.0.113.0/24")
        assert await blocks.blocks(now=NOW) == []

    @pytest.mark.parametrize(
        ("network", "why"),
        [
            ("127.0.0.1", "this machine"),
            ("::1", "this machine"),
            ("10.9.0.4", "a proxy of HTTP_TRUSTED_PROXIES"),
            ("198.51.100.0/24", "where you ask from"),
            ("198.18.0.8", "a network of ops.yaml"),
            ("198.18.0.200", "the database"),
            ("198.18.0.201", "Alertmanager"),
        ],
    )
    async def test_what_keeps_the_product_running_is_not_kept_out(
        self, settings: Settings, queue: Queue, ops: Ops, network: str, why: str
    ) -> None:
        await came("198.51.100.77", person=str(await somebody("3")))  # Olga's account
        values = {"http_trusted_proxies": ["10.9.0.0/16"], "alertmanager_url": "http://198.18.0.201:9093"}
        behind = Settings(**{**settings.model_dump(), **values})
        parts = parts_of(behind, ops.parts.database, queue)
        changed = parts.policy.model_copy(
            update={"security": parts.policy.security.model_copy(update={"networks": ("198.18.0.0/28",)})}
        )
        own = Ops(parts_of(behind, ops.parts.database, queue, policy=changed))
        object.__setattr__(own.parts, "database_url", "postgres://u:p@198.18.0.200/db")
        said = await own.refused(OLGA, "security block-ip", ip=network)
        assert why in said

    async def test_networks_that_are_too_wide_and_times_too_long_are_told_the_bounds(self, ops: Ops) -> None:
        assert "at most /24 (IPv4) or /48 (IPv6)" in await ops.refused(OLGA, "security block-ip", ip="203.0.0.0/16")
        assert "must be 1m to 7d" in await ops.refused(OLGA, "security block-ip", ip="203.0.113.7", for_="8d")
        for hostile in ("203.0.113.7; rm -rf /", "$(id)", "example.org"):
            assert "must be an IP address" in await ops.refused(OLGA, "security block-ip", ip=hostile)

    async def test_a_responder_may_not(self, ops: Ops) -> None:
        assert "needs the role operator" in await ops.refused(RITA, "security block-ip", ip="203.0.113.7")


class TestBans:
    async def test_a_banned_person_is_refused_at_intake(self, ops: Ops, settings: Settings, queue: Queue) -> None:
        player = await somebody("77")
        await accepted(player)
        plan = await ops.planned(OLGA, "security ban-user", user="discord:77", for_="7d")
        assert "Bans discord:77 for 7 d; 1 pictures that wait already are read." in plan.summary
        await ops.done(OLGA, "security ban-user", user="discord:77", for_="7d")

        intake = Intake(queue, open_blobs(settings.picture_store, settings.data_dir), settings, lambda: NOW)
        with pytest.raises(NotAccepted):
            await intake.submit(Submission(player, b"another", "deck.png"))
        await ops.done(OLGA, "security unban-user", user="discord:77")
        assert await people.banned(now=NOW) == []
        assert "is not banned" in await ops.refused(OLGA, "security unban-user", user="discord:77")

    async def test_whoever_operates_is_not_banned(self, ops: Ops) -> None:
        await somebody("4")
        said = await ops.refused(OLGA, "security ban-user", user="discord:4")
        assert said == "Rita operates this product, and is not banned as a player."


class TestRequests:
    async def test_what_an_address_asked_for(self, ops: Ops) -> None:
        await came("203.0.113.7", 200, times=2)
        await came("203.0.113.7", 404, route="(none) /401.php")
        await came("203.0.113.70", 200)
        answer = await ops.done(OLGA, "security access-log", who="203.0.113.7")
        assert (answer.data["requests"], answer.data["status"]) == (3, {"200": 2, "404": 1})
        assert answer.suggestions[0].arguments == {"ip": "203.0.113.7"}
        assert (await ops.done(OLGA, "security access-log", who="203.0.113.0/24")).data["requests"] == 4

    async def test_what_an_account_asked_for(self, ops: Ops) -> None:
        await came("203.0.113.7", person=str(await somebody("77")))
        assert (await ops.done(OLGA, "security access-log", who="discord:77")).data["addresses"] == ["203.0.113.7"]
        assert "requests are kept for 7 days" in (await ops.done(OLGA, "security access-log", who="192.0.2.1")).text

    async def test_refusals_are_told_by_status_and_not_by_text(self, ops: Ops) -> None:
        await came("203.0.113.7", 401, times=3)
        await came("203.0.113.8", 403)
        await came("203.0.113.9", 404, route="(none) /401/403")
        answer = await ops.done(RITA, "security auth-failures")
        assert [(one["address"], one["count"]) for one in answer.data] == [("203.0.113.7", 3), ("203.0.113.8", 1)]
        assert answer.suggestions[0].arguments == {"ip": "203.0.113.7"}
        assert (await ops.done(RITA, "security auth-failures", since="1m")).text == "Nobody was refused in 1 min."

    async def test_what_may_not_be_kept_out_is_no_button(self, ops: Ops) -> None:
        await came("127.0.0.1", 401, times=3)
        assert (await ops.done(RITA, "security auth-failures")).suggestions == ()
