"""Groups, topics and channels: who is answered, and where."""

import pytest

from tests.bot.features import covers
from tests.bot.telegram.product import Product
from tests.bot.telegram.seeing import hears, sees, sees_no_more
from tests.fakes.pictures import picture
from tests.fakes.telegram_rooms import Player, Room
from tests.fakes.telegram_server import TelegramServer
from tests.processes import eventually

SIXTY = ((4, "Opt"), (56, "Island"))


async def nothing_comes(room: Room, anna: Player, private: Room) -> None:
    """What was sent before is not answered by the time when something else is."""
    private.text(anna, "hello")
    await sees(private, "send a screenshot")
    assert room.from_bot == []


@covers("in a group", "in reply")
async def test_a_command_in_reply_to_a_picture_reads_it(
    product: Product, telegram: TelegramServer, anna: Player, bert: Player
) -> None:
    group = telegram.group()
    photo = group.photo(bert, picture(SIXTY))
    command = group.text(anna, "/deck@DeckBot", reply_to=photo)
    shown = await sees(group, "60 main")
    assert shown.reply_to == command
    assert "message_thread_id" not in shown.raw


async def test_a_command_in_the_caption(product: Product, telegram: TelegramServer, anna: Player) -> None:
    group = telegram.group()
    group.photo(anna, picture(SIXTY), caption="/deck my best one")
    await sees(group, "60 main")


async def test_a_command_for_another_bot_and_idle_pictures_are_left_alone(
    product: Product, telegram: TelegramServer, anna: Player, room: Room
) -> None:
    group = telegram.group(privacy=False)
    photo = group.photo(anna, picture(SIXTY))
    group.text(anna, "/deck@OtherBot", reply_to=photo)
    group.text(anna, "nice deck")
    group.album(anna, [picture(SIXTY), picture(((15, "Negate"),))])
    group.text(anna, "/ban somebody")
    await nothing_comes(group, anna, room)


async def test_a_picture_in_reply_to_the_bot_and_one_that_names_it(
    product: Product, telegram: TelegramServer, anna: Player
) -> None:
    group = telegram.group(privacy=False)
    group.text(anna, "/help")
    helped = await sees(group, "/deck")
    group.photo(anna, picture(SIXTY), reply_to=helped.id)
    await sees(group, "60 main")
    group.photo(anna, picture(((40, "Island"),)), caption="@DeckBot please")
    await sees(group, "40 main")
    group.text(anna, "thanks!", reply_to=helped.id)
    group.text(anna, "/help")
    await sees(group, "/deck", count=2)
    assert len(group.from_bot) == 4


async def test_a_command_for_one_picture_of_an_album_reads_all_that_were_seen(
    product: Product, telegram: TelegramServer, anna: Player, bert: Player
) -> None:
    group = telegram.group(privacy=False)
    first, *_ = group.album(bert, [picture(SIXTY), picture(((15, "Negate"),))])
    group.text(anna, "/deck", reply_to=first)
    await sees(group, "60 main, 15 sideboard")


async def test_an_album_whose_caption_asks(product: Product, telegram: TelegramServer, anna: Player) -> None:
    group = telegram.group(privacy=False)
    group.album(anna, [picture(SIXTY), picture(((15, "Negate"),))], caption="/deck")
    await sees(group, "60 main, 15 sideboard")
    assert len(group.from_bot) == 1


async def test_a_list_after_the_command_and_one_in_the_message_that_it_answers(
    product: Product, telegram: TelegramServer, anna: Player, bert: Player
) -> None:
    group = telegram.group()
    group.text(anna, "/deck@DeckBot\n4 Opt\n4 Negate\n4 Ponder\n30 Island")
    await sees(group, "42 main")
    pasted = group.text(bert, "4 Opt\n4 Negate\n4 Ponder\n31 Island")
    group.text(anna, "/deck", reply_to=pasted)
    await sees(group, "43 main")


async def test_a_topic_is_answered_in_that_topic(product: Product, telegram: TelegramServer, anna: Player) -> None:
    forum = telegram.group(is_forum=True)
    photo = forum.photo(anna, picture(SIXTY), thread=42)
    forum.text(anna, "/deck@DeckBot", reply_to=photo, thread=42)
    shown = await sees(forum, "60 main")
    assert shown.raw["message_thread_id"] == 42
    forum.press(anna, shown, "Fix a line")
    panel = await sees(forum, "which line")
    assert panel.raw["message_thread_id"] == 42


@covers("unasked")
@pytest.mark.parametrize("kind", ["supergroup", "channel"])
async def test_a_watched_chat_is_read_without_being_asked(
    stopped: Product, telegram: TelegramServer, anna: Player, kind: str
) -> None:
    chat = telegram.group(7, kind=kind, privacy=False)
    stopped.settings = stopped.settings.model_copy(update={"telegram_watched_chats": frozenset({chat.id})})
    await stopped.start()
    who = None if kind == "channel" else anna

    chat.text(who, "hello all")
    chat.document(who, b"%PDF-1.7 ...", "rules.pdf", "application/pdf")
    chat.photo(who, picture(SIXTY))
    await sees(chat, "60 main")
    chat.text(who, "4 Opt\n4 Negate\n4 Ponder\n31 Island")
    await sees(chat, "43 main")
    assert len(chat.from_bot) == 2


async def test_an_album_in_a_watched_group_is_one_deck(
    stopped: Product, telegram: TelegramServer, anna: Player
) -> None:
    group = telegram.group(7, privacy=False)
    stopped.settings = stopped.settings.model_copy(update={"telegram_watched_chats": frozenset({group.id})})
    await stopped.start()
    group.album(anna, [picture(SIXTY), picture(((15, "Negate"),))])
    await sees(group, "60 main, 15 sideboard")
    assert len(group.from_bot) == 1


async def test_a_post_of_a_channel_and_its_admins(
    product: Product, telegram: TelegramServer, anna: Player, bert: Player
) -> None:
    channel = telegram.group(3, kind="channel", admins={anna.id})
    channel.photo(None, picture(SIXTY))
    channel.photo(None, picture(SIXTY), caption="/deck")
    shown = await sees(channel, "60 main")
    assert len(channel.from_bot) == 1
    channel.press(anna, shown, "Swap")
    await sees(channel, "60 sideboard")
    query = channel.press(bert, shown, "Delete")
    assert "only who sent" in (await hears(channel, query)).lower()
    own = telegram.private(bert)
    channel.press(bert, channel.said[shown.id], "Copy as")
    assert await eventually(lambda: "MTG Arena" in channel.said[shown.id].labels)
    channel.press(bert, channel.said[shown.id], "MTG Arena")
    await sees(own, "arena")
    assert len(channel.from_bot) == 1


async def test_an_anonymous_admin_owns_what_the_group_posts(
    product: Product, telegram: TelegramServer, anna: Player, bert: Player
) -> None:
    group = telegram.group(admins={anna.id})
    group.photo(anna, picture(SIXTY), caption="/deck", anonymous=True)
    shown = await sees(group, "60 main")
    query = group.press(bert, shown, "Swap")
    assert "only who sent" in (await hears(group, query)).lower()
    group.press(anna, shown, "Swap")
    await sees(group, "60 sideboard")


@covers("strangers")
async def test_strangers_may_copy_and_nothing_else(
    product: Product, telegram: TelegramServer, anna: Player, bert: Player
) -> None:
    group = telegram.group()
    group.photo(anna, picture(SIXTY), caption="/deck")
    shown = await sees(group, "60 main")
    for label in ("Fix", "Swap", "Merge", "Delete"):
        query = group.press(bert, shown, label)
        assert "only who sent" in (await hears(group, query)).lower()
    group.press(bert, shown, "Copy as")
    assert await eventually(lambda: "Moxfield" in " ".join(group.said[shown.id].labels))
    group.press(bert, group.said[shown.id], "Moxfield")
    copied = await sees(group, "moxfield")
    assert "56 Island" in copied.block
    assert await eventually(lambda: "Fix a line" in group.said[shown.id].labels)


async def test_a_panel_belongs_to_who_opened_it(
    product: Product, telegram: TelegramServer, anna: Player, bert: Player
) -> None:
    group = telegram.group()
    group.photo(anna, picture(SIXTY), caption="/deck")
    shown = await sees(group, "60 main")
    group.press(anna, shown, "Fix a line")
    panel = await sees(group, "which line")
    query = group.press(bert, panel, "Close")
    assert "somebody else" in (await hears(group, query)).lower()
    group.press(anna, panel, "Close")
    await sees_no_more(group, panel)


async def test_an_admin_may_delete_what_others_asked_for(
    product: Product, telegram: TelegramServer, anna: Player, bert: Player
) -> None:
    group = telegram.group(admins={bert.id})
    group.photo(anna, picture(SIXTY), caption="/deck")
    shown = await sees(group, "60 main")
    group.press(bert, shown, "Delete")
    sure = await sees(group, "delete this deck")
    group.press(bert, sure, "Yes")
    await sees_no_more(group, shown)
    await sees_no_more(group, sure)


async def test_personal_commands_are_answered_in_private(
    product: Product, telegram: TelegramServer, anna: Player, room: Room
) -> None:
    group = telegram.group()
    group.text(anna, "/preferences@DeckBot")
    await sees(room, "format: mtg arena")
    assert group.from_bot == []


async def test_who_has_not_started_the_bot_is_told_how(
    product: Product, telegram: TelegramServer, bert: Player
) -> None:
    group = telegram.group()
    group.text(bert, "/history@DeckBot")
    line = await sees(group, "bert, this is for you alone")
    assert "t.me/DeckBot" in line.text


@covers("private answers")
async def test_who_prefers_private_answers_gets_them(
    product: Product, telegram: TelegramServer, anna: Player, bert: Player, room: Room
) -> None:
    room.text(anna, "/preferences")
    panel = await sees(room, "for all to see")
    room.press(anna, panel, "privately")
    await sees(room, "for you alone")
    group = telegram.group()
    group.photo(anna, picture(SIXTY), caption="/deck")
    await sees(room, "60 main")
    assert group.from_bot == []


async def test_a_private_answer_waits_for_the_person_to_start_the_bot(
    product: Product, telegram: TelegramServer, anna: Player, room: Room
) -> None:
    room.text(anna, "/preferences")
    room.press(anna, await sees(room, "for all to see"), "privately")
    await sees(room, "for you alone")
    room.is_blocked = True
    product.may_work.clear()
    group = telegram.group()
    group.photo(anna, picture(SIXTY), caption="/deck")
    line = await sees(group, "this is for you alone")
    room.is_blocked = False
    product.may_work.set()
    await sees(room, "60 main")
    await sees_no_more(group, line)


@covers("no permission", "answered elsewhere")
async def test_a_group_where_the_bot_may_not_write_is_answered_in_private(
    product: Product, telegram: TelegramServer, anna: Player, room: Room
) -> None:
    group = telegram.group(can_write=False)
    group.photo(anna, picture(SIXTY), caption="/deck")
    await sees(room, "i may not send messages in “friday <night> & magic”")
    await sees(room, "60 main")


async def test_a_group_where_the_bot_may_send_no_files_says_so(
    product: Product, telegram: TelegramServer, anna: Player
) -> None:
    group = telegram.group(can_send_files=False)
    cards = ["Opt", "Negate", "Ponder", "Preordain", "Brainstorm", "Counterspell", "Duress", "Shock", "Fatal Push"]
    group.photo(anna, picture([(1, name) for name in cards], warnings=["long " * 30]), caption="/deck")
    shown = await sees(group, "9 main")
    group.press(anna, shown, "Copy as")
    assert await eventually(lambda: any("Cockatrice" in one for one in group.said[shown.id].labels))
    query = group.press(anna, group.said[shown.id], "Cockatrice")
    assert "i may not send files here" in (await hears(group, query)).lower()


async def test_a_group_that_became_a_supergroup_is_followed(
    product: Product, telegram: TelegramServer, anna: Player
) -> None:
    old, new = telegram.group(1, kind="group"), telegram.group(2)
    product.may_work.clear()
    old.photo(anna, picture(SIXTY), caption="/deck")
    await sees(old, "yours is next")
    old.migrated_to = new.id
    product.may_work.set()
    shown = await sees(new, "60 main")
    new.press(anna, shown, "Swap")
    assert (await sees(new, "60 sideboard")).id == shown.id
