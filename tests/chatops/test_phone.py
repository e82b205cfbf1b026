"""What actions answer fits a phone and every platform: tables as wide as a code block, long text in files."""

from rich.cells import cell_len

from bot.conversation.model import Reply
from bot.conversation.operations.showing import request_reply, sentence_reply
from bot.conversation.operations.tables import PHONE, drawn
from bot.discord.components import Surface
from bot.discord.limits import CONTENT
from bot.discord.rendering import length, render
from bot.telegram.callbacks import Holder
from bot.telegram.limits import TEXT
from bot.telegram.rendering import rendered
from chatops import answers
from chatops.model import Answer
from storage import outbox
from storage.requests import SUBJECT
from tests.chatops.acting import Ops
from tests.chatops.everything import Told, everything
from tests.fakes.telegram_formats import parse_html, units


async def reply_of(told: Told, ops: Ops) -> Reply | None:
    if told.record is None:
        return None
    [message] = await outbox.messages_of(SUBJECT, str(told.record.id))
    return await request_reply(message, ops.console)


async def test_every_answer_and_plan_fits(ops: Ops) -> None:
    tables = 0
    for one in await everything(ops, "because of the test"):
        reply = await reply_of(one, ops)
        if reply is None:
            continue
        shown = render(reply, Surface.DECK)
        assert length(shown.content) <= CONTENT, one.action.name
        assert all(file.name != "deck.txt" for file in shown.files), one.action.name
        assert sum(len(row) > 5 for row in reply.choices) == 0
        assert len(reply.choices) <= 5
        text, _ = parse_html(rendered(reply, Holder()).text)
        assert units(text) <= TEXT, one.action.name
        found = None if one.record is None or one.record.answer is None else answers.from_json(one.record.answer).table
        if found is not None:
            tables += 1
            assert max(cell_len(line) for line in drawn(found).splitlines()) <= PHONE, one.action.name
    assert tables > 15


def test_what_is_long_keeps_its_beginning_and_becomes_a_file() -> None:
    lines = tuple(f"{number}: a line of a log that is long enough" for number in range(200))

    reply = sentence_reply(Answer("200 lines.", log=lines))

    [file] = reply.files
    assert (file.name, file.data.decode().splitlines()) == ("answer.txt", list(lines))
    *kept, last = reply.block.splitlines()
    assert (tuple(kept), last) == (lines[: len(kept)], "…")
    assert 30 < len(kept) < 60
