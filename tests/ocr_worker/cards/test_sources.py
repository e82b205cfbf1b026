from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ocr_worker.cards import best_catalogue, cached_source, is_stale, load_index
from ocr_worker.cards.card import Card
from ocr_worker.cards.catalogue import Catalogue
from ocr_worker.cards.compact_form import Header, pack
from ocr_worker.cards.sources import choose
from ocr_worker.errors import CatalogueError

OLD, NEW = date(2026, 1, 1), date(2099, 1, 1)


@dataclass(frozen=True)
class FakeSource:
    """A source that holds an empty catalogue of a date, or fails where it is told to."""

    name: str
    date: date
    broken_header: bool = False
    broken_cards: bool = False

    def header(self) -> Header:
        if self.broken_header:
            raise CatalogueError("No header.")
        return Header(self.name, self.date, 0, "")

    def load(self) -> Catalogue:
        if self.broken_cards:
            raise CatalogueError("No cards.")
        return Catalogue(self.name, self.date, ())


def cache(data_dir: Path, as_of: date) -> Path:
    """Put a catalogue of one card into the cache."""
    path = cached_source(data_dir).path
    path.write_bytes(pack(Catalogue("Scryfall", as_of, (Card("Cached Card"),))))
    return path


def test_the_freshest_source_wins() -> None:
    choice = choose([FakeSource("old", OLD), FakeSource("new", NEW)])

    assert (choice.source, choice.problems) == ("new", ())


def test_of_equally_fresh_sources_the_first_wins() -> None:
    assert choose([FakeSource("first", NEW), FakeSource("second", NEW)]).source == "first"


@pytest.mark.parametrize(
    "broken", [FakeSource("new", NEW, broken_header=True), FakeSource("new", NEW, broken_cards=True)]
)
def test_a_broken_source_is_passed_over_with_a_reason(broken: FakeSource) -> None:
    choice = choose([broken, FakeSource("old", OLD)])

    assert choice.source == "old"
    assert len(choice.problems) == 1
    assert choice.problems[0].startswith("new: No ")


def test_without_any_good_source_there_is_no_catalogue() -> None:
    with pytest.raises(CatalogueError, match="No usable card catalogue"):
        choose([FakeSource("new", NEW, broken_cards=True)])


def test_a_machine_without_downloads_uses_the_snapshot(tmp_path: Path) -> None:
    for data_dir in (None, tmp_path, tmp_path / "none"):
        choice = best_catalogue(data_dir)
        assert (choice.source, choice.problems) == ("snapshot", ())


def test_a_fresher_download_is_used(tmp_path: Path) -> None:
    cache(tmp_path, NEW)

    assert best_catalogue(tmp_path).source == "download"
    assert [card.name for card in load_index(tmp_path).cards] == ["Cached Card"]


def test_a_download_older_than_the_snapshot_is_not_used(tmp_path: Path) -> None:
    cache(tmp_path, OLD)

    assert best_catalogue(tmp_path).source == "snapshot"


@pytest.mark.parametrize("kept", [0, 10, -30, -1])
def test_a_damaged_download_falls_back_to_the_snapshot_with_a_reason(tmp_path: Path, kept: int) -> None:
    path = cache(tmp_path, NEW)
    path.write_bytes(path.read_bytes()[:kept])

    choice = best_catalogue(tmp_path)

    assert choice.source == "snapshot"
    assert len(choice.problems) == 1
    assert choice.problems[0].startswith("download: ")


def test_a_folder_in_the_place_of_the_download_falls_back_too(tmp_path: Path) -> None:
    cached_source(tmp_path).path.mkdir()

    assert best_catalogue(tmp_path).source == "snapshot"


@pytest.mark.parametrize(
    ("now", "stale"),
    [
        (datetime(2026, 11, 20, 23, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 26, 23, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 27, 0, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 19, 0, 0, tzinfo=UTC), False),
    ],
)
def test_a_catalogue_is_stale_after_a_week(now: datetime, stale: bool) -> None:
    assert is_stale(date(2026, 11, 20), now) == stale
