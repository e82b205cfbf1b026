"""A player on the page: a picture in, a list out, corrections, commands, history."""

import asyncio
from datetime import timedelta

import pytest

from chatops.queueing import maintaining
from chatops.queueing.maintaining import Wish
from ocr_worker.cards import CardIndex
from storage.maintenance import Mode
from tests.bot.features import covers
from tests.bot.operator import operating
from tests.bot.web.conftest import House, Picture
from tests.fakes.deck_reader import FakeReader, grown, heic, landscape


@covers("picture")
async def test_a_picture_becomes_a_list_in_one_message(house: House, draw: Picture) -> None:
    ana = await house.guest()
    await ana.send(draw())

    shown = await ana.shows("16 main, 5 sideboard")
    assert "4 Lightning Bolt" in shown["block"]
    assert shown["sent"] == ["deck.png"]
    assert len(await ana.ask(f"/web/chats/{ana.about['chat']}")) == 1


@covers("several pictures")
async def test_two_pictures_are_one_deck(house: House, draw: Picture) -> None:
    ana = await house.guest()
    await ana.send(draw(((60, "Island"),), ()), draw(((15, "Negate"),), ()))
    await ana.shows("60 main, 15 sideboard")


@covers("pasted list")
async def test_a_pasted_list_is_converted(house: House) -> None:
    ana = await house.guest()
    await ana.send(text="4 Opt\n4 Shock\n2 Negate\n50 Island")
    await ana.shows("60 main")


@covers("any format")
async def test_any_format_and_a_corrected_line(house: House, draw: Picture) -> None:
    ana = await house.guest()
    await ana.send(draw(doubtful={"Opt": ("Shock",)}))
    shown = await ana.shows("1 line to check")

    panel = (await ana.press(shown, "Cockatrice"))["panel"]
    assert panel["files"] or panel["block"]
    assert (await ana.ask("/web/complete?what=card&typed=Lightning Bo"))[0] == "Lightning Bolt"


async def test_what_is_seen_is_told_as_it_happens(house: House, draw: Picture) -> None:
    ana = await house.guest()
    seen: list[str] = []

    async def watch() -> None:
        async for kind, data in ana.events():
            if kind == "hello":
                await ana.send(draw())
            elif kind == "message":
                seen.append(data["message"]["text"])
                if "16 main" in seen[-1]:
                    return

    async with asyncio.timeout(20):
        await watch()
    assert "16 main, 5 sideboard" in seen[-1]


async def test_commands_answer_in_the_language_of_the_browser(house: House) -> None:
    ana = house.browser()
    ana.about = await ana.post("/web/session", {}, Accept_Language="fr-FR,fr;q=0.9")
    assert ana.about["language"] == "fr"
    answer = await ana.post("/web/calls", {"name": "help"}, Accept_Language="fr-FR")
    assert "deck" in answer["panel"]["text"].lower()
    assert {one["name"] for one in ana.about["commands"]} >= {"history", "preferences", "forget", "help", "privacy"}


@covers("strangers")
async def test_nobody_sees_the_chat_of_another(house: House, draw: Picture) -> None:
    ana, ben = await house.guest(), await house.guest()
    await ana.send(draw())
    shown = await ana.shows("16 main")

    await ben.ask(f"/web/chats/{ana.about['chat']}", 403)
    await ben.ask(f"/web/messages/{shown['id']}", 404)
    refused = await ben.post("/web/presses", ana.pressing(shown, "Delete"))
    assert refused["notice"].startswith("Only who sent the picture")


@covers("inert names")
async def test_names_and_texts_stay_text(house: House, draw: Picture) -> None:
    hostile = "<img src=x onerror=alert(1)>.png"
    ana = await house.guest()
    await ana.send(draw(salt="<script>"), name=hostile)
    shown = await ana.shows("16 main")
    assert shown["sent"] == [hostile]


@covers("no picture")
async def test_what_is_no_picture_is_said_in_one_sentence(house: House) -> None:
    ana = await house.guest()
    assert (await ana.send(text="hello"))["notice"]
    assert (await ana.send(b"x", name="tune.mp3"))["notice"]
    assert await ana.send(b"\0\1\2 no picture", name="deck.png") == {}
    await ana.shows("no picture that can be read")


@covers("deck file")
async def test_a_deck_file_is_converted(house: House) -> None:
    ana = await house.guest()
    await ana.send(b"4 Opt\n56 Island\n", name="burn.txt")
    await ana.shows("60 main")


@covers("heic", "large")
async def test_a_phones_heic_and_a_large_picture_are_read(house: House, draw: Picture) -> None:
    ana = await house.guest()
    await ana.send(heic(), name="IMG_0001.HEIC")
    shown = await ana.shows("16 main, 5 sideboard")
    assert (await ana.press(shown, "Show picture"))["panel"]["files"]
    await ana.send(grown(draw(side=()), 19_900_000), name="poster.png")
    await ana.shows("16 main, all lines")


@covers("too large")
async def test_a_picture_too_large_is_refused_with_the_limit(house: House, draw: Picture) -> None:
    ana = await house.guest()
    refused = await ana.send(grown(draw(), 20_000_001), status=413)
    assert "20 MB" in refused["detail"]


@covers("no deck")
async def test_a_picture_without_a_deck(house: House) -> None:
    ana = await house.guest()
    await ana.send(landscape())
    await ana.shows("no decklist found in this picture")


@covers("retry")
async def test_a_failed_reading_can_be_tried_again(house: House, draw: Picture, reader: FakeReader) -> None:
    reader.failures = 3
    ana = await house.guest()
    await ana.send(draw())
    await ana.press(await ana.shows("took too long"), "Try again")
    await ana.shows("16 main")


@covers("progress", "cache")
async def test_the_message_tells_how_far_it_is_and_the_same_picture_is_read_once(
    house: House, draw: Picture, reader: FakeReader
) -> None:
    reader.gate.clear()
    ana = await house.guest()
    await ana.send(draw())
    async with asyncio.timeout(20):
        while "Reading the card names" not in str(await ana.ask(f"/web/chats/{ana.about['chat']}")):
            await asyncio.sleep(0.05)
    reader.gate.set()
    await ana.shows("16 main")
    await ana.send(draw())
    async with asyncio.timeout(20):
        while str(await ana.ask(f"/web/chats/{ana.about['chat']}")).count("16 main") < 2:
            await asyncio.sleep(0.05)
    assert reader.reads == 1


@covers("limit")
@pytest.mark.parametrize("limits", [{"pictures_per_hour": 1}])
async def test_a_limit_is_said_with_the_time_of_the_next_try(house: House, draw: Picture) -> None:
    ana = await house.guest()
    await ana.send(draw())
    await ana.shows("16 main")
    assert "the next one can be read in" in (await ana.send(draw(side=())))["notice"]


@covers("long list")
async def test_a_long_list_comes_as_a_file(house: House, draw: Picture, index: CardIndex) -> None:
    ana = await house.guest()
    names = [card.name for card in index.cards if " // " not in card.name][500:600]
    await ana.send(draw(tuple((1, name) for name in names), ()))
    shown = await ana.shows("100 main", "the list is in the file")
    assert shown["files"][0]["name"] == "deck.txt"


@covers("maintenance")
async def test_a_picture_is_kept_and_read_when_maintenance_is_over(house: House, draw: Picture) -> None:
    ana = await house.guest()
    async with operating(house.product.settings) as parts:
        await maintaining.begin(parts, Wish(Mode.SOFT, "a new disk", timedelta(minutes=30), "Olga"))
        await ana.send(draw())
        await ana.shows("your picture is kept and will be read then")
        await maintaining.end(parts)
        await ana.shows("16 main")


@covers("forget")
async def test_forgetting_takes_everything(house: House, draw: Picture) -> None:
    ana = await house.guest()
    await ana.send(draw())
    await ana.shows("16 main")
    panel = (await ana.post("/web/calls", {"name": "forget"}))["panel"]
    await ana.press({**panel, "chat": ana.about["chat"]}, panel["choices"][0][0]["label"])

    # The session belonged to them, too: whoever comes now is somebody new.
    await ana.ask(f"/web/chats/{ana.about['chat']}", 401)
    before = ana.about["chat"]
    assert (await ana.enter())["chat"] != before
    assert await ana.ask(f"/web/chats/{ana.about['chat']}") == []


async def test_a_form_that_is_damaged_is_said_in_one_sentence(house: House) -> None:
    anna = await house.guest()
    headers = {"X-CSRF-Token": anna.about["csrf"], "Origin": anna.base}
    for kind, body in (
        ("multipart/form-data", b"words"),
        ("multipart/form-data; boundary=x", b"words"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="\x04"\r\n\r\n1\r\n--x--\r\n',
        ),
    ):
        sent = anna.http.post(f"{anna.base}/web/posts", data=body, headers={**headers, "Content-Type": kind})
        async with sent as response:
            assert (response.status, (await response.json(content_type=None))["code"]) == (400, "bad_request")
