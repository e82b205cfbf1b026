"""Picture in, decklist out, with the real engine: the sample, synthetic pictures, real ones, and none at all."""

import json
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ocr_worker.cards import CardIndex
from ocr_worker.decks import Deck, Section, deck_to_json, parse_decklist
from ocr_worker.errors import NoDeckFound, PictureError
from ocr_worker.evaluation.scoring import Score, score
from ocr_worker.pipeline import Reader
from tests.shared import ROOT, SCREENS
from tests.synthetic import sample
from tests.synthetic.generate import KINDS, make_picture
from tests.synthetic.pool import Pool

SAMPLE = ROOT / "bot" / "data" / "sample.jpg"

#: By kind and number; all of them of the generator's second seed, on which nothing was developed.
SYNTHETIC = [
    ("arena-list", 29),
    ("mtgo-visual", 16),
    ("plain-text", 19),
    ("website-text", 13),
]
SEED = 2

#: Real screenshots that are read fast.
REAL = ["arena-neostorm-no-side.jpg", "arena-rg-2.jpg", "tracker-overlay-u-tempo-49.png"]


def scored(deck: Deck, truth: dict[str, object]) -> Score:
    return score(truth, deck_to_json(deck, image=str(truth["image"])))


def held(deck: Deck) -> set[tuple[Section, str, int]]:
    return {(section, line.card.name, line.count) for section, line in deck}


@pytest.fixture(scope="module")
def deck(reader: Reader) -> Deck:
    """What is read on the sample that ships with the product."""
    return reader.read(SAMPLE.read_bytes())


class TestTheSample:
    def test_it_comes_out_exactly_and_verified(self, deck: Deck, index: CardIndex) -> None:
        truth = parse_decklist(f"{sample.MAIN}\n\nSideboard\n{sample.SIDE}", index).deck

        assert held(deck) == held(truth)
        assert deck.kind == "arena-deck-builder"
        assert deck.warnings == ()
        assert deck.verified

    def test_its_totals_are_those_on_the_screen(self, deck: Deck) -> None:
        totals = {section: (total.read, total.displayed) for section, total in deck.totals.items()}

        assert totals == {Section.MAIN: (60, 60), Section.SIDEBOARD: (15, 15)}

    def test_every_line_has_its_place_on_the_picture(self, deck: Deck) -> None:
        for _, line in deck:
            assert line.read
            assert line.box is not None
            left, top, right, bottom = line.box
            assert 0 <= left < right <= 1920
            assert 0 <= top < bottom <= 1080

    def test_the_sideboard_stands_right_of_the_main_deck(self, deck: Deck) -> None:
        main, side = (
            [line.box[0] for line in deck[section] if line.box] for section in (Section.MAIN, Section.SIDEBOARD)
        )

        assert max(main) < min(side)


@pytest.mark.parametrize(("kind", "number"), SYNTHETIC)
def test_a_synthetic_picture_is_read_exactly(kind: str, number: int, reader: Reader, index: CardIndex) -> None:
    drawn = next(each for each in KINDS if each.name == kind)
    picture = make_picture(Pool.of(index.cards), drawn, SEED, number)
    result = scored(reader.read(picture.content), picture.truth)

    assert result.as_json()["wrong"] == []
    assert result.as_json()["missing"] == []
    assert result.is_exact
    assert result.silent == 0


@pytest.mark.parametrize("name", REAL)
def test_a_real_screenshot_is_read_exactly_and_verified(name: str, reader: Reader) -> None:
    picture = SCREENS / "images" / name
    if not picture.is_file():
        pytest.skip(f"no real screenshot {name} in {SCREENS}")
    truth = json.loads((SCREENS / "truth" / f"{picture.stem}.json").read_text(encoding="utf-8"))
    deck = reader.read(picture.read_bytes())
    result = scored(deck, truth)

    assert result.as_json()["wrong"] == []
    assert result.as_json()["missing"] == []
    assert result.is_exact
    assert result.silent == 0
    assert deck.kind == truth["kind"]
    assert deck.verified


class TestPicturesWithoutADeck:
    def test_words_of_a_menu_over_a_landscape_are_none(self, reader: Reader) -> None:
        words = ["Home", "Profile", "Search...", "Opt", "Decks", "Store", "Fire", "Settings", "12:34", "x3"]

        with pytest.raises(NoDeckFound, match="No decklist found"):
            reader.read(landscape(words))

    def test_a_picture_without_any_text_is_none(self, reader: Reader) -> None:
        with pytest.raises(NoDeckFound, match="No decklist found"):
            reader.read(landscape([]))

    def test_a_single_colour_is_none(self, reader: Reader) -> None:
        with pytest.raises(NoDeckFound):
            reader.read_image(np.full((40, 60, 3), 127, np.uint8))

    def test_what_is_no_picture_says_so(self, reader: Reader) -> None:
        with pytest.raises(PictureError):
            reader.read(b"4 Lightning Bolt\n20 Mountain\n")


def landscape(words: list[str]) -> bytes:
    """Hills under an evening sky, with words over it."""
    rng = np.random.default_rng(11)
    sky = np.linspace((60, 80, 140), (240, 170, 110), 600)[:, None, :].repeat(900, axis=1)
    ridge = 380 + 60 * np.sin(np.arange(900) / 90) + 25 * np.sin(np.arange(900) / 31)
    sky[np.arange(600)[:, None] > ridge[None, :]] = (40, 70, 50)
    picture = Image.fromarray((sky + rng.normal(0, 6, sky.shape)).clip(0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for number, word in enumerate(words):
        place = (40 + 290 * (number % 3), 60 + 120 * (number // 3))
        draw.text(place, word, font=ImageFont.load_default(30), fill="white", stroke_width=1, stroke_fill="black")
    file = BytesIO()
    picture.save(file, "JPEG", quality=85)
    return file.getvalue()
