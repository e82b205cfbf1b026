"""The terminal as a chat: what it tells on the way, and each end once."""

from pathlib import Path

import pytest

from bot.commands.send import send_all
from bot.intake import NotAccepted
from bot.services import Services, open_services
from bot.terminal.sending import terminal_chat
from config.settings import Settings
from ocr_worker.jobs import JobLimits, PictureJobs
from storage import conversions
from storage.queue import Queue
from storage.records import State
from tests.fakes.reader import FakeReader
from tests.making import WORKER
from tests.processes import eventually


def worker(services: Services, reader: FakeReader) -> PictureJobs:
    return PictureJobs(WORKER, services.queue, services.blobs, reader, "stub-1", JobLimits(attempts=1), services.clock)


def picture(tmp_path: Path, name: str, content: bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


async def test_each_end_comes_once_with_its_deck(settings: Settings, queue: Queue, tmp_path: Path) -> None:
    told: list[str] = []
    async with open_services(settings) as services, terminal_chat(services, told.append) as chat:
        sent = [
            await chat.send(picture(tmp_path, "deck.png", b"good")),
            await chat.send(picture(tmp_path, "cat.png", b"no deck")),
        ]
        assert await eventually(lambda: len(told) >= 2)
        jobs = worker(services, FakeReader())
        for one in sent:
            await jobs.run(one.id)
        ended = {one.picture_name: (one.state, deck) async for one, deck in chat.ended([one.id for one in sent])}

    assert told[:2] == ["deck.png: Yours is next.", "cat.png: Waiting: 1 picture before yours."]
    assert ended["deck.png"][0] is State.DONE
    assert ended["deck.png"][1] is not None
    assert ended["cat.png"] == (State.REFUSED, None)


async def test_the_stages_of_reading_are_told(settings: Settings, queue: Queue, tmp_path: Path) -> None:
    told: list[str] = []
    async with open_services(settings) as services, terminal_chat(services, told.append) as chat:
        one = await chat.send(picture(tmp_path, "deck.png", b"good"))
        assert await eventually(lambda: bool(told))
        await conversions.claim(one.id, WORKER, now=services.clock())
        while "deck.png: Reading the card names …" not in told:
            await queue.show_progress(one.id, one.post, "reading")
            await eventually(lambda: "deck.png: Reading the card names …" in told, within_s=0.2)

    assert told[0] == "deck.png: Yours is next."


async def test_send_prints_decks_on_stdout_and_tells_the_worst(
    settings: Settings, queue: Queue, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [
        picture(tmp_path, "deck.png", b"good"),
        picture(tmp_path, "cat.png", b"no deck"),
        picture(tmp_path, "empty.png", b""),
        tmp_path / "missing.png",
    ]
    async with open_services(settings) as services, terminal_chat(services, lambda _: None) as chat:
        jobs = worker(services, FakeReader())
        submit = services.intake.submit

        async def submit_and_read(*args: object) -> object:
            one = await submit(*args)  # type: ignore[arg-type]
            await jobs.run(one.id)
            return one

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(services.intake), "submit", lambda _, *args: submit_and_read(*args))
            code = await send_all(chat, paths, "arena")

    printed = capsys.readouterr()
    assert code == 2
    assert printed.out == "Deck\n60 Relentless Rats\n"
    assert "cat.png: No decklist found in this picture." in printed.err
    assert "empty.png: This picture is empty: send it again." in printed.err
    assert "missing.png: No such file or directory" in printed.err


async def test_a_picture_that_is_not_accepted_is_told_to_its_sender(
    settings: Settings, queue: Queue, tmp_path: Path
) -> None:
    async with open_services(settings) as services, terminal_chat(services, lambda _: None) as chat:
        with pytest.raises(NotAccepted, match="empty"):
            await chat.send(picture(tmp_path, "empty.png", b""))
