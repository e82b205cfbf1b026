"""Runs a reader over a folder of pictures with their truth."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocr_worker.decks.serialising import error_to_json
from ocr_worker.errors import Screen2DeckError
from ocr_worker.evaluation.scoring import DeckJson, Score, TruthJson, score

ReadPicture = Callable[[Path], DeckJson]
"""Reads one picture file to deck JSON; what goes wrong is raised."""


class DatasetError(Screen2DeckError):
    """The folder holds no pictures, or a truth file that is no truth."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture and what it shows; ``truth`` is None where nobody has written it down yet."""

    picture: Path
    truth: TruthJson | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a reader made of a sample; ``score`` is None where there is no truth to hold it against."""

    sample: Sample
    deck: DeckJson
    score: Score | None


def find_samples(folder: Path) -> list[Sample]:
    """Return what ``folder/images`` and ``folder/truth`` hold, by name; either may have more than the other.

    A truth belongs to the picture that its ``image`` names, or else to the one with its own name. One without
    its picture is a sample too (reading it fails), so that a lost picture does not improve the figures.
    Raises DatasetError.
    """
    images = folder / "images"
    pictures = {path.name: path for path in sorted(images.glob("*")) if _is_picture(path)}
    by_stem = {path.stem: name for name, path in pictures.items()}
    truths: dict[str, TruthJson] = {}
    for path in sorted((folder / "truth").glob("*.json")):
        truth = _read_truth(path)
        image = str(truth.get("image") or by_stem.get(path.stem, path.stem))
        truths[image] = {"image": image, "kind": "other", **truth}
    if not pictures and not truths:
        raise DatasetError(f"{folder} holds no pictures: they are expected in {images}.")
    names = sorted(pictures.keys() | truths.keys())
    return [Sample(pictures.get(name, images / name), truths.get(name)) for name in names]


def run(samples: Sequence[Sample], read: ReadPicture) -> Iterator[Outcome]:
    """Yield each sample's outcome as soon as it is read.

    A picture that cannot be read counts as one in which nothing was found; whatever went wrong stands in its
    deck's ``error``, so that one picture does not end a long run.
    """
    for sample in samples:
        deck = _read(sample.picture, read)
        yield Outcome(sample, deck, score(sample.truth, deck) if sample.truth is not None else None)


def scores(outcomes: Sequence[Outcome]) -> list[Score]:
    """Return the scores of those that have one."""
    return [outcome.score for outcome in outcomes if outcome.score is not None]


def _is_picture(path: Path) -> bool:
    return path.is_file() and not path.name.startswith(".")


def _read_truth(path: Path) -> dict[str, Any]:
    try:
        truth = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DatasetError(f"{path} cannot be read as JSON ({error}).") from error
    if not isinstance(truth, dict):
        raise DatasetError(f"{path} is no truth file: an object is expected.")
    return truth


def _read(picture: Path, read: ReadPicture) -> dict[str, Any]:
    started = time.perf_counter()
    try:
        deck = dict(read(picture))
    except Screen2DeckError as error:
        deck = error_to_json(picture.name, error)
    except Exception as error:  # a defect in the reader: shown with its picture, while the others are still read
        deck = error_to_json(picture.name, f"{type(error).__name__}: {error}")
    if deck.get("seconds") is None:
        deck["seconds"] = round(time.perf_counter() - started, 3)
    return deck | {"image": picture.name}
