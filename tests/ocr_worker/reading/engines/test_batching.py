"""Lines of similar width are read together, and never too many at once."""

from hypothesis import given
from hypothesis import strategies as st

from ocr_worker.reading.engines.batching import batches

WIDTHS = st.lists(st.integers(1, 900))


@given(WIDTHS)
def test_each_line_is_in_one_batch(widths: list[int]) -> None:
    assert sorted(i for batch in batches(widths, 1000) for i in batch) == list(range(len(widths)))


@given(WIDTHS)
def test_no_batch_is_wider_than_allowed_with_its_padding(widths: list[int]) -> None:
    assert all(len(batch) * max(widths[i] for i in batch) <= 1000 for batch in batches(widths, 1000))


def test_a_line_wider_than_a_batch_is_one_of_its_own() -> None:
    assert list(batches([100, 5000, 110], 1000)) == [[0, 2], [1]]
