"""Commands and menus, in both languages."""

from bot.conversation.commands import COMMANDS
from tests.bot.features import covers
from tests.bot.telegram.product import Product
from tests.bot.telegram.seeing import hears, sees, sees_no_more
from tests.fakes.pictures import picture
from tests.fakes.telegram_rooms import Player, Room
from tests.fakes.telegram_server import TelegramServer
from tests.processes import eventually

SIXTY = ((4, "Opt"), (56, "Island"))


@covers("menu")
async def test_the_menus_are_set_in_both_languages(product: Product, telegram: TelegramServer) -> None:
    names = [command.name for command in COMMANDS]
    assert await eventually(lambda: len(telegram.menus) == 4)
    for scope in ("all_private_chats", "all_group_chats"):
        for language in ("", "fr"):
            assert [one["command"] for one in telegram.menus[scope, language]] == names
    french = {one["command"]: one["description"] for one in telegram.menus["all_private_chats", "fr"]}
    assert french["history"] == "Vos derniers decks"


@covers("help")
async def test_start_and_help_say_what_to_do(product: Product, room: Room, anna: Player) -> None:
    room.text(anna, "/start deeplink")
    await sees(room, "send me a picture here", "/forget")
    room.text(anna, "/help@DeckBot")
    await sees(room, "send me a picture here", count=2)
    room.text(anna, "/nonsense")
    await sees(room, "send me a picture here", count=3)


async def test_a_french_client_is_answered_in_french(product: Product, telegram: TelegramServer) -> None:
    chloe = Player(1003, "Chloé", "fr-CA")
    room = telegram.private(chloe)
    room.text(chloe, "/help")
    await sees(room, "envoyez-moi une image ici")
    room.photo(chloe, picture(SIXTY))
    shown = await sees(room, "60 deck, toutes les lignes sont sûres")
    room.press(chloe, shown, "Corriger")
    await sees(room, "quelle ligne faut-il changer")


@covers("history")
async def test_history_opens_a_deck_again(product: Product, room: Room, anna: Player) -> None:
    room.text(anna, "/history")
    await sees(room, "you have no decks here yet")
    room.document(anna, picture(SIXTY, doubtful={"Opt": ["Ponder"]}), "first.png", "image/png")
    await sees(room, "60 main")
    room.text(anna, "/history")
    panel = await sees(room, "your latest decks")
    await product.restart()
    room.press(anna, panel, "first.png")
    assert await eventually(lambda: "60 main" in panel.text)
    assert len(panel.labels) < 10
    room.press(anna, panel, "Copy as")
    assert await eventually(lambda: "Forge" in panel.labels)
    room.press(anna, panel, "Forge")
    assert await eventually(lambda: "forge" in room.last.text.lower() and room.last.id != panel.id)
    assert "60 main" in panel.text


@covers("formats", "privacy")
async def test_formats_and_privacy(product: Product, room: Room, anna: Player) -> None:
    room.text(anna, "/formats")
    await sees(room, "arena: MTG Arena", "xmage")
    room.text(anna, "/privacy")
    await sees(room, "24 hours", "90 days", "/forget")


@covers("language", "preferred format", "set codes")
async def test_preferences_change_language_and_format(product: Product, room: Room, anna: Player) -> None:
    room.text(anna, "/preferences")
    panel = await sees(room, "format: mtg arena. language: english")
    room.press(anna, panel, "Write set codes")
    assert await eventually(lambda: "Lists: with set codes where the format has them" in panel.text)
    room.press(anna, panel, "Français")
    assert await eventually(lambda: "Langue : français" in panel.text)
    room.press(anna, panel, "Moxfield")
    assert await eventually(lambda: "Format : Moxfield" in panel.text)
    room.photo(anna, picture(SIXTY))
    assert "SIDEBOARD" not in (await sees(room, "60 deck")).block


@covers("forget")
async def test_forgetting_asks_first_and_erases_all(product: Product, room: Room, anna: Player) -> None:
    room.photo(anna, picture(SIXTY))
    shown = await sees(room, "60 main")
    room.text(anna, "/forget")
    sure = await sees(room, "forget you")
    query = room.press(anna, sure, "No, keep")
    assert await hears(room, query) == "Nothing was changed."
    await sees_no_more(room, sure)
    room.text(anna, "/forget")
    query = room.press(anna, await sees(room, "forget you"), "Yes, forget me")
    assert await hears(room, query) == "Everything about you is erased."
    query = room.press(anna, shown, "Swap")
    assert "no longer kept" in await hears(room, query)
    room.text(anna, "/history")
    await sees(room, "you have no decks here yet")


@covers("fix")
async def test_fix_by_typing(product: Product, room: Room, anna: Player) -> None:
    room.text(anna, "/fix")
    await sees(room, "you have no decks here yet")
    room.photo(anna, picture(SIXTY))
    shown = await sees(room, "60 main")
    room.text(anna, "/fix opt = Ponder")
    assert await eventually(lambda: "4 Ponder" in shown.text)
    room.text(anna, "/fix Island")
    await sees(room, "56 Island (main deck)")
    room.text(anna, "/fix")
    panel = await sees(room, "which line", count=2)
    room.press(anna, panel, "Ponder")
    await sees(room, "4 Ponder (main deck)")
