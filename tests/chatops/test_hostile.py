"""Hostile words for any argument of any action: refused with a sentence or shown as letters, never a fault."""

import pytest

from bot.conversation.operations.showing import request_reply, sentence_reply
from bot.discord.components import Surface
from bot.discord.rendering import render
from bot.telegram.callbacks import Holder
from bot.telegram.rendering import rendered
from chatops.actions import registry
from chatops.model import Answer
from storage import outbox, requests
from storage.requests import SUBJECT, Stage
from tests.bot.conversation.test_hostile import MARK, MENTION, turns_or_hides
from tests.chatops.acting import Ops
from tests.chatops.everything import FAULT, Told, arguments, everything, faults, ordered, wait_for
from tests.fakes.telegram_formats import mentions, parse_html

HOSTILE = (
    "@everyone <@123456789012345678> **x** `y` </pre><b> \u202eevil\u202c \x1b[2J \x00 @DeckBot",
    "'; DROP TABLE people; -- $(touch /tmp/owned) `id` ${HOME} {0.__class__} %s %n",
    "../../../../etc/passwd",
    "\n# heading\n> quote\n```\nend",
    "龍" * 500,
    "",
    "-1",
    "1e309",
    "9" * 400,
)


async def replies(told: Told, ops: Ops) -> list[object]:
    """What both platforms show of it."""
    if told.record is None:
        return [sentence_reply(answer_of(told))]
    [message] = await outbox.messages_of(SUBJECT, str(told.record.id))
    return [await request_reply(message, ops.console)]


def check(reply: object, name: str) -> None:
    """Nothing of it is more than letters."""
    on_discord = render(reply, Surface.DECK).content  # type: ignore[arg-type]
    before = on_discord.split("\n```\n")[0]
    assert not MENTION.search(before), (name, before)
    assert not MARK.search(before.replace("\n```", "")), (name, before)
    assert turns_or_hides(on_discord) == [], name
    read, entities = parse_html(rendered(reply, Holder()).text)  # type: ignore[arg-type]
    assert {one["type"] for one in entities} <= {"pre"}, name
    assert mentions(read, entities) == [], name


async def test_in_the_free_words_of_every_action(ops: Ops) -> None:
    told = await everything(ops, HOSTILE[0])

    assert list(faults(told)) == []
    for one in told:
        for reply in await replies(one, ops):
            check(reply, one.action.name)


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
async def test_in_any_other_argument(ops: Ops, words: str) -> None:
    """Each parameter by itself; whatever takes the words is planned or, where it only reads, read."""
    faulty, told = [], []
    for action in registry():
        for parameter in action.parameters:
            given = await arguments(action, ops, "because of the test") | {parameter.option: words}
            one = Told(action, await ordered(ops, action.name, given))
            if one.outcome.request is None:
                check(sentence_reply(answer_of(one)), action.name)
                faulty += [(action.name, parameter.option)] if FAULT in answer_of(one).text else []
            else:
                told.append((parameter.option, one.outcome.request.id, action.name))
                await requests.move(one.outcome.request.id, [Stage.PLANNED], Stage.CANCELLED, now=ops.now)
    await wait_for(ops, [request for _, request, _ in told])
    for option, request, name in told:
        record = await requests.request(request)
        faulty += [(name, option)] if FAULT in repr(record.answer) else []
    assert faulty == []


def answer_of(told: Told) -> Answer:
    answer = told.outcome.answer
    assert answer is not None
    assert not answer.ok, told.action.name
    assert 0 < len(answer.text) <= 600, (told.action.name, answer.text)
    return answer
