"""A player on the page: a picture in, a list out, corrections, commands, history."""

import asyncio

from tests.bot.web.conftest import House, Picture


async def test_a_picture_becomes_a_list_in_one_message(house: House, draw: Picture) -> None:
    ana = await house.guest()
    await ana.send(draw())

    shown = await ana.shows("16 main, 5 sideboard")
    assert "4 Lightning Bolt" in shown["block"]
    assert shown["sent"] == ["deck.png"]
    assert len(await ana.ask(f"/web/chats/{ana.about['chat']}")) == 1


async def test_two_pictures_are_one_deck(house: House, draw: Picture) -> None:
    ana = await house.guest()
    await ana.send(draw(((60, "Island"),), ()), draw(((15, "Negate"),), ()))
    await ana.shows("60 main, 15 sideboard")


async def test_a_pasted_list_is_converted(house: House) -> None:
    ana = await house.guest()
    await ana.send(text="4 Opt\n4 Shock\n2 Negate\n50 Island")
    await ana.shows("60 main")


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


async def test_nobody_sees_the_chat_of_another(house: House, draw: Picture) -> None:
    ana, ben = await house.guest(), await house.guest()
    await ana.send(draw())
    shown = await ana.shows("16 main")

    await ben.ask(f"/web/chats/{ana.about['chat']}", 403)
    await ben.ask(f"/web/messages/{shown['id']}", 404)
    refused = await ben.post("/web/presses", ana.pressing(shown, "Delete"))
    assert refused["notice"].startswith("Only who sent the picture")


async def test_names_and_texts_stay_text(house: House, draw: Picture) -> None:
    hostile = "<img src=x onerror=alert(1)>.png"
    ana = await house.guest()
    await ana.send(draw(salt="<script>"), name=hostile)
    shown = await ana.shows("16 main")
    assert shown["sent"] == [hostile]


async def test_what_is_no_picture_is_said_in_one_sentence(house: House) -> None:
    ana = await house.guest()
    assert (await ana.send(text="hello"))["notice"]
    assert (await ana.send(b"x", name="tune.mp3"))["notice"]
    assert await ana.send(b"\0\1\2 no picture", name="deck.png") == {}
    await ana.shows("no picture that can be read")


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
