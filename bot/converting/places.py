"""Where the files of ``convert`` go; never onto one of its inputs, never two onto each other."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.converting.inputs import Input

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")


class PlaceError(ValueError):
    """A place that cannot be used; ``str(error)`` is one sentence."""


def result_paths(inputs: Sequence[Input], folder: Path, suffix: str) -> list[Path]:
    """A file in ``folder`` for each input, named like it: ``deck.txt``, then ``deck-2.txt``."""
    return _named(inputs, folder, "", suffix)


def annotated_paths(inputs: Sequence[Input], target: Path) -> list[Path]:
    """A picture for each input: ``target``, then ``target-2`` and so on; or all in the folder ``target``.

    It is taken for a folder if it is one or has no ending. Raises PlaceError for an ending that is none of a
    picture, and where an input would be overwritten.
    """
    if target.is_dir() or not target.suffix:
        return _named(inputs, target, "-annotated", ".png")
    if target.suffix.lower() not in PICTURE_SUFFIXES:
        raise PlaceError(f"{target} must end in {', '.join(PICTURE_SUFFIXES)}, or be a folder.")
    paths = [target if n == 1 else target.with_stem(f"{target.stem}-{n}") for n in range(1, len(inputs) + 1)]
    for path in paths:
        if any(each.is_file(path) for each in inputs):
            raise PlaceError(f"{path} is one of the pictures to read and would be overwritten.")
    return paths


def _named(inputs: Sequence[Input], folder: Path, addition: str, suffix: str) -> list[Path]:
    paths: list[Path] = []
    for each in inputs:
        free = (path for path in _variants(folder, f"{each.stem}{addition}", suffix) if path not in paths)
        paths.append(next(path for path in free if not any(other.is_file(path) for other in inputs)))
    return paths


def _variants(folder: Path, stem: str, suffix: str) -> Iterator[Path]:
    number = 1
    while True:
        yield folder / (f"{stem}{suffix}" if number == 1 else f"{stem}-{number}{suffix}")
        number += 1
