"""Recorded deliveries of Alertmanager, damaged in whatever way."""

import copy
from typing import Any

from hypothesis import strategies as st

from tests.chatops.pipeline import captured


def bodies() -> list[dict[str, Any]]:
    return [captured(f"{number:02}") for number in (1, 2, 4, 7, 11, 21, 23, 25, 29, 35, 38, 40)]


ODD: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False)
    | st.text(max_size=30)
    | st.sampled_from(
        ["firing", "resolved", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999+14:00", "\0", "\ud800"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A recorded delivery with some of its parts taken away or replaced by anything."""
    told = copy.deepcopy(draw(st.sampled_from(bodies())))
    for _ in range(draw(st.integers(1, 4))):
        place: Any = told
        for _ in range(draw(st.integers(0, 4))):
            inner = place.values() if isinstance(place, dict) else place
            deeper = [one for one in inner if isinstance(one, dict | list) and one]
            if not deeper:
                break
            place = draw(st.sampled_from(deeper))
        key = draw(st.sampled_from(sorted(place, key=str) if isinstance(place, dict) else range(len(place))))
        if draw(st.booleans()):
            place[key] = draw(ODD)
        elif len(place) > 1 or place is not told:
            del place[key]
        if isinstance(place, list) and not place:
            break
    return told
