"""Text from outside, as every database takes it."""

from typing import Any, TypeVar

_T = TypeVar("_T")


def storable(value: _T) -> _T:
    """The same text, or JSON with texts in it, without NUL and halves of letters, which Postgres refuses."""
    cleaned: Any = value
    if isinstance(value, str):
        cleaned = value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    elif isinstance(value, dict):
        cleaned = {storable(key): storable(one) for key, one in value.items()}
    elif isinstance(value, list | tuple):
        cleaned = [storable(one) for one in value]
    result: _T = cleaned
    return result
