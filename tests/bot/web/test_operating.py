"""The operations channel on the page: orders, confirmation, a second person, the dashboard."""

from tests.bot.web.conftest import House


async def test_players_have_no_operations_channel(house: House) -> None:
    ana = await house.guest()
    assert ana.about["role"] == ""
    await ana.ask("/web/chats/ops", 403)
    await ana.ask("/web/dashboard", 403)
    assert (await ana.post("/web/orders", {"text": "queue inspect"}, 403))["code"] == "forbidden"
    await ana.ask("/web/complete?what=order&typed=q", 403)


async def test_whoever_has_the_terminal_is_its_operator(house: House) -> None:
    operator = await house.named()
    assert (operator.about["user"], operator.about["role"]) == ("operator", "admin")
    await operator.order("/queue inspect")
    shown = await operator.shows("queue inspect", "terminal:operator", chat="ops")
    assert "ready" in shown["block"]


async def test_a_plan_is_confirmed_by_who_asked(house: House) -> None:
    alice, bob = await house.named("alice"), await house.named("bob")
    await alice.order("maintenance on reason=upgrade")
    plan = await bob.shows("maintenance on", "Confirm until", chat="ops")

    assert (await bob.press(plan, "Confirm"))["notice"]
    await alice.press(plan, "Confirm")
    await bob.shows("maintenance on", "✅", chat="ops")
    assert (await bob.ask("/web/dashboard"))["maintenance"] == {"mode": "soft", "reason": "upgrade"}


async def test_a_second_person_approves(house: House) -> None:
    alice, bob = await house.named("alice"), await house.named("bob")
    await alice.order("access grant user=Vera role=operator for=2h")
    plan = await alice.shows("To confirm", chat="ops")
    form = (await alice.press(plan, "Type"))["form"]
    phrase = form["prompt"].removeprefix("Type: ")
    await alice.post("/web/presses", {"chat": "ops", "token": form["token"], "values": {"text": phrase}})

    waiting = await bob.shows("a second person must approve", chat="ops")
    assert "second person" in (await alice.press(waiting, "Approve"))["notice"]
    await bob.press(waiting, "Approve")
    await bob.shows("Vera is operator until", chat="ops")


async def test_an_order_that_is_not_whole_is_asked_about(house: House) -> None:
    vera = await house.named("vera")
    assert "queue" in (await vera.order("help"))["panel"]["text"]
    assert "queue can:" in (await vera.order("queue"))["panel"]["text"]
    assert "queue" in (await vera.order("kueue inspect"))["panel"]["text"]
    assert "needs the role" in (await vera.order("maintenance on"))["notice"]


async def test_orders_are_completed_word_by_word(house: House) -> None:
    alice = await house.named("alice")
    assert "queue " in await alice.ask("/web/complete?what=order&typed=qu")
    assert "queue inspect " in await alice.ask("/web/complete?what=order&typed=queue ins")
    assert "access grant user=" in await alice.ask("/web/complete?what=order&typed=access grant us")
    assert "access grant user=Vera" in await alice.ask("/web/complete?what=order&typed=access grant user=Ve")


async def test_private_answers_are_for_whoever_asked(house: House) -> None:
    alice, bob = await house.named("alice"), await house.named("bob")
    await alice.order("access whoami")
    shown = await alice.shows("You are Alice", chat="ops")
    assert shown["private"]
    assert "You are Alice" not in str(await bob.ask("/web/chats/ops"))
    await bob.ask(f"/web/messages/{shown['id']}", 404)


async def test_files_of_an_answer_are_saved_by_whom_it_is_for_and_shown_to_nobody_else(house: House) -> None:
    alice, bob = await house.named("alice"), await house.named("bob")
    await alice.order("queue inspect")
    await alice.shows("queue inspect", "✅", chat="ops")
    await alice.order("audit export since=1h")
    shown = await alice.shows("lines", chat="ops")
    [file] = shown["files"]

    async with alice.http.get(house.base + file["url"]) as response:
        assert response.headers["Content-Disposition"].startswith('attachment; filename="audit-')
        assert response.content_type == "application/octet-stream"
        assert "queue inspect" in await response.text()
    await bob.ask(file["url"], 404)
    await alice.ask(file["url"].replace("/files/0", "/files/9"), 404)


async def test_messages_that_are_not_there_are_said_to_be_so(house: House) -> None:
    alice = await house.named("alice")
    for identity in ("nonsense", "00000000-0000-4000-8000-000000000000"):
        assert (await alice.ask(f"/web/messages/{identity}", 404))["code"] == "not_found"
