"""``screen2deck convert`` as people start it: its own process, the real engine, the shipped sample.

All tests look at one run, since loading the engine takes seconds.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ocr_worker.cards import load_index
from ocr_worker.decks import Section, deck_from_json, parse_decklist
from ocr_worker.exporters import export
from tests.shared import ROOT
from tests.synthetic.sample import MAIN, SIDE
from tools import conversation_pictures
from tools.readme_pictures import DECKLIST, OVERVIEW, SAMPLE

MENU = ["New game", "Continue", "Load", "Options", "Sound: on", "Language: English", "Credits", "Quit"]


@dataclass(frozen=True, slots=True)
class Run:
    """What one call printed and wrote."""

    code: int
    objects: list[dict[str, Any]]
    messages: str
    drawn: list[Path]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A call with the sample between pictures that show no deck, and one that is none."""
    folder = tmp_path_factory.mktemp("real")
    draw_gradient(folder / "evening.jpg")
    draw_menu(folder / "menu.png")
    (folder / "cut.jpg").write_bytes(SAMPLE.read_bytes()[:20_000])
    words = ["evening.jpg", str(SAMPLE), "menu.png", "cut.jpg", "--annotate", "drawn", "--format", "json"]
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "convert", *words],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OCR_ENGINE": "rapidocr"},
    )
    objects = [json.loads(line) for line in done.stdout.splitlines()]
    return Run(done.returncode, objects, done.stderr, sorted((folder / "drawn").iterdir()))


def draw_gradient(path: Path) -> None:
    """An evening sky: no letter anywhere."""
    rng = np.random.default_rng(5)
    rows = np.linspace((40, 40, 90), (250, 150, 80), 600)[:, None, :].repeat(900, axis=1)
    Image.fromarray((rows + rng.normal(0, 4, rows.shape)).clip(0, 255).astype(np.uint8)).save(path)


def draw_menu(path: Path) -> None:
    """The menu of some game: text, and no card."""
    picture = Image.new("RGB", (900, 600), (20, 24, 40))
    draw = ImageDraw.Draw(picture)
    for number, words in enumerate(MENU):
        draw.text((320, 60 + 60 * number), words, font=ImageFont.load_default(32), fill="white")
    picture.save(path)


def test_every_picture_has_its_object_in_order(run: Run) -> None:
    assert [each["image"] for each in run.objects] == ["evening.jpg", "sample.jpg", "menu.png", "cut.jpg"]
    assert [("error" in each) for each in run.objects] == [True, False, True, True]


def test_pictures_without_a_deck_give_no_guess(run: Run) -> None:
    for each in (run.objects[0], run.objects[2]):
        assert each["error"].startswith("No decklist found")


def test_the_bad_picture_decides_the_exit_code(run: Run) -> None:
    assert run.code == 2
    assert "cut.jpg: The JPEG picture is cut off" in run.messages


def test_the_sample_is_read_and_nothing_certain_is_wrong(run: Run) -> None:
    index = load_index()
    truth = parse_decklist(f"{MAIN}\n\nSideboard\n{SIDE}", index).deck
    deck = deck_from_json(run.objects[1], index).deck

    known = {(section, line.card.name, line.count) for section, line in truth}
    read = {(section, line.card.name, line.count): line.certain for section, line in deck}
    assert len(known & read.keys()) >= 0.85 * len(known)
    assert [row for row, certain in read.items() if certain and row not in known] == []
    assert deck.kind == "arena-deck-builder"
    assert deck.totals[Section.MAIN].displayed == 60
    assert deck.totals[Section.SIDEBOARD].displayed == 15


def test_the_object_says_how_it_was_read(run: Run) -> None:
    sample = run.objects[1]
    assert sample["engine"] == "rapidocr"
    assert sample["seconds"] > 0
    for row in sample["main"]:
        left, top, right, bottom = row["box"]
        assert 0 <= left < right <= 1920
        assert 0 <= top < bottom <= 1080


def test_what_was_read_is_drawn(run: Run) -> None:
    assert [path.name for path in run.drawn] == ["sample-annotated.png"]
    with Image.open(run.drawn[0]) as drawn:
        assert drawn.width == 1920
        assert drawn.height > 1080


def test_the_picture_in_the_readme_shows_what_is_read_today(run: Run) -> None:
    deck = deck_from_json(run.objects[1], load_index()).deck
    with Image.open(OVERVIEW) as picture:
        shown = picture.info[DECKLIST]

    assert shown == export(deck, "arena").text, "python -m tools.readme_pictures draws it anew"


def test_the_pictures_for_players_show_what_the_conversation_says_today(run: Run) -> None:
    deck = deck_from_json(run.objects[1], load_index()).deck
    for scene in conversation_pictures.scenes(deck):
        with Image.open(conversation_pictures.FOLDER / f"{scene.name}.png") as picture:
            shown = picture.info[conversation_pictures.WORDS]
        assert shown == scene.words, "python -m tools.conversation_pictures draws it anew"


def test_nothing_but_messages_for_people_is_on_stderr(run: Run) -> None:
    assert "Traceback" not in run.messages
    starts = ("evening.jpg: ", f"{SAMPLE}: ", "  ", "menu.png: ", "cut.jpg: ")
    assert [line for line in run.messages.splitlines() if not line.startswith(starts)] == []
