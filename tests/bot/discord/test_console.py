"""The console as commands of Discord: who sees and may use them, and whole conversations."""

from bot.discord.console_commands import console_commands
from bot.services import open_services
from chatops import notices
from chatops.actions import registry
from chatops.model import Answer, Place, Suggestion
from config.clock import utcnow
from tests.bot.discord.operations import Scene
from tests.fakes.discord_rules import command_problems
from tests.fakes.discord_world import BOT


def test_all_actions_fit_into_discords_commands() -> None:
    commands = console_commands(registry())

    assert list(command_problems(commands)) == []
    told = {(one["name"].partition("--")[0], verb["name"]) for one in commands for verb in one["options"]}
    assert told == {(one.group, one.verb) for one in registry()}


async def test_the_commands_belong_to_the_server_of_the_console_and_are_shown_to_nobody_unasked(ops: Scene) -> None:
    commands = ops.discord.world.server_commands[ops.discord.guild]

    assert {one["name"] for one in commands} >= {"access", "audit"}
    assert {one["default_member_permissions"] for one in commands} == {"0"}
    assert not {"access", "audit"} & {one["name"] for one in ops.discord.world.commands}


async def test_the_commands_are_registered_once(ops: Scene) -> None:
    assert ops.discord.world.server_synced == 1
    await ops.product.restart()
    await ops.discord.gateway.wait()
    assert ops.discord.world.server_synced == 1


async def test_a_read_action_answers_with_the_commands_own_reply(ops: Scene) -> None:
    answer = await ops.operate(ops.alice, "audit verify")

    await ops.says(answer, "audit verify · Alice", "lines are whole")
    assert answer.seen_by is None
    assert ops.discord.visible(ops.channel) == [answer]


async def test_a_private_answer_is_seen_by_whoever_asked_alone(ops: Scene) -> None:
    answer = await ops.operate(ops.vera, "access whoami")

    await ops.says(answer, "You are Vera, viewer in prod.")
    assert answer.seen_by == ops.vera.id


async def test_a_role_of_the_server_is_a_role_here_where_the_policy_says_so(ops: Scene) -> None:
    answer = await ops.operate(ops.rita, "access whoami")

    await ops.says(answer, "responder in prod.")


async def test_in_a_thread_of_the_channel_it_answers_and_elsewhere_not(ops: Scene) -> None:
    await ops.says(await ops.operate(ops.alice, "audit verify", ops.thread), "lines are whole")

    refused = await ops.operate(ops.alice, "audit verify", ops.lounge)
    await ops.says(refused, "does not answer here")
    assert refused.seen_by == ops.alice.id
    assert ops.discord.visible(ops.lounge) == []


async def test_who_has_no_role_is_refused_whatever_the_server_lets_them_see(ops: Scene) -> None:
    owner = ops.discord.player("owner", is_moderator=True)
    for one in (ops.stranger, owner):
        refused = await ops.operate(one, "audit verify")
        await ops.says(refused, "You have no role here.")
        assert refused.seen_by == one.id
    await ops.says(await ops.operate(ops.olga, "audit verify"), "needs the role admin; you are operator")


async def test_what_discord_tells_twice_runs_once_also_after_a_restart(ops: Scene) -> None:
    given = await ops.given(ops.alice, "audit verify")
    await ops.discord.gateway.repeat_last()
    await ops.says(await ops.discord.answer(given), "lines are whole")
    before = len(ops.discord.visible(ops.channel))

    await ops.product.restart()
    await ops.discord.gateway.wait()
    await ops.discord.gateway.dispatch("INTERACTION_CREATE", given.payload())
    listed = await ops.operate(ops.alice, "audit list", what="audit verify")

    await ops.says(listed, "The last 1 lines")
    assert len(ops.discord.visible(ops.channel)) == before + 1


async def test_a_grant_needs_the_phrase_and_a_second_person(ops: Scene) -> None:
    plan = await ops.operate(ops.alice, "access grant", user=f"discord:{ops.stranger.id}", role="operator")
    await ops.says(plan, "becomes operator for 2 h", "prod")
    phrase = f"grant discord:{ops.stranger.id} prod"
    assert phrase in plan.content.replace("\\", "")

    other = await ops.discord.press(ops.bob, plan, "Type the phrase")
    await ops.discord.until(lambda: other.modal is not None)
    refused = await ops.discord.submit(other, phrase)
    await ops.says(await ops.discord.answer(refused), "Only whoever asked for it can confirm it.")

    form = await ops.discord.press(ops.alice, plan, "Type the phrase")
    await ops.discord.until(lambda: form.modal is not None)
    wrong = await ops.discord.submit(form, "something else")
    await ops.says(await ops.discord.answer(wrong), "That is not the phrase")
    form = await ops.discord.press(ops.alice, plan, "Type the phrase")
    await ops.discord.until(lambda: form.modal is not None)
    await ops.discord.submit(form, phrase)
    await ops.says(plan, "a second person must approve it")

    own = await ops.discord.press(ops.alice, plan, "Approve")
    await ops.says(await ops.discord.answer(own), "This needs a second person")
    await ops.discord.press(ops.bob, plan, "Approve")
    await ops.says(plan, "✅", "is operator until", "Alice with Bob")

    await ops.says(await ops.operate(ops.stranger, "access whoami"), "operator in prod")


async def test_a_private_answer_to_a_button_is_seen_by_whoever_pressed_alone(ops: Scene) -> None:
    asks = Answer("Somebody wants to know.", suggestions=(Suggestion("Who am I", "access whoami"),))
    async with open_services(ops.product.settings):
        await notices.say([Place("discord", str(ops.channel.id))], asks, origin="asks", now=utcnow())
    notice = await ops.discord.reply_in(ops.channel, "Somebody wants to know.")

    for who, role in ((ops.vera, "viewer"), (ops.olga, "operator")):
        pressed = await ops.discord.press(who, notice, "Who am I")
        answer = await ops.discord.answer(pressed)
        await ops.says(answer, f"{role} in prod.")
        assert answer.seen_by == who.id
    assert ops.discord.visible(ops.channel) == [notice]


async def test_orders_by_mention_are_those_of_commands(ops: Scene) -> None:
    said = await ops.discord.say(ops.alice, ops.channel, f"<@{BOT}> audit verify")
    answer = await ops.discord.reply_in(ops.channel, "audit verify · Alice")
    await ops.says(answer, "lines are whole")
    assert answer.reply_to == said.id
    await ops.discord.say(ops.alice, ops.thread, f"<@{BOT}> audit list what='audit verify'")
    await ops.discord.reply_in(ops.thread, "The last 1 lines.")


async def test_an_order_by_mention_needs_role_and_confirmation(ops: Scene) -> None:
    await ops.discord.say(ops.olga, ops.channel, f"<@{BOT}> audit verify")
    await ops.discord.reply_in(ops.channel, "needs the role admin; you are operator")

    await ops.discord.say(ops.alice, ops.channel, f"<@{BOT}> maintenance on reason='an upgrade'")
    plan = await ops.discord.reply_in(ops.channel, "Confirm until", count=2)
    refused = await ops.discord.press(ops.bob, plan, "Confirm")
    await ops.says(await ops.discord.answer(refused), "Only whoever asked for it can confirm it")
    await ops.discord.press(ops.alice, plan, "Confirm")
    await ops.says(plan, "✅ maintenance on")


async def test_an_order_by_mention_that_is_not_whole_gets_buttons(ops: Scene) -> None:
    await ops.discord.say(ops.alice, ops.channel, f"<@{BOT}> ops")
    await ops.discord.reply_in(ops.channel, "You may use these here")
    await ops.discord.say(ops.alice, ops.channel, f"<@{BOT}> audit verfy")
    menu = await ops.discord.reply_in(ops.channel, "did you mean verify?", count=2)
    await ops.discord.press(ops.alice, menu, "verify")
    await ops.discord.reply_in(ops.channel, "lines are whole", count=3)


async def test_elsewhere_a_mention_with_such_words_is_no_order(ops: Scene) -> None:
    await ops.discord.say(ops.alice, ops.lounge, f"<@{BOT}> audit verify")
    await ops.discord.until(lambda: bool(ops.discord.visible(ops.lounge)))
    assert "audit" not in "".join(one.content for one in ops.discord.visible(ops.lounge))
