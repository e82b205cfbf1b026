"""``auto`` asks its second reader only about lines of which the first one is unsure, and believes it only if surer."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from ocr_worker.errors import EngineUnavailable
from ocr_worker.reading.engines.auto import AutoEngine
from ocr_worker.reading.lines import Image, Quad, Recognition, Rect


@dataclass
class Scripted:
    """Reads the crops whose first pixel is n as its n-th line; ``asked`` are these numbers."""

    lines: Sequence[tuple[str, float]]
    name: str = "scripted"
    asked: list[int] = field(default_factory=list)

    def detect(self, image: Image, scale: float = 1.0) -> list[Quad]:
        return [Rect(0, 0, image.shape[1] * scale, 10).quad()]

    def recognise(self, crops: Sequence[Image]) -> list[Recognition]:
        numbers = [int(crop[0, 0, 0]) for crop in crops]
        self.asked += numbers
        return [Recognition(*self.lines[number]) for number in numbers]


CROPS = [np.full((8, 40, 3), number, np.uint8) for number in range(4)]
FIRST = Scripted([("Opt", 0.95), ("Dvress", 0.4), ("4x", 0.3), ("Negate", 0.59)])
SECOND = Scripted([("Out", 1.0), ("Duress", 0.9), ("Ax", 1.0), ("Nogale", 0.7)])


@pytest.fixture
def first() -> Scripted:
    return Scripted(FIRST.lines)


@pytest.fixture
def second() -> Scripted:
    return Scripted(SECOND.lines)


def texts(engine: AutoEngine, crops: Sequence[Image] = CROPS) -> list[str]:
    return [recognition.text for recognition in engine.recognise(crops)]


def test_only_unsure_words_are_read_again(first: Scripted, second: Scripted) -> None:
    texts(AutoEngine(first=first, load_second=lambda: second))

    assert first.asked == [0, 1, 2, 3]
    assert second.asked == [1, 3]


def test_the_second_reading_stands_where_it_is_much_surer(first: Scripted, second: Scripted) -> None:
    assert texts(AutoEngine(first=first, load_second=lambda: second)) == ["Opt", "Duress", "4x", "Negate"]


def test_the_second_reader_is_loaded_once_and_only_when_needed(first: Scripted, second: Scripted) -> None:
    loaded: list[Scripted] = []

    def load() -> Scripted:
        loaded.append(second)
        return second

    engine = AutoEngine(first=first, load_second=load)
    assert texts(engine, CROPS[:1]) == ["Opt"]
    assert not loaded
    texts(engine)
    texts(engine)
    assert loaded == [second]


def test_without_a_second_reader_the_first_one_stands(first: Scripted) -> None:
    tries: list[None] = []

    def missing() -> Scripted:
        tries.append(None)
        raise EngineUnavailable("not installed")

    engine = AutoEngine(first=first, load_second=missing)
    assert texts(engine) == [text for text, _ in FIRST.lines]
    texts(engine)
    assert len(tries) == 1


def test_lines_are_found_by_the_first(first: Scripted, second: Scripted) -> None:
    engine = AutoEngine(first=first, load_second=lambda: second)
    (quad,) = engine.detect(np.zeros((20, 30, 3), np.uint8), 2.0)

    assert quad[1, 0] == 60
