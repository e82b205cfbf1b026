"""The generator's pictures are repeatable and their truths agree with the catalogue and with themselves."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ocr_worker.cards import Card, load_index

from .deck import total
from .fonts import FontMissingError, Typeface, font_path
from .generate import KINDS, Picture, make_picture, make_set, schedule, write_picture
from .pool import Pool
from .sample import draw_sample, sample_deck
from .truth import SECTIONS, STATUSES

_SEED = 7
_FIELDS = {"image", "source", "licence", "kind", "displayed", *SECTIONS, "notes"}
_TRUTH_KINDS = {
    "arena-deck-builder",
    "arena-list",
    "mtgo-visual",
    "mtgo-list",
    "website-visual",
    "website-text",
    "paper-photo",
    "other",
}


@pytest.fixture(scope="module")
def cards() -> tuple[Card, ...]:
    return load_index().cards


@pytest.fixture(scope="module")
def pool(cards: tuple[Card, ...]) -> Pool:
    return Pool.of(cards)


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind.name)
def picture(request: pytest.FixtureRequest, pool: Pool) -> Picture:
    return make_picture(pool, request.param, _SEED, 1)


def _copies(truth: dict[str, Any], section: str) -> int:
    return sum(count for count, _, _ in truth[section])


def test_every_layout_draws_a_picture_that_opens(picture: Picture) -> None:
    image = Image.open(BytesIO(picture.content))
    image.load()
    assert min(image.size) > 200
    assert Path(picture.name).suffix in {".png", ".jpg"}


def test_truth_has_the_form_of_the_real_ones(picture: Picture) -> None:
    truth = picture.truth
    assert set(truth) == _FIELDS
    assert truth["kind"] in _TRUTH_KINDS
    assert truth["image"] == picture.name
    lines = [line for section in SECTIONS for line in truth[section]]
    assert len(lines) > 10
    assert all(count > 0 and status in STATUSES for count, _, status in lines)
    assert any(status == "sure" for _, _, status in lines)


def test_displayed_totals_agree_with_the_lines(picture: Picture) -> None:
    truth, displayed = picture.truth, picture.truth["displayed"]
    main, side = _copies(truth, "main"), _copies(truth, "side")
    if displayed.get("main_includes_commander"):
        main += _copies(truth, "commander")
    if displayed.get("side_includes_companion"):
        side += _copies(truth, "companion")
    assert displayed["main"] in (None, main)
    assert displayed["side"] in (None, side)
    for counts, section in (("column_counts_main", main), ("column_counts_side", side)):
        assert sum(displayed.get(counts, [section])) == section
    if "lands" in displayed:
        assert displayed["lands"] + displayed["creatures"] + displayed["other"] == main
    assert displayed.get("type_totals_sum") in (None, main + side)


def test_names_are_those_of_the_catalogue(picture: Picture, cards: tuple[Card, ...]) -> None:
    known = {card.name for card in cards} | {card.front for card in cards}
    assert {name for section in SECTIONS for _, name, _ in picture.truth[section]} <= known


def test_each_card_has_one_line_in_a_section(picture: Picture) -> None:
    for section in SECTIONS:
        names = [name for _, name, _ in picture.truth[section]]
        assert len(names) == len(set(names))


@pytest.mark.parametrize("name", ["mtgo-list", "website-visual"])
def test_the_same_seed_gives_the_same_picture_and_truth(pool: Pool, name: str) -> None:
    kind = next(kind for kind in KINDS if kind.name == name)
    first, second = (make_picture(pool, kind, _SEED, 3) for _ in range(2))
    assert first == second
    assert make_picture(pool, kind, _SEED + 1, 3).truth != first.truth


def test_a_set_is_written_as_images_and_truths(pool: Pool, tmp_path: Path) -> None:
    for picture in make_set(pool, 2, _SEED, ["plain-text"]):
        write_picture(tmp_path, picture)
    images = sorted(path.name for path in (tmp_path / "images").iterdir())
    truths = [json.loads(path.read_text("utf-8")) for path in sorted((tmp_path / "truth").iterdir())]
    assert [truth["image"] for truth in truths] == images
    assert len(images) == 2


def test_a_mixed_set_holds_every_kind_by_its_share() -> None:
    drawn = [kind.name for kind in schedule(sum(kind.share for kind in KINDS))]
    assert {name: drawn.count(name) for name in drawn} == {kind.name: kind.share for kind in KINDS}


def test_the_sample_is_a_whole_deck_that_can_be_read(cards: tuple[Card, ...]) -> None:
    deck = sample_deck(cards)
    assert (total(deck.main), total(deck.side)) == (60, 15)
    drawn = draw_sample(cards)
    assert drawn.image.size == (1920, 1080)
    truth = drawn.truth.as_json("sample.jpg")
    statuses = {status for section in SECTIONS for _, _, status in truth[section]}
    assert statuses <= {"sure", "truncated"}


def test_a_missing_font_package_is_named() -> None:
    with pytest.raises(FontMissingError, match="no-such-font-package"):
        font_path(Typeface("no-such-font-package", "Font.ttf"))
