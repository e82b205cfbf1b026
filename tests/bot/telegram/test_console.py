"""The console as commands of Telegram: who is answered where, and whole conversations."""

from bot.conversation.commands import COMMANDS
from chatops.actions import registry
from tests.bot.telegram.operations import Scene
from tests.bot.telegram.seeing import sees
from tests.processes import eventually


def test_no_group_of_actions_has_the_name_of_a_players_command() -> None:
    assert not {one.name for one in COMMANDS} & {*registry().groups}


async def test_the_menus_of_the_console_are_those_of_its_chats_alone(ops: Scene) -> None:
    menus = ops.telegram.menus
    assert await eventually(lambda: ("chat 2001", "fr") in menus)
    for chat in (ops.room.id, 2001):
        names = [one["command"] for one in menus[f"chat {chat}", ""]]
        assert names[0] == "ops"
        assert {"access", "audit", "deck", "help"} <= set(names)
    assert {one["command"] for one in menus["all_group_chats", ""]} == {one.name for one in COMMANDS}

    assert ("chat 2004", "") not in menus
    ops.telegram.private(ops.vera).text(ops.vera, "/start")
    assert await eventually(lambda: ("chat 2004", "") in menus)
    assert "audit" not in {one["command"] for one in menus["chat 2004", ""]}, "of no use to a viewer"


async def test_an_action_is_answered_where_it_was_given(ops: Scene) -> None:
    await ops.order(ops.alice, "/audit verify", "✅ audit verify", "lines are whole")
    topic = await ops.order(ops.alice, "/audit@DeckBot verify", "lines are whole", thread=5)
    assert topic.raw["message_thread_id"] == 5
    private = ops.telegram.private(ops.alice)
    await ops.order(ops.alice, "/audit verify", "lines are whole", room=private)


async def test_mentions_and_replies_are_orders_too(ops: Scene) -> None:
    ops.room.privacy = False
    first = await ops.order(ops.alice, "@DeckBot audit verify", "lines are whole")
    await ops.order(ops.alice, "audit list n=1", "the last 1 lines", reply_to=first.id)


async def test_a_private_answer_comes_in_private(ops: Scene) -> None:
    ops.room.text(ops.alice, "/access whoami")
    await sees(ops.telegram.private(ops.alice), "you are Alice, admin in prod")
    ops.room.text(ops.vera, "/access whoami")
    await sees(ops.room, "Vera", "t.me/DeckBot")
    assert not [one for one in ops.room.from_bot if "viewer in prod" in one.text]


async def test_a_token_that_was_written_into_a_chat_is_deleted_at_once(ops: Scene) -> None:
    private = ops.telegram.private(ops.alice)
    looked_at = private.text(ops.alice, "/auth token_inspect eyJhbGciOiJ9.eyJzdWIiOiJ9.AAAAAAAA")
    await sees(private, "token=[not kept]", "this is no token")
    assert private.said[looked_at].is_deleted
    assert "eyJ" not in "".join(one.text for one in private.from_bot)


async def test_elsewhere_and_from_others_nothing_is_taken(ops: Scene) -> None:
    ops.lounge.text(ops.alice, "/audit verify")
    ops.lounge.text(ops.alice, "/audit@DeckBot verify")
    ops.room.text(ops.alice, "/ban somebody")
    stranger = ops.telegram.private(ops.stranger)
    stranger.text(ops.stranger, "/audit verify")
    await sees(stranger, "send me a picture here")

    refused = await ops.order(ops.stranger, "/audit verify", "you have no role here")
    assert len(ops.room.from_bot) == 1
    assert refused.labels == []
    assert ops.lounge.from_bot == []
    await ops.order(ops.olga, "/audit verify", "needs the role admin; you are operator")


async def test_members_of_a_group_have_its_role_as_telegram_confirms_it(ops: Scene) -> None:
    private = ops.telegram.private(ops.rita)
    ops.room.text(ops.rita, "/access whoami")
    await sees(private, "responder in prod")


async def test_what_is_not_whole_gets_buttons(ops: Scene) -> None:
    menu = await ops.order(ops.alice, "/ops", "access: ", "audit: ")
    await ops.press(ops.alice, menu, "audit")
    assert await eventually(lambda: "verify" in menu.labels)
    assert "Somebody else has opened this" in await ops.press(ops.bob, menu, "verify")
    await ops.press(ops.alice, menu, "verify")
    await sees(ops.room, "✅ audit verify")

    unknown = await ops.order(ops.alice, "/audot verify", "did you mean audit")
    assert "audit" in unknown.labels
    wrong = await ops.order(ops.alice, "/audit verfy", "did you mean verify?")
    assert "verify" in wrong.labels
    await ops.order(ops.alice, "/audit list n=900", "n: must be 1 to 100")


async def test_a_missing_argument_is_asked_for(ops: Scene) -> None:
    asked = await ops.order(ops.alice, "/access grant", "access grant needs user")
    assert {"Alice", "Bob", "Olga", "Vera"} <= set(asked.labels)
    await ops.press(ops.alice, asked, "Olga")
    assert await eventually(lambda: "needs role" in asked.text)
    await ops.press(ops.alice, asked, "responder")
    await sees(ops.room, "Olga becomes responder for 2 h")


async def test_a_typed_argument_is_asked_for_by_a_question(ops: Scene) -> None:
    asked = await ops.order(ops.alice, "/access revoke", "needs user")
    assert "Nothing was granted to Bob" in await ops.press(ops.alice, asked, "Bob")


async def test_a_grant_needs_the_phrase_and_a_second_person(ops: Scene) -> None:
    plan = await ops.order(ops.alice, "/access grant telegram:2666 operator", "becomes operator for 2 h")

    ops.room.text(ops.alice, "grant telegram:2666 staging", reply_to=plan.id)
    await sees(ops.room, "that is not the phrase")
    ops.room.text(ops.bob, "grant telegram:2666 prod", reply_to=plan.id)
    await sees(ops.room, "only whoever asked for it can confirm it")
    ops.room.text(ops.alice, "grant telegram:2666 prod", reply_to=plan.id)
    assert await eventually(lambda: "a second person must approve it" in plan.text)

    assert "This needs a second person" in await ops.press(ops.alice, plan, "Approve")
    await ops.press(ops.bob, plan, "Approve")
    assert await eventually(lambda: "is operator until" in plan.text)
    assert "Alice with Bob" in plan.text


async def test_the_phrase_can_be_given_to_a_question(ops: Scene) -> None:
    plan = await ops.order(ops.alice, "/access grant telegram:2666 operator", "becomes operator for 2 h")
    await ops.press(ops.alice, plan, "Type the phrase")
    question = await sees(ops.room, "type: grant telegram:2666 prod")
    ops.room.text(ops.alice, "grant telegram:2666 prod", reply_to=question.id)
    assert await eventually(lambda: "a second person must approve it" in plan.text)


async def test_what_telegram_tells_twice_runs_once_also_after_a_restart(ops: Scene) -> None:
    await ops.order(ops.alice, "/audit verify", "lines are whole")
    await ops.product.restart()
    ops.telegram.tell_again()
    await ops.order(ops.alice, '/audit list what="audit verify"', "the last 1 lines")
    assert len(ops.room.from_bot) == 2


async def test_a_secret_that_was_asked_for_does_not_stay_in_the_chat(ops: Scene) -> None:
    private = ops.telegram.private(ops.alice)
    panel = await ops.order(ops.alice, "/auth token-inspect", "needs token", room=private)
    private.press(ops.alice, panel, "Type token")
    question = await sees(private, "token: a token of the API", count=2)

    typed = private.text(ops.alice, "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ5In0.c2lnbmF0dXJl", reply_to=question.id)

    assert await eventually(lambda: private.said[typed].is_deleted)
    await sees(private, "❌ auth token-inspect")
    assert not [one for one in private.from_bot if "eyJ" in one.text]
