"""Actions that are used most, as whole conversations on Telegram's wire."""

import pytest

from tests.bot.telegram.operations import Scene
from tests.bot.telegram.seeing import sees
from tests.fakes.pictures import picture
from tests.processes import eventually

pytestmark = pytest.mark.slow

SIXTY = ((4, "Opt"), (56, "Island"))


async def test_reading_is_answered_in_reply_to_the_command(ops: Scene) -> None:
    inspected = await ops.order(ops.vera, "/queue inspect", "✅ queue inspect · Vera", "no job waiting")
    await ops.order(ops.vera, "/metrics show", "metrics show")
    await ops.order(ops.vera, "/health check workers", "health check service=workers")
    await ops.order(ops.vera, "/oncall who", "✅ oncall who")
    await ops.order(ops.olga, "/logs errors", "logs errors")
    await ops.order(ops.vera, "/ops help", "you are viewer here and may use")
    unsafe = await ops.order(ops.alice, "/redis flushall", "is not offered", "safer: ")
    assert "cache clear" in unsafe.labels

    assert "needs the role responder" in await ops.press(ops.vera, inspected, "queue list")
    await ops.press(ops.olga, inspected, "queue list")
    assert (await sees(ops.room, "✅ queue list · Olga")).reply_to == inspected.id


async def test_the_trail_is_verified_and_exported_to_whoever_asked_alone(ops: Scene) -> None:
    await ops.order(ops.alice, "/audit verify", "lines are whole")
    ops.room.text(ops.alice, "/audit export since=1d")
    private = ops.telegram.private(ops.alice)
    await sees(private, "audit export")
    assert await eventually(lambda: any(one.file_name.endswith(".jsonl") for one in private.from_bot))
    assert not [one for one in ops.room.from_bot if one.file is not None]


async def test_maintenance_begins_after_a_press_and_ends_at_once(ops: Scene) -> None:
    plan = await ops.order(
        ops.olga, '/maintenance on reason="new <b> @DeckBot disks" for=30m', "maintenance (soft) for 30 min", "confirm"
    )
    assert plan.labels == ["Confirm", "Cancel"]
    assert plan.mentions == []

    assert "Only whoever asked" in await ops.press(ops.vera, plan, "Confirm")
    await ops.press(ops.olga, plan, "Confirm")
    assert await eventually(lambda: "✅ maintenance on" in plan.text)
    await ops.order(ops.vera, "/maintenance status", "disks")
    await ops.order(ops.olga, "/maintenance off", "maintenance off · Olga")

    plan = await ops.order(ops.olga, "/maintenance on reason=perhaps", "confirm until")
    await ops.press(ops.olga, plan, "Cancel")
    assert await eventually(lambda: "It was cancelled." in plan.text and not plan.labels)


async def test_a_job_that_waits_is_drained_with_progress_in_one_message(ops: Scene) -> None:
    ops.product.may_work.clear()
    player = ops.telegram.private(ops.stranger)
    player.photo(ops.stranger, picture(SIXTY))
    await sees(player, "yours is next")

    drained = await ops.order(ops.olga, "/queue drain 5m", "⏳ queue drain")
    ops.product.may_work.set()
    assert await eventually(lambda: "✅ queue drain" in drained.text)
    assert len(ops.room.from_bot) == 1


async def test_a_bot_that_ends_in_the_middle_of_a_request_tells_what_became_of_it(ops: Scene) -> None:
    ops.product.may_work.clear()
    player = ops.telegram.private(ops.stranger)
    player.photo(ops.stranger, picture(SIXTY))
    await sees(player, "yours is next")
    drained = await ops.order(ops.olga, "/queue drain 5m", "⏳ queue drain")

    await ops.product.stop()
    ops.product.may_work.set()
    await ops.product.start()

    assert await eventually(lambda: "queue drain" in drained.text and not drained.text.startswith("⏳"))
    assert len(ops.room.from_bot) == 1
