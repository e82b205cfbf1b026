"""Lines of text in batches: each as wide as its widest line, so similar widths go together."""

from collections.abc import Iterator, Sequence


def batches(widths: Sequence[float], columns: int) -> Iterator[list[int]]:
    """Indices grouped by similar width, each group at most ``columns`` pixels wide with its padding."""
    batch: list[int] = []
    for i in sorted(range(len(widths)), key=lambda i: widths[i]):
        if batch and (len(batch) + 1) * widths[i] > columns:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch
