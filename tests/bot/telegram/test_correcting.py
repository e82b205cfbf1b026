"""What players do with a deck, by buttons and by answering questions; restarts come in between."""

import pytest

from bot.commands.demo import SAMPLE
from tests.bot.features import covers
from tests.bot.telegram.product import Product
from tests.bot.telegram.seeing import hears, sees, sees_no_more
from tests.fakes.pictures import picture
from tests.fakes.telegram_rooms import Player, Room, Said
from tests.fakes.telegram_server import TelegramServer
from tests.processes import eventually

DOUBTFUL = picture(((4, "Opt"), (56, "Island")), ((2, "Negate"),), doubtful={"Opt": ["Ponder", "Preordain"]})


async def deck(room: Room, anna: Player, data: bytes = DOUBTFUL) -> Said:
    """The message of a deck."""
    room.photo(anna, data)
    return await sees(room, "60 main")


async def line_panel(room: Room, anna: Player, shown: Said, name: str) -> Said:
    """The panel of a line."""
    room.press(anna, shown, "Fix a line")
    lines = await sees(room, "which line")
    room.press(anna, lines, name)
    assert await eventually(lambda: "Remove" in lines.labels or "Retirer" in lines.labels)
    return lines


@covers("doubts")
async def test_doubtful_lines_are_told_and_offered(product: Product, room: Room, anna: Player) -> None:
    shown = await deck(room, anna)
    assert "1 line to check" in shown.text
    assert "❓ 4 Opt, or: Ponder, Preordain" in shown.text
    room.press(anna, shown, "Lines to check")
    assert await eventually(lambda: "4 Opt" in shown.labels)
    room.press(anna, shown, "4 Opt")
    panel = await sees(room, "4 opt (main deck)")
    assert {"Ponder", "It is right", "Search a card", "3×", "To sideboard"} <= set(panel.labels)
    assert await eventually(lambda: "Fix a line" in shown.labels)


@covers("any format")
async def test_a_format_is_copied_beside_the_deck(product: Product, room: Room, anna: Player) -> None:
    shown = await deck(room, anna)
    room.press(anna, shown, "Copy as")
    assert await eventually(lambda: "Archidekt" in shown.labels)
    room.press(anna, shown, "Archidekt")
    copied = await sees(room, "archidekt", "4x opt")
    assert copied.reply_to == shown.id
    assert copied.labels == []
    room.press(anna, shown, "Copy as")
    assert await eventually(lambda: "Cockatrice" in shown.labels)
    room.press(anna, shown, "Cockatrice")
    assert await eventually(lambda: room.last.file_name.endswith(".cod"))
    room.press(anna, shown, "Copy as")
    assert await eventually(lambda: "‹" in shown.labels)
    room.press(anna, shown, "‹")
    assert await eventually(lambda: "Fix a line" in shown.labels)


@pytest.mark.parametrize(
    ("label", "result"),
    [
        ("Ponder", "4 Ponder"),
        ("3×", "3 Opt"),
        ("Remove", "56 main"),
        ("To sideboard", "56 main, 6 sideboard"),
        ("It is right", "all lines are certain"),
    ],
)
@covers("candidate", "right", "count", "move", "remove")
async def test_a_line_is_changed_by_one_button(
    product: Product, room: Room, anna: Player, label: str, result: str
) -> None:
    shown = await deck(room, anna)
    panel = await line_panel(room, anna, shown, "Opt")
    query = room.press(anna, panel, label)
    assert await hears(room, query) == "Changed."
    await sees(room, result)
    assert result in shown.text
    assert "corrected 1×" in shown.text
    assert len(room.from_bot) == 2
    room.press(anna, panel, "Close")
    await sees_no_more(room, panel)


@covers("once")
async def test_a_double_click_changes_once(product: Product, room: Room, anna: Player) -> None:
    shown = await deck(room, anna)
    data = shown.data_of("Swap")
    queries = [room.press_data(anna, shown, data) for _ in range(2)]
    remarks = {await hears(room, query) for query in queries}
    await sees(room, "2 main, 60 sideboard")
    assert "Changed." in remarks
    assert any("meanwhile" in one for one in remarks)
    product.server.tell_again()
    await product.restart()
    room.text(anna, "hello")
    await sees(room, "send a screenshot")
    assert "2 main, 60 sideboard" in shown.text


@covers("search")
async def test_a_card_is_searched_by_answering_a_question(product: Product, room: Room, anna: Player) -> None:
    shown = await deck(room, anna)
    panel = await line_panel(room, anna, shown, "Opt")
    await product.restart()
    room.press(anna, panel, "Search a card")
    question = await sees(room, "name of the card")
    await product.restart()
    room.text(anna, "%%%", reply_to=question.id)
    await sees(room, "anything like “%%%”")
    room.text(anna, "Brainstorm", reply_to=question.id)
    await sees_no_more(room, question)
    await sees(room, "which of these")
    await product.restart()
    room.press(anna, panel, "Brainstorm")
    await sees(room, "60 main", "4 Brainstorm")


@covers("add")
async def test_a_card_is_added(product: Product, room: Room, anna: Player) -> None:
    shown = await deck(room, anna)
    room.press(anna, shown, "Fix a line")
    panel = await sees(room, "which line")
    room.press(anna, panel, "Add a card")
    question = await sees(room, "name of the card")
    room.text(anna, "Duress", reply_to=question.id)
    assert await eventually(lambda: "Duress" in panel.labels)
    room.press(anna, panel, "Duress")
    await sees(room, "61 main", "1 Duress")
    await sees(room, "1 Duress (main deck)")


async def test_a_question_answered_by_somebody_else_is_no_answer(
    product: Product, telegram: TelegramServer, anna: Player, bert: Player
) -> None:
    group = telegram.group()
    group.photo(anna, DOUBTFUL, caption="/deck")
    panel = await line_panel(group, anna, await sees(group, "60 main"), "Opt")
    group.press(anna, panel, "Search a card")
    question = await sees(group, "anna, name of the card")
    group.text(bert, "Duress", reply_to=question.id)
    group.text(anna, "Brainstorm", reply_to=question.id)
    await sees_no_more(group, question)
    assert "Brainstorm" in panel.labels


@covers("swap", "undo")
async def test_swap_and_undo(product: Product, room: Room, anna: Player) -> None:
    shown = await deck(room, anna)
    room.press(anna, shown, "Swap")
    await sees(room, "2 main, 60 sideboard")
    await product.restart()
    room.press(anna, shown, "Undo")
    assert (await sees(room, "60 main, 2 sideboard")).id == shown.id


@covers("merge")
async def test_two_decks_are_merged(product: Product, room: Room, anna: Player) -> None:
    room.document(anna, picture(((60, "Island"),)), "main.png", "image/png")
    main = await sees(room, "60 main")
    room.document(anna, picture(((15, "Negate"),)), "side.png", "image/png")
    await sees(room, "15 main")
    room.press(anna, main, "Merge")
    which = await sees(room, "merge with which")
    room.press(anna, which, "side.png")
    assert (await sees(room, "60 main, 15 sideboard")).id == main.id
    await sees_no_more(room, which)


@covers("delete")
async def test_a_deck_is_deleted_only_after_a_question(product: Product, room: Room, anna: Player) -> None:
    shown = await deck(room, anna)
    room.press(anna, shown, "Delete")
    sure = await sees(room, "this cannot be undone")
    room.press(anna, sure, "keep")
    await sees_no_more(room, sure)
    room.press(anna, shown, "Delete")
    room.press(anna, await sees(room, "this cannot be undone"), "Yes")
    await sees_no_more(room, shown)
    query = room.press_data(anna, shown, (shown.versions and "swap.AAAAAAAAAAAAAAAAAAAAAA.0") or "")
    assert "no longer kept" in await hears(room, query)


@covers("show")
async def test_the_picture_is_shown_with_what_was_read(product: Product, room: Room, anna: Player) -> None:
    shown = await deck(room, anna, _RealPicture.of())
    room.press(anna, shown, "Show picture")
    assert await eventually(lambda: room.last.file is not None)
    assert room.last.file is not None
    assert room.last.file.startswith(b"\xff\xd8\xff")
    assert room.last.text == "What was read where:"


@covers("crop")
async def test_a_line_is_shown_with_its_piece_of_the_picture(product: Product, room: Room, anna: Player) -> None:
    shown = await deck(room, anna, _RealPicture.of())
    room.press(anna, shown, "Fix a line")
    lines = await sees(room, "which line")
    room.press(anna, lines, "Opt")
    await sees_no_more(room, lines)
    panel = await sees(room, "4 opt (main deck)")
    assert panel.file is not None
    assert "Ponder" in panel.labels
    room.press(anna, panel, "Back")
    await sees_no_more(room, panel)
    await sees(room, "which line")


@covers("old button")
async def test_old_buttons_and_those_of_nobody_are_answered(product: Product, room: Room, anna: Player) -> None:
    shown = await deck(room, anna)
    for data in ("nonsense", "fix", "swap.!!!", "~9m.AAAA", "~", "line.AAAAAAAAAAAAAAAAAAAAAA.x.m0|zz", "pick|-"):
        await hears(room, room.press_data(anna, shown, data))
    room.press(anna, shown, "Swap")
    await sees(room, "60 sideboard")


class _RealPicture:
    """A real picture that the fake reader reads as the usual deck."""

    @staticmethod
    def of() -> bytes:
        told = DOUBTFUL.replace(b'"doubtful"', b'"boxes": {"Opt": [10, 10, 300, 60]}, "doubtful"')
        return SAMPLE.read_bytes() + told
