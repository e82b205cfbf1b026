"""What is drawn on a picture, judged by its pixels."""

import io

import numpy as np
import pytest
from PIL import Image as Pillow

from ocr_worker.cards.card import Card
from ocr_worker.decks import Deck, DeckLine, Section, Total
from ocr_worker.reading.annotate import CERTAIN, DOUBTFUL, annotate, annotated_file
from ocr_worker.reading.lines import Image

GREY = 90


def page(width: int = 800, height: int = 600) -> Image:
    return np.full((height, width, 3), GREY, np.uint8)


def deck(*lines: DeckLine, warnings: tuple[str, ...] = ()) -> Deck:
    return Deck({Section.MAIN: lines}, totals={Section.MAIN: Total(60, 60)}, warnings=warnings)


def row(top: int, certain: bool = True, name: str = "Lightning Bolt", height: int = 20) -> DeckLine:
    return DeckLine(4, Card(name), certain, box=(100, top, 220, top + height))


def has(image: Image, colour: tuple[int, int, int]) -> bool:
    return bool((image == np.array(colour, np.uint8)).all(axis=2).any())


def test_certain_rows_and_doubtful_ones_have_their_own_colours() -> None:
    drawn = annotate(page(), deck(row(100), row(300, certain=False)))

    assert has(drawn[90:200], CERTAIN)
    assert not has(drawn[90:200], DOUBTFUL)
    assert has(drawn[290:400], DOUBTFUL)
    assert not has(drawn[290:400], CERTAIN)


def test_the_title_itself_stays_readable() -> None:
    drawn = annotate(page(), deck(row(100), row(124), row(148)))

    for top in (100, 124, 148):
        assert (drawn[top + 1 : top + 19, 101:219] == GREY).all()


def test_the_label_stands_beside_the_title() -> None:
    drawn = annotate(page(), deck(row(100)))

    assert has(drawn[100:120, 225:330], CERTAIN)
    assert has(drawn[100:120, 225:330], (0, 0, 0))


def test_the_picture_keeps_its_size_and_gets_a_strip_below() -> None:
    drawn = annotate(page(), deck(row(100)))

    assert drawn.dtype == np.uint8
    assert drawn.shape[1] == 800
    assert 620 < drawn.shape[0] < 700
    assert (drawn[400:599] == GREY).all()


def test_every_warning_gets_lines_in_the_strip() -> None:
    short = annotate(page(), deck(row(100)))
    long = annotate(page(), deck(row(100), warnings=("The picture shows 60 cards. " * 10,)))

    assert long.shape[0] > short.shape[0] + 40
    assert has(long[600:], DOUBTFUL)
    assert not has(short[600:], DOUBTFUL)


def test_small_pictures_are_enlarged_until_their_titles_can_be_read() -> None:
    drawn = annotate(page(300, 200), deck(row(50, height=6)))

    assert drawn.shape[1] == 900


def test_large_pictures_are_not_enlarged_beyond_their_limit() -> None:
    drawn = annotate(page(4000, 3000), deck(row(50, height=6)))

    assert drawn.shape[1] == 4000


@pytest.mark.parametrize("name", ["Lim-Dûl's Vault", "Ratonhnhaké꞉ton", "Fire // Ice", "X" * 140])
def test_any_name_can_be_written(name: str) -> None:
    annotate(page(), deck(row(590, name=name), row(0, certain=False, name=name)))


def test_a_deck_without_places_gets_its_strip_only() -> None:
    drawn = annotate(page(), deck(DeckLine(4, Card("Opt"))))

    assert (drawn[:600] == GREY).all()
    assert drawn.shape[0] > 600


def test_sections_stand_in_the_strip_and_boxes_outside_the_page_do_no_harm() -> None:
    side = DeckLine(2, Card("Opt"), box=(-5, -5, 900, 700))
    drawn = annotate(page(), Deck({Section.SIDEBOARD: (side,)}))

    assert drawn.shape[0] > 600


@pytest.mark.parametrize(("suffix", "kind"), [(".png", "PNG"), (".JPG", "JPEG"), (".jpeg", "JPEG"), (".webp", "WEBP")])
def test_the_ending_decides_the_kind_of_file(suffix: str, kind: str) -> None:
    file = annotated_file(page(), deck(row(100)), suffix)

    with Pillow.open(io.BytesIO(file)) as picture:
        assert picture.format == kind
