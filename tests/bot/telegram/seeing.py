"""Waiting for what people see."""

from tests.fakes.telegram_rooms import Room, Said
from tests.processes import PATIENCE_S, eventually


async def sees(room: Room, *words: str, count: int = 1, within_s: float = PATIENCE_S) -> Said:
    """Wait until a message of the bot in a chat has all these words; return the latest such."""

    def found() -> list[Said]:
        return [one for one in room.from_bot if all(word.lower() in one.text.lower() for word in words)]

    shown = await eventually(lambda: len(found()) >= count, within_s)
    assert shown, f"{words} not among {[one.text for one in room.from_bot]}"
    return found()[-1]


async def sees_no_more(room: Room, said: Said) -> None:
    """Wait until a message is deleted."""
    assert await eventually(lambda: room.said[said.id].is_deleted), said.text


async def hears(room: Room, query: str) -> str:
    """Wait until a press is answered; return the remark."""
    assert await eventually(lambda: query in room.server.notices)
    return room.server.notices[query][0]
