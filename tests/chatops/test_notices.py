"""What the console says unasked."""

from chatops import notices
from chatops.model import Answer, Place
from storage import outbox
from tests.chatops.acting import OPS, Ops
from tests.making import NOW


async def test_a_notice_is_said_once_in_each_place(ops: Ops) -> None:
    places = [OPS, notices.direct("telegram", "11")]
    made = await notices.say(places, Answer("Maintenance ends in 5 minutes."), origin="maintenance-1", now=NOW)
    again = await notices.say(places, Answer("Maintenance ends in 5 minutes."), origin="maintenance-1", now=NOW)

    assert (len(made), again) == (2, [])
    due = await outbox.due_messages(["discord", "telegram"], now=NOW)
    assert {(one.platform, one.chat, one.address["direct"]) for one in due} == {
        ("discord", "7", False),
        ("telegram", "11", True),
    }


async def test_a_living_message_follows_its_subject(ops: Ops) -> None:
    [made] = await notices.show([Place("discord", "7")], "incident", "12", origin="incident-12", now=NOW)
    before = await outbox.message(made)
    assert before is not None

    await outbox.want_newer("incident", "12", now=NOW, is_final=False)
    after = await outbox.message(made)
    assert after is not None
    assert after.wanted == before.wanted + 1
