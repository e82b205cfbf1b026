"""Columns by their left edges, and the rhythm of what stands in them."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_worker.reading.columns import by_left_edge, common_step
from ocr_worker.reading.lines import Rect


def at(left: float, top: float) -> Rect:
    return Rect(left, top, left + 80, top + 20)


def itself(rect: Rect) -> Rect:
    return rect


def test_what_has_the_same_left_edge_is_a_column_from_top_to_bottom() -> None:
    first, second, third = at(100, 10), at(102, 40), at(400, 10)

    assert by_left_edge([third, second, first], itself, 10) == [[first, second], [third]]


def test_edges_may_drift_as_far_as_the_tolerance_from_their_median() -> None:
    drifting = [at(100 + 6 * number, 30 * number) for number in range(5)]

    assert len(by_left_edge(drifting, itself, 12)) == 2
    assert len(by_left_edge(drifting, itself, 30)) == 1


def test_nothing_makes_no_columns() -> None:
    assert by_left_edge([], itself, 10) == []


def test_the_edge_may_be_told_apart_from_the_rectangle() -> None:
    counted, bare = at(100, 10), at(130, 40)  # "4 Opt" and "Opt": the names begin at 130
    starts = {counted: 130.0, bare: 130.0}

    assert by_left_edge([counted, bare], itself, 10, starts.__getitem__) == [[counted, bare]]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 20)), min_size=1, max_size=30, unique=True),
    st.integers(0, 100),
)
def test_columns_keep_every_item_once_in_reading_order(places: list[tuple[int, int]], seed: int) -> None:
    items = [at(200 * column, 30 * row) for column, row in places]
    shuffled = Random(seed).sample(items, len(items))
    columns = by_left_edge(shuffled, itself, 50)

    assert [item for column in columns for item in column] == sorted(items, key=lambda r: (r.left, r.top))
    assert len(columns) == len({column for column, _ in places})


def test_neighbours_at_equal_distances_have_a_common_step() -> None:
    assert common_step([0, 30, 60, 91, 120], 10, 100) == pytest.approx(30, abs=1)


def test_a_missing_neighbour_does_not_change_the_step() -> None:
    assert common_step([0, 30, 60, 120, 150, 180], 10, 100) == 30


def test_steps_out_of_range_are_no_steps() -> None:
    assert common_step([0, 3, 200], 10, 100) is None
    assert common_step([0], 10, 100) is None
    assert common_step([], 10, 100) is None


def test_the_commonest_of_several_steps_wins() -> None:
    assert common_step([0, 30, 60, 90, 160, 230], 10, 100) == 30


@given(st.floats(11, 90), st.lists(st.booleans(), min_size=6, max_size=20), st.floats(-500, 500))
def test_a_rhythm_is_found_wherever_it_starts(step: float, read: list[bool], start: float) -> None:
    places = [start + step * number for number, is_read in enumerate([True, True, *read]) if is_read]
    found = common_step(places, 10, 1.5 * step)

    assert found == pytest.approx(step)
