"""Fetching a catalogue from a server on this machine, well-behaved and otherwise."""

import asyncio
import gzip
import json
import os
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ocr_worker.cards import best_catalogue, cached_source
from ocr_worker.cards.card import Card
from ocr_worker.cards.catalogue import Catalogue
from ocr_worker.cards.scryfall import Limits
from ocr_worker.cards.update import Update, store, unwatched, update_catalogue
from ocr_worker.errors import CatalogueError
from tests.ocr_worker.cards import scryfall_server as server
from tests.ocr_worker.cards.scryfall_records import FOREIGN, cards, record
from tests.ocr_worker.cards.scryfall_server import Scryfall, body_of

COUNT = 200
BODY = body_of(cards(COUNT))
GOOD = Catalogue("Scryfall", date(2026, 11, 1), tuple(Card(f"Old Card {number}") for number in range(COUNT)))
QUICK = Limits(total_s=5, silence_s=0.3)


def update(data_dir: Path, scryfall: Scryfall, fewest: int = 100, limits: Limits = QUICK) -> Update:
    """Run an update against ``scryfall``."""

    async def run() -> Update:
        async with server.running(scryfall):
            return await update_catalogue(data_dir, base_url=scryfall.url, fewest_cards=fewest, limits=limits)

    return asyncio.run(run())


def cached_names(data_dir: Path) -> list[str]:
    return [card.name for card in cached_source(data_dir).load().cards]


def files(data_dir: Path) -> list[str]:
    return sorted(path.name for path in data_dir.iterdir())


# What goes well


def test_the_newest_cards_are_fetched_and_used(tmp_path: Path) -> None:
    outcome = update(tmp_path, Scryfall(body_of([*cards(COUNT), *FOREIGN])))

    assert outcome.fetched
    assert (outcome.header.cards, outcome.header.date) == (COUNT, date(2026, 11, 20))
    assert best_catalogue(tmp_path).source == "download"
    assert files(tmp_path) == ["catalogue.cards"]


def test_the_folder_is_made_where_it_is_missing(tmp_path: Path) -> None:
    assert update(tmp_path / "deep" / "down", Scryfall(BODY)).fetched


def test_requests_say_who_asks_and_for_what(tmp_path: Path) -> None:
    scryfall = Scryfall(BODY)

    update(tmp_path, scryfall)

    assert len(scryfall.seen) == 2
    for request in scryfall.seen:
        assert request.headers["User-Agent"].startswith("Screen2Deck/")
        assert "application/json" in request.headers["Accept"]


def test_progress_is_told_up_to_the_whole(tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []

    async def run() -> None:
        async with server.running(Scryfall(BODY)) as scryfall:
            await update_catalogue(
                tmp_path,
                base_url=scryfall.url,
                progress=lambda received, expected: told.append((received, expected)),
                fewest_cards=1,
            )

    asyncio.run(run())

    assert told == sorted(told)
    assert told[-1] == (len(BODY), len(BODY))


def test_a_redirected_file_is_fetched(tmp_path: Path) -> None:
    assert update(tmp_path, Scryfall(BODY, answer=server.moved)).header.cards == COUNT


def test_a_zipped_file_is_fetched(tmp_path: Path) -> None:
    zipped = server.with_type(gzip.compress(BODY), "application/gzip")

    assert update(tmp_path, Scryfall(BODY, answer=zipped)).header.cards == COUNT


def test_nothing_is_fetched_when_the_cached_file_is_the_newest(tmp_path: Path) -> None:
    update(tmp_path, Scryfall(BODY))
    again = Scryfall(BODY)

    outcome = update(tmp_path, again)

    assert not outcome.fetched
    assert outcome.header.cards == COUNT
    assert len(again.seen) == 1


def test_a_newer_file_replaces_the_cached_one(tmp_path: Path) -> None:
    update(tmp_path, Scryfall(BODY))
    newer = Scryfall(body_of([*cards(COUNT), record("New Card")]), updated_at="2026-11-27T10:00:00+00:00")

    assert update(tmp_path, newer).fetched
    assert "New Card" in cached_names(tmp_path)


def test_a_cache_of_an_earlier_version_which_kept_no_printings_is_fetched_again(tmp_path: Path) -> None:
    store(replace(GOOD, date=date(2026, 12, 1)), tmp_path)

    assert update(tmp_path, Scryfall(BODY)).fetched
    assert cached_source(tmp_path).load().knows_printings


def test_a_damaged_cache_is_fetched_again_however_new_it_is(tmp_path: Path) -> None:
    update(tmp_path, Scryfall(BODY))
    path = cached_source(tmp_path).path
    path.write_bytes(path.read_bytes()[:-20])

    assert update(tmp_path, Scryfall(BODY)).fetched
    assert len(cached_names(tmp_path)) == COUNT


# What never replaces a good file

BROKEN = {
    "cut short": Scryfall(BODY, answer=server.cut(BODY, 0.5)),
    "cut in the last byte": Scryfall(BODY, answer=server.with_type(BODY[:-1], "application/json")),
    "cut between cards": Scryfall(BODY, answer=server.with_type(BODY[: BODY.index(b",\n", 9_000)], "application/json")),
    "corrupt": Scryfall(BODY.replace(b'"layout"', b'"lay', 1)),
    "not text": Scryfall(BODY[:500] + b"\xff\x00" + BODY[500:]),
    "a list of other things": Scryfall(b'[{"object": "ruling"}]'),
    "not a list": Scryfall(b'{"object": "error"}'),
    "empty": Scryfall(b""),
    "fewer cards": Scryfall(body_of(cards(99))),
    "no deck cards": Scryfall(body_of(FOREIGN)),
    "a page": Scryfall(BODY, answer=server.with_type(b"<html>Log in</html>", "text/html")),
    "the right data called a page": Scryfall(BODY, answer=server.with_type(BODY, "text/html")),
    "an error": Scryfall(BODY, answer=server.with_type(BODY, "application/json", status=503)),
    "too many requests": Scryfall(BODY, answer=server.with_type(b"{}", "application/json", status=429)),
    "no answer": Scryfall(BODY, answer=server.silent_after(b"")),
    "silence in the middle": Scryfall(BODY, answer=server.silent_after(BODY[:5_000])),
    "a circle": Scryfall(BODY, answer=server.moved_in_a_circle),
    "a broken zip": Scryfall(BODY, answer=server.with_type(gzip.compress(BODY)[:-30], "application/gzip")),
    "a listing that is no JSON": Scryfall(BODY, listing=b"<html>"),
    "a listing without files": Scryfall(BODY, listing=b'{"data": []}'),
    "a listing of another shape": Scryfall(BODY, listing=b'{"data": [1]}'),
    "a listing without end": Scryfall(BODY, listing=b" " * 1_100_000),
    "a listing with a bad date": Scryfall(BODY, updated_at="soon"),
    "a listing with a bad address": Scryfall(
        BODY,
        listing=json.dumps(
            {"data": [{"type": "oracle_cards", "updated_at": "2026-11-20T10:00:00Z", "download_uri": "x:y"}]}
        ).encode(),
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_bad_answer_changes_nothing(tmp_path: Path, case: str) -> None:
    store(GOOD, tmp_path)
    before = cached_source(tmp_path).path.read_bytes()

    with pytest.raises(CatalogueError) as caught:
        update(tmp_path, replace(BROKEN[case], seen=[]))

    assert cached_source(tmp_path).path.read_bytes() == before
    assert files(tmp_path) == ["catalogue.cards"]
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_a_file_without_end_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="implausibly large"):
        update(tmp_path, Scryfall(BODY), limits=replace(QUICK, max_bytes=10_000))

    assert files(tmp_path) == []


def test_a_download_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    slow = Scryfall(BODY, answer=server.silent_after(BODY))

    with pytest.raises(CatalogueError, match="too long"):
        update(tmp_path, slow, limits=Limits(total_s=0.4, silence_s=30))


def test_a_server_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="cannot be reached"):
        asyncio.run(update_catalogue(tmp_path, base_url="http://127.0.0.1:9", limits=QUICK))


def test_fewer_than_nine_tenths_of_the_cards_in_use_are_not_believed(tmp_path: Path) -> None:
    async def run() -> None:
        async with server.running(Scryfall(BODY)) as scryfall:
            await update_catalogue(tmp_path, base_url=scryfall.url, limits=QUICK)

    with pytest.raises(CatalogueError, match="200 cards where at least 30,"):
        asyncio.run(run())

    assert best_catalogue(tmp_path).source == "snapshot"


def test_a_cancelled_download_leaves_nothing_behind(tmp_path: Path) -> None:
    async def run() -> None:
        async with server.running(Scryfall(BODY, answer=server.silent_after(BODY[:100]))) as scryfall:
            task = asyncio.create_task(
                update_catalogue(tmp_path, base_url=scryfall.url, fewest_cards=1, progress=unwatched)
            )
            while len(scryfall.seen) < 2:
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(run())

    assert files(tmp_path) == []


def test_what_killed_downloads_left_behind_is_removed_after_a_day(tmp_path: Path) -> None:
    old, fresh = tmp_path / "catalogue-old.part", tmp_path / "catalogue-new.part"
    for path in (old, fresh):
        path.write_bytes(b"half")
    yesterday = time.time() - 2 * 86_400
    os.utime(old, (yesterday, yesterday))

    update(tmp_path, Scryfall(BODY))

    assert files(tmp_path) == ["catalogue-new.part", "catalogue.cards"]


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(CatalogueError, match="cannot be stored"):
        update(tmp_path / "file", Scryfall(BODY))
