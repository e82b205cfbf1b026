"""The figures mean what they say, and agree with the official scorer to the last digit."""

import copy
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_worker.evaluation.scoring import SECTIONS, Verdict, card_key, figures, kinds, read_lines, score
from tests.ocr_worker.evaluation.datasets import DECK, TRUTH
from tests.shared import OFFICIAL_SCORER, SCREENS, needs_official_scorer, needs_screens

NAMES = (
    "Lightning Bolt",
    "Fire // Ice",
    "Fire",
    "Bonecrusher Giant // Stomp",
    "Bonecrusher Giant",
    "Lim-Dûl's Vault",
    "Lim Dul's vault",
    "Æther Vial",
    "A-Luminarch Aspirant",
    "Luminarch Aspirant",
    "Jegantha, the Wellspring",
    "Opt",
    "Island",
)
STATUSES = ("sure", "sure", "sure", "truncated", "partly-hidden", "unreadable-count")


def test_a_picture_is_judged_line_by_line() -> None:
    result = score(TRUTH, DECK)
    verdicts = {(line.section, line.name): line.verdict for line in result.lines}
    assert verdicts == {
        ("main", "Lightning Bolt"): Verdict.RIGHT,
        ("main", "Fire"): Verdict.MISCOUNTED,
        ("main", "Shock"): Verdict.EXTRA,
        ("main", "Opt"): Verdict.UNASKED,
        ("side", "Jegantha, the Wellspring"): Verdict.UNASKED,
        ("companion", "Jegantha, the Wellspring"): Verdict.RIGHT,
        ("side", "Negate"): Verdict.MISSING,
    }
    assert (result.asked, result.got, result.right, result.named, result.missing) == (4, 4, 2, 3, 1)
    assert (result.silent, result.flagged, result.is_exact) == (1, 1, False)


def test_what_is_missing_from_a_verified_deck_is_a_silent_error() -> None:
    assert score(TRUTH, DECK | {"verified": True}).silent == 2


def test_a_deck_without_rows_misses_everything() -> None:
    result = score(TRUTH, {"error": "No decklist found."})
    assert (result.asked, result.got, result.right, result.silent) == (4, 0, 0, 0)
    assert result.as_json()["error"] == "No decklist found."


def test_truth_may_lack_fields() -> None:
    result = score({"main": [[4, "Opt"]]}, {"image": "a.png", "main": [{"count": 4, "name": "Opt"}]})
    assert result.is_exact
    assert (result.image, result.kind) == ("a.png", "other")
    assert score({}, {}).is_exact


def test_without_truth_all_lines_are_left_out_of_account() -> None:
    assert {line.verdict for line in read_lines(DECK)} == {Verdict.UNASKED}
    assert len(read_lines(DECK)) == 6


def test_figures_without_pictures_are_defined() -> None:
    assert figures([]).as_json() == {
        "pictures": 0,
        "line_f1": 1.0,
        "name_f1": 1.0,
        "exact": 0.0,
        "silent": 0,
        "flagged": 0.0,
    }


def test_kinds_are_added_up_apart() -> None:
    both = [score(TRUTH, DECK), score(TRUTH | {"kind": "other"}, {}), score(TRUTH | {"kind": "other"}, {})]
    assert {kind: each.pictures for kind, each in kinds(both).items()} == {"other": 2, "arena-list": 1}


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Lim-Dûl's Vault", "lim dul’s VAULT"),
        ("Æther Vial", "Aether Vial"),
        ("Fire // Ice", "Fire"),
        ("A-Teferi, Time Raveler", "Teferi Time Raveler"),
    ],
)
def test_spellings_of_one_card_are_equal(left: str, right: str) -> None:
    assert card_key(left) == card_key(right)


@given(st.data())
def test_a_perfect_reading_is_exact_and_a_lost_row_is_not(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(("Opt", "Island", "Shock", "Fire // Ice")), min_size=1, unique=True))
    truth = {"main": [[data.draw(st.integers(1, 20)), name, "sure"] for name in names]}
    deck: dict[str, Any] = {"main": [{"count": count, "name": name} for count, name, _ in truth["main"]]}
    assert score(truth, deck).is_exact
    assert figures([score(truth, deck)]).line_f1 == 1.0
    deck["main"].pop(data.draw(st.integers(0, len(names) - 1)))
    assert not score(truth, deck).is_exact
    assert figures([score(truth, deck)]).line_f1 < 1.0


def official(truth: Path, predictions: list[dict[str, Any]], folder: Path) -> dict[str, Any]:
    """Return what the official scorer prints as JSON."""
    file = folder / "predictions.jsonl"
    file.write_text("".join(json.dumps(deck) + "\n" for deck in predictions), encoding="utf-8")
    command = [sys.executable, str(OFFICIAL_SCORER), str(truth), str(file), "--json"]
    answer: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return answer


def assert_agrees(truth: Path, predictions: list[dict[str, Any]], folder: Path) -> None:
    expected = official(truth, predictions, folder)
    decks = {deck["image"]: deck for deck in predictions}
    truths = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(truth.glob("*.json"))]
    ours = [score(each, decks.get(each["image"], {})) for each in truths]
    assert figures(ours).as_json() == expected["figures"]
    for mine, theirs in zip([each.as_json() for each in ours], expected["pictures"], strict=True):
        for key in ("wrong", "missing"):
            assert sorted(map(repr, mine.pop(key))) == sorted(map(repr, theirs.pop(key)))
        mine.pop("error", None)
        assert mine == theirs


def random_truth(rng: random.Random, image: str) -> dict[str, Any]:
    truth: dict[str, Any] = {"image": image, "kind": rng.choice(("arena-list", "other"))}
    for section in SECTIONS:
        names = rng.choices(NAMES, k=rng.randrange(0, 9 if section in ("main", "side") else 2))
        truth[section] = [[rng.randrange(1, 5), name, rng.choice(STATUSES)] for name in names]
    return truth


def random_deck(rng: random.Random, truth: dict[str, Any]) -> dict[str, Any]:
    """The truth with rows lost, moved, miscounted, doubled and made up."""
    deck: dict[str, Any] = {"image": truth["image"], "verified": rng.random() < 0.5, "seconds": rng.random()}
    for section in SECTIONS:
        rows = [{"count": count, "name": name} for count, name, _ in truth[section] if rng.random() < 0.8]
        rows += [{"count": 1, "name": rng.choice(NAMES)} for _ in range(rng.randrange(3)) if rng.random() < 0.5]
        for row in rows:
            if rng.random() < 0.2:
                row["count"] += 1
            if rng.random() < 0.7:
                row["certain"] = rng.random() < 0.6
        deck[section] = rows if rows or rng.random() < 0.5 else None
    return deck


@needs_official_scorer
@pytest.mark.parametrize("seed", range(4))
def test_random_decks_score_as_the_official_scorer_says(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    folder = tmp_path / "truth"
    folder.mkdir()
    truths = [random_truth(rng, f"{number:03}.png") for number in range(120)]
    for truth in truths:
        (folder / f"{truth['image']}.json").write_text(json.dumps(truth), encoding="utf-8")
    decks = [random_deck(rng, truth) for truth in truths if rng.random() < 0.95]
    assert_agrees(folder, decks, tmp_path)


@needs_screens
@needs_official_scorer
def test_real_truths_score_as_the_official_scorer_says(tmp_path: Path) -> None:
    rng = random.Random(7)
    truths = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((SCREENS / "truth").glob("*.json"))]
    assert truths
    full = [{section: each.get(section, []) for section in SECTIONS} | {"image": each["image"]} for each in truths]
    assert_agrees(SCREENS / "truth", [random_deck(rng, copy.deepcopy(each)) for each in full], tmp_path)
