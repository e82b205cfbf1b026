"""What a recogniser's probabilities spell, and how well a given name fits them."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_worker.reading.engines.ctc import best_path_score, decode, log_likelihoods
from ocr_worker.reading.lines import Lattice

SYMBOLS = ("", *"abcdefghijklmnopqrstuvwxyz '")


def lattice(steps: str, sure: float = 0.9, unsure: Sequence[int] = ()) -> Lattice:
    """One step for each character, ``-`` being blank; at ``unsure`` steps, the letter after it is as likely."""
    rest = (1 - sure) / (len(SYMBOLS) - 1)
    probabilities = np.full((len(steps), len(SYMBOLS)), rest, np.float32)
    for step, character in enumerate(steps):
        place = 0 if character == "-" else SYMBOLS.index(character)
        probabilities[step, place] = sure
        if step in unsure:
            probabilities[step, [place, place + 1]] = sure / 2
    return Lattice(probabilities / probabilities.sum(axis=1, keepdims=True), SYMBOLS)


class TestDecoding:
    @pytest.mark.parametrize(
        ("steps", "text"),
        [("opt", "opt"), ("oopptt", "opt"), ("-o-p-t-", "opt"), ("fal-l", "fall"), ("fall", "fal"), ("---", "")],
    )
    def test_repeats_are_one_letter_and_a_blank_parts_two(self, steps: str, text: str) -> None:
        assert decode(lattice(steps))[0] == text

    def test_the_confidence_is_that_of_the_letters(self) -> None:
        assert decode(lattice("-opt-", sure=0.8))[1] == pytest.approx(0.8, abs=0.001)

    def test_nothing_is_read_with_no_confidence(self) -> None:
        assert decode(lattice("----")) == ("", 0.0)

    @given(st.text("abc", min_size=1, max_size=8))
    def test_every_text_comes_back(self, text: str) -> None:
        assert decode(lattice("-".join(text)))[0] == text


class TestLikelihoods:
    def test_no_texts_have_none(self) -> None:
        assert log_likelihoods(lattice("opt"), []) == []

    def test_what_stands_there_is_the_likeliest(self) -> None:
        scores = log_likelihoods(lattice("-d-u-r-e-s-s-"), ["duress", "dures", "mountain", "distress"])

        assert max(scores) == scores[0]
        assert min(scores) == scores[2]

    def test_nothing_is_much_likelier_than_the_best_path(self) -> None:
        read = lattice("-o-p-t-", unsure=[3])

        assert all(score <= best_path_score(read) + 2 for score in log_likelihoods(read, ["opt", "oqt", "island"]))

    def test_an_unclear_letter_leaves_both_names_possible(self) -> None:
        clear, unclear = lattice("-o-p-t-"), lattice("-o-p-t-", unsure=[3])
        apart, near = (
            scores[0] - scores[1] for scores in (log_likelihoods(each, ["opt", "oqt"]) for each in (clear, unclear))
        )

        assert apart > 2
        assert near == pytest.approx(0, abs=0.1)

    def test_what_stands_around_a_name_costs_nothing(self) -> None:
        alone, amid = lattice("-o-p-t-"), lattice("xx--o-p-t---zz")
        short, long = (log_likelihoods(each, ["opt"])[0] - best_path_score(each) for each in (alone, amid))

        assert long == pytest.approx(short, abs=1)

    def test_accents_that_the_recogniser_does_not_know_count_as_plain_letters(self) -> None:
        accented, plain = log_likelihoods(lattice("-d-u-l-'-s-"), ["dûl’s", "dul's"])

        assert accented == pytest.approx(plain)

    def test_a_text_longer_than_the_line_is_impossible(self) -> None:
        assert log_likelihoods(lattice("abc"), ["abcdefghi"]) == [-np.inf]
