"""Maintenance, seen by a player who speaks French."""

from datetime import timedelta

import pytest

from chatops.queueing import maintaining
from chatops.queueing.maintaining import Wish
from storage import conversions
from storage.maintenance import Mode
from tests.bot.features import covers
from tests.bot.operator import operating
from tests.bot.telegram.operations import Scene
from tests.bot.telegram.product import Product
from tests.bot.telegram.seeing import hears, sees
from tests.bot.telegram.test_posting import SIXTY
from tests.fakes.pictures import picture
from tests.fakes.telegram_rooms import Player
from tests.fakes.telegram_server import TelegramServer


@covers("maintenance")
async def test_a_picture_is_kept_and_read_when_maintenance_is_over(product: Product, telegram: TelegramServer) -> None:
    amelie = Player(1003, "Amélie", "fr")
    room = telegram.private(amelie)
    async with operating(product.settings) as parts:
        await maintaining.begin(parts, Wish(Mode.HARD, "a new disk", timedelta(minutes=30), "Olga"))
        room.photo(amelie, picture(SIXTY))
        kept = await sees(room, "nous travaillons sur le lecteur jusque vers", "votre image est gardée")
        await maintaining.end(parts)

        shown = await sees(room, "60 deck")
        assert shown.id == kept.id
        await maintaining.begin(parts, Wish(Mode.HARD, "new tables", timedelta(minutes=30), "Olga"))
        remark = await hears(room, room.press(amelie, shown, "Échanger"))
        assert remark.startswith("Nous travaillons ici jusque vers")
        assert "60 deck" in shown.text


async def test_an_operator_begins_and_ends_it_in_the_group(ops: Scene) -> None:
    plan = await ops.order(ops.olga, '/maintenance on reason="a new disk" for=1h', "maintenance (soft) for 1 h")
    await ops.press(ops.olga, plan, "Confirm")
    await sees(ops.room, "Maintenance (soft) is on until")
    amelie = Player(1003, "Amélie", "fr")
    room = ops.telegram.private(amelie)
    room.photo(amelie, picture(SIXTY))
    kept = await sees(room, "nous travaillons sur le lecteur")
    await ops.order(ops.vera, "/maintenance status", "1 picture held until its end.")
    assert "needs the role operator" in (await ops.order(ops.vera, "/maintenance off", "needs the role")).text
    await ops.order(ops.olga, "/maintenance off", "1 picture that had to wait: in the queue now.")
    shown = await sees(room, "60 deck")
    assert shown.id == kept.id


async def test_a_job_is_found_traced_and_the_queue_drained_in_the_group(ops: Scene) -> None:
    anna = Player(1001)
    room = ops.telegram.private(anna)
    room.photo(anna, picture(SIXTY))
    await sees(room, "60 main")
    await ops.order(ops.olga, "/queue drain", "the queue is drained")
    async with operating(ops.product.settings):
        [row] = await conversions.latest(1)
    shown = await ops.order(ops.olga, f"/job show {str(row.id)[:8]}", f"job {row.id} is done")
    assert "trace job" in shown.labels
    await ops.order(ops.olga, f"/trace job {row.id}", "(done) took", "downloaded", "text read", "delivered")
    await ops.order(ops.olga, f"/job cancel {row.id}", "it has ended: it is done.")


@pytest.mark.slow
async def test_when_its_time_has_come_everything_goes_on_by_itself(product: Product, telegram: TelegramServer) -> None:
    anna = Player(1001)
    room = telegram.private(anna)
    async with operating(product.settings) as parts:
        await maintaining.begin(parts, Wish(Mode.SOFT, "a new disk", timedelta(seconds=2), "Olga"))
    room.photo(anna, picture(SIXTY))
    kept = await sees(room, "we are working on the reader until about")
    shown = await sees(room, "60 main")
    assert shown.id == kept.id
