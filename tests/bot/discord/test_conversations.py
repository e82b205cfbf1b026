"""Actions that are used most, as whole conversations on Discord's wire."""

from datetime import timedelta

import pytest

from tests.bot.discord.operations import Scene
from tests.fakes.deck_reader import picture

pytestmark = pytest.mark.slow


async def test_reading_is_answered_by_the_commands_own_reply(ops: Scene) -> None:
    answer = await ops.operate(ops.vera, "queue inspect")
    await ops.says(answer, "✅ queue inspect · Vera", "No job waiting, which is normal")
    assert answer.seen_by is None
    await ops.says(await ops.operate(ops.vera, "metrics show"), "✅ metrics show")
    await ops.says(await ops.operate(ops.vera, "health check", service="workers"), "health check service=workers")
    await ops.says(await ops.operate(ops.rita, "logs errors"), "logs errors · discord:")
    await ops.says(await ops.operate(ops.vera, "oncall who"), "✅ oncall who")
    await ops.says(await ops.operate(ops.vera, "ops help"), "You are viewer here and may use")
    unsafe = await ops.operate(ops.alice, "redis flushall")
    await ops.says(unsafe, "is not offered", "Safer: ")
    assert "cache clear" in unsafe.labels


async def test_the_trail_is_verified_and_exported_to_whoever_asked_alone(ops: Scene) -> None:
    await ops.says(await ops.operate(ops.alice, "audit verify"), "lines are whole")
    exported = await ops.operate(ops.alice, "audit export")
    await ops.says(exported, "1 lines.")
    assert exported.seen_by == ops.alice.id
    [file] = exported.attachments
    assert file["filename"].endswith(".jsonl")


async def test_names_are_completed_for_those_who_may_use_them(ops: Scene) -> None:
    offered = await ops.discord.complete_action(ops.alice, ops.channel, "access grant", "user", "o")
    assert offered == ["Bob", "Olga"]
    assert await ops.discord.complete_action(ops.stranger, ops.channel, "access grant", "user", "o") == []
    assert await ops.discord.complete_action(ops.alice, ops.lounge, "access grant", "user", "o") == []


async def test_maintenance_begins_after_a_press_and_ends_at_once(ops: Scene) -> None:
    plan = await ops.operate(ops.olga, "maintenance on", reason="new <@&1> **disks**", **{"for": "30m"})
    await ops.says(plan, "🔶 maintenance on", "prod", "Maintenance (soft) for 30 min", "Confirm until")
    assert plan.labels == ["Confirm", "Cancel"]

    refused = await ops.discord.press(ops.vera, plan, "Confirm")
    await ops.says(await ops.discord.answer(refused), "Only whoever asked for it can confirm it.")
    await ops.discord.press(ops.olga, plan, "Confirm")
    await ops.says(plan, "✅ maintenance on", "Olga")
    await ops.says(await ops.operate(ops.vera, "maintenance status"), "new \\<@&1> \\*\\*disks\\*\\*")
    await ops.says(await ops.operate(ops.olga, "maintenance off"), "maintenance off · Olga")
    await ops.says(await ops.operate(ops.vera, "maintenance status"), "Maintenance is off")

    plan = await ops.operate(ops.olga, "maintenance on", reason="perhaps")
    await ops.discord.press(ops.olga, plan, "Cancel")
    await ops.says(plan, "It was cancelled.")
    assert plan.labels == []


async def test_what_nobody_confirms_runs_out(ops: Scene) -> None:
    plan = await ops.operate(ops.olga, "maintenance on", reason="perhaps")
    await ops.says(plan, "Confirm until")
    ops.product.clock.moved += timedelta(seconds=61)
    await ops.says(plan, "Nobody confirmed it in time.")


async def test_a_suggestion_is_pressed_by_whoever_may(ops: Scene) -> None:
    answer = await ops.operate(ops.vera, "queue inspect")
    await ops.says(answer, "✅ queue inspect")

    refused = await ops.discord.press(ops.vera, answer, "queue list")
    await ops.says(await ops.discord.answer(refused), "queue list needs the role responder; you are viewer.")
    for count in (2, 3):
        pressed = await ops.discord.press(ops.rita, answer, "queue list")
        await ops.discord.reply_in(ops.channel, "✅ queue list", count=count)
        await ops.discord.until(lambda shown=pressed.shown: all(one.is_deleted for one in shown()))


async def test_a_job_that_waits_is_drained_with_progress_in_one_message(ops: Scene) -> None:
    reader = ops.product.reader
    reader.gate.clear()  # type: ignore[attr-defined]
    player = ops.discord.player("pia")
    asked = await ops.discord.slash(player, ops.lounge, "deck", {"picture": ("deck.png", picture())})
    await ops.discord.shows(await ops.discord.answer(asked), "Reading")

    drained = await ops.operate(ops.olga, "queue drain")
    await ops.says(drained, "⏳ queue drain", "1")
    reader.gate.set()  # type: ignore[attr-defined]
    await ops.says(drained, "✅ queue drain", "drained")
    assert ops.discord.visible(ops.channel) == [drained]


async def test_a_bot_that_ends_in_the_middle_of_a_request_tells_what_became_of_it(ops: Scene) -> None:
    reader = ops.product.reader
    reader.gate.clear()  # type: ignore[attr-defined]
    player = ops.discord.player("pia")
    asked = await ops.discord.slash(player, ops.lounge, "deck", {"picture": ("deck.png", picture())})
    await ops.discord.shows(await ops.discord.answer(asked), "Reading")
    drained = await ops.operate(ops.olga, "queue drain")
    await ops.says(drained, "⏳ queue drain")

    await ops.product.stop()
    ops.product.clock.moved += timedelta(seconds=60)
    reader.gate.set()  # type: ignore[attr-defined]
    await ops.product.start()

    await ops.discord.until(lambda: not drained.content.startswith("⏳"), lambda: drained.content)
    assert "queue drain" in drained.content
    assert len(ops.discord.visible(ops.channel)) == 1
