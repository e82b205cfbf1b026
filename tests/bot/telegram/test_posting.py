"""What people post, and what they get for it."""

import pytest

from bot.commands.demo import SAMPLE
from ocr_worker.cards import CardIndex
from ocr_worker.pipeline import Reader
from tests.bot.features import covers
from tests.bot.telegram.product import Product
from tests.bot.telegram.seeing import sees
from tests.fakes.deck_reader import heic
from tests.fakes.pictures import RealReader, picture
from tests.fakes.telegram_rooms import Player, Room
from tests.processes import eventually

SIXTY = ((4, "Opt"), (4, "Fire // Ice"), (52, "Island"))


@covers("picture", "progress")
async def test_a_photo_becomes_a_deck_in_one_message_in_reply(product: Product, room: Room, anna: Player) -> None:
    product.may_work.clear()
    photo = room.photo(anna, picture(SIXTY, ((2, "Negate"),)))
    waiting = await sees(room, "yours is next")
    assert waiting.reply_to == photo
    product.may_work.set()
    shown = await sees(room, "60 main, 2 sideboard")
    assert shown.id == waiting.id
    assert shown.block.splitlines()[:4] == ["Deck", "4 Opt", "4 Fire // Ice", "52 Island"]
    assert len(room.from_bot) == 1
    assert await eventually(lambda: product.server.count("sendChatAction") > 0)


async def test_a_picture_sent_as_a_file_keeps_its_name(product: Product, room: Room, anna: Player) -> None:
    room.document(anna, picture(SIXTY), "my deck.png", "image/png")
    shown = await sees(room, "60 main")
    assert "Copy as" in shown.labels[0]


@covers("several pictures")
async def test_an_album_is_one_deck_and_one_reply(product: Product, room: Room, anna: Player) -> None:
    side = picture(((15, "Negate"),))
    first, *_ = room.album(anna, [picture(SIXTY), side])
    shown = await sees(room, "60 main, 15 sideboard")
    assert shown.reply_to == first
    assert len(room.from_bot) == 1


async def test_an_album_that_a_restart_cuts_is_whole(product: Product, room: Room, anna: Player) -> None:
    group = "13579"
    room.photo(anna, picture(SIXTY), album=group)
    assert await eventually(lambda: not product.server.updates)
    await product.kill()
    room.photo(anna, picture(((15, "Negate"),)), album=group)
    await product.start()
    await sees(room, "60 main, 15 sideboard")
    assert len(room.from_bot) == 1


async def test_a_late_picture_of_an_album_joins_its_reply(product: Product, room: Room, anna: Player) -> None:
    group = "24680"
    room.photo(anna, picture(SIXTY), album=group)
    first = await sees(room, "60 main")
    room.photo(anna, picture(((15, "Negate"),)), album=group)
    shown = await sees(room, "60 main, 15 sideboard")
    assert shown.id == first.id
    assert len(room.from_bot) == 1


@covers("forwarded")
async def test_a_forwarded_picture_is_read(product: Product, room: Room, anna: Player, bert: Player) -> None:
    origin = {"type": "user", "sender_user": bert.as_json(), "date": 1700000000}
    room.photo(anna, picture(SIXTY), forward_origin=origin)
    await sees(room, "60 main")


@covers("pasted list")
async def test_a_pasted_list_is_a_deck_without_a_picture(product: Product, room: Room, anna: Player) -> None:
    room.text(anna, "4 Opt\n4 Fire // Ice\n20 Island\n4 Negate\n\nSideboard\n2 Negate")
    shown = await sees(room, "32 main, 2 sideboard")
    assert "20 Island" in shown.block
    assert product.reader.read_pictures == 0


@covers("deck file")
async def test_a_deck_file_is_a_deck(product: Product, room: Room, anna: Player) -> None:
    room.document(anna, b"4 Opt\n56 Island\n", "burn.txt", "text/plain")
    shown = await sees(room, "60 main")
    assert "56 Island" in shown.block


@covers("no picture")
async def test_what_is_no_picture_is_said_to_be_none(product: Product, room: Room, anna: Player) -> None:
    room.document(anna, b"%PDF-1.7 ...", "rules.pdf", "application/pdf")
    await sees(room, "no picture and no decklist")
    room.document(anna, b"%PDF-1.7 ...", "rules.png", "image/png")
    assert not product.is_over


async def test_idle_words_are_answered_with_what_to_send(product: Product, room: Room, anna: Player) -> None:
    room.text(anna, "hello there")
    await sees(room, "send a screenshot")


@covers("too large")
async def test_a_file_too_large_is_refused_before_it_is_fetched(product: Product, room: Room, anna: Player) -> None:
    room.document(anna, picture(SIXTY), "poster.png", "image/png", size=33_000_000)
    await sees(room, "too large (33 MB, 20 MB is the most)")
    assert product.server.downloads == []


async def test_a_file_that_turns_out_too_large_is_told(product: Product, room: Room, anna: Player) -> None:
    large = picture(SIXTY) + b" " * 20_000_001
    room.document(anna, large, "poster.png", "image/png", size=1000)
    await sees(room, "too large (20 MB is the most)")


@pytest.mark.parametrize("media_type", ["image/heic", ""])
@covers("heic")
async def test_a_phones_heic_picture_as_a_file_is_read(
    product: Product, room: Room, anna: Player, media_type: str
) -> None:
    room.document(anna, heic() + picture(SIXTY), "IMG_0001.HEIC", media_type)
    await sees(room, "60 main")


@covers("large")
async def test_a_large_picture_within_the_limit_is_read(product: Product, room: Room, anna: Player) -> None:
    room.document(anna, bytes(19_900_000).join([b"\x89PNG\r\n\x1a\n", picture(SIXTY)]), "poster.png", "image/png")
    await sees(room, "60 main")


async def test_one_picture_too_large_among_several_is_told(product: Product, room: Room, anna: Player) -> None:
    room.document(anna, picture(SIXTY), "deck.png", "image/png", album="77")
    room.document(anna, picture(SIXTY), "poster.png", "image/png", size=20_000_001, album="77")
    await sees(room, "too large (21 MB, 20 MB is the most)")
    assert product.server.downloads == []


@covers("no deck")
async def test_a_picture_without_a_deck(product: Product, room: Room, anna: Player) -> None:
    room.photo(anna, picture(refused="no_deck"))
    await sees(room, "no decklist found")


@covers("retry")
async def test_a_failed_reading_can_be_tried_again(product: Product, room: Room, anna: Player) -> None:
    room.photo(anna, picture(SIXTY, fails=3))
    failed = await sees(room, "took too long")
    room.press(anna, failed, "Try again")
    assert (await sees(room, "60 main")).id == failed.id


@covers("cache")
async def test_the_same_picture_again_comes_from_the_cache(product: Product, room: Room, anna: Player) -> None:
    room.photo(anna, picture(SIXTY))
    await sees(room, "60 main")
    second = room.photo(anna, picture(SIXTY))
    await sees(room, "60 main", count=2)
    assert room.last.reply_to == second
    assert product.reader.read_pictures == 1


@covers("limit")
async def test_a_limit_is_said_with_the_time_of_the_next_try(stopped: Product, room: Room, anna: Player) -> None:
    stopped.settings = stopped.settings.model_copy(update={"pictures_per_hour": 2})
    await stopped.start()
    for number in range(3):
        room.photo(anna, picture(((60 + number, "Island"),)))
        await sees(room, f"{60 + number} main" if number < 2 else "limit of pictures for an hour (2)")
    assert "in 60 minutes" in room.last.text or "in 59 minutes" in room.last.text


@covers("inert names")
async def test_names_with_marks_are_shown_as_they_are(product: Product, room: Room, anna: Player) -> None:
    shown = picture(((1, "Minsc & Boo, Timeless Heroes"), (59, "Island")), warnings=["<b>@everyone</b> & </pre> @abc"])
    room.document(anna, shown, "<b>&amp;@everyone.png", "image/png")
    said = await sees(room, "60 main")
    assert "Minsc & Boo, Timeless Heroes" in said.block
    assert "<b>@" in said.text
    assert "& </pre>" in said.text
    assert said.mentions == []


@covers("long list")
async def test_a_long_list_comes_as_a_file_below_its_message(
    product: Product, room: Room, anna: Player, index: CardIndex
) -> None:
    names = [card.name for card in index.cards if " // " not in card.name]
    room.photo(anna, picture([(1, name) for name in names[1000:1100]], ((1, "Negate"),)))
    main = await sees(room, "the list is in the file")
    assert await eventually(lambda: room.last.file is not None)
    file = room.last
    assert file.reply_to == main.id
    assert file.file is not None
    assert len(file.file.splitlines()) > 100
    room.press(anna, main, "Swap")
    assert await eventually(lambda: room.said[file.id].is_deleted)
    assert await eventually(lambda: room.last.file is not None and room.last.id != file.id)
    assert len(room.from_bot) == 2


@covers("edited")
async def test_an_edited_message_with_another_picture_is_read_into_the_same_reply(
    product: Product, room: Room, anna: Player
) -> None:
    photo = room.photo(anna, picture(SIXTY))
    first = await sees(room, "60 main")
    room.edit(anna, photo, caption="my deck")
    room.edit_photo(anna, photo, picture(((40, "Island"),)))
    second = await sees(room, "40 main")
    assert second.id == first.id
    assert len(room.from_bot) == 1


async def test_a_redelivered_update_is_taken_once(product: Product, room: Room, anna: Player) -> None:
    room.photo(anna, picture(SIXTY))
    await sees(room, "60 main")
    assert await eventually(lambda: bool(product.server.updates_told))
    product.server.tell_again()
    await product.restart()
    product.server.tell_again()
    room.text(anna, "hello")
    await sees(room, "send a screenshot")
    assert len(room.from_bot) == 2


async def test_the_real_reader_reads_the_sample(product: Product, room: Room, anna: Player, reader: Reader) -> None:
    product.reader = RealReader(reader)
    room.photo(anna, SAMPLE.read_bytes())
    said = await sees(room, "60 main", within_s=120)
    assert said.block
