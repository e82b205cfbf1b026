"""Folders are taken as they come, and one bad picture does not end a run."""

from pathlib import Path
from typing import Any

import pytest

from ocr_worker.errors import NoDeckFound
from ocr_worker.evaluation.running import DatasetError, find_samples, run, scores
from tests.ocr_worker.evaluation.datasets import DECK, TRUTH, make_folder


def test_pictures_and_truths_are_paired_by_the_truths_word_or_by_name(tmp_path: Path) -> None:
    truths = {"odd-name.json": TRUTH, "two.json": {"main": []}, "lost.json": {"image": "lost.png"}}
    folder = make_folder(tmp_path / "data", truths, ("one.png", "two.jpg", "three.png"))
    samples = {sample.picture.name: sample.truth for sample in find_samples(folder)}
    assert list(samples) == ["lost.png", "one.png", "three.png", "two.jpg"]
    assert samples["one.png"] == TRUTH
    assert samples["two.jpg"] == {"image": "two.jpg", "kind": "other", "main": []}
    assert samples["three.png"] is None


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="holds no pictures"):
        find_samples(tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", "\xff"])
def test_a_truth_that_is_none_is_named(tmp_path: Path, text: str) -> None:
    folder = make_folder(tmp_path / "data", {}, ("one.png",))
    (folder / "truth" / "one.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(DatasetError, match=r"one\.json"):
        find_samples(folder)


def test_a_picture_that_cannot_be_read_counts_as_nothing_found(tmp_path: Path) -> None:
    truths = {f"{name}.json": TRUTH | {"image": f"{name}.png"} for name in ("bad", "broken", "good")}
    folder = make_folder(tmp_path / "data", truths, ("bad.png", "broken.png", "good.png", "unknown.png"))

    def read(path: Path) -> dict[str, Any]:
        if path.stem == "bad":
            raise NoDeckFound("No decklist found.")
        if path.stem == "broken":
            raise ZeroDivisionError("a defect")
        return dict(DECK)

    outcomes = list(run(find_samples(folder), read))
    errors = {outcome.sample.picture.name: outcome.deck.get("error") for outcome in outcomes}
    assert errors == {
        "bad.png": "No decklist found.",
        "broken.png": "ZeroDivisionError: a defect",
        "good.png": None,
        "unknown.png": None,
    }
    assert [result.right for result in scores(outcomes)] == [0, 0, 2]
    assert all(outcome.deck["image"] == outcome.sample.picture.name for outcome in outcomes)
    assert all(outcome.deck["seconds"] >= 0 for outcome in outcomes)
