"""Which layouts there are, and how pictures are made and written in numbers."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import Any

from . import (
    arena_deck_builder,
    arena_list,
    mtgo_list,
    mtgo_visual,
    paper_photo,
    plain_text,
    tracker,
    website_text,
    website_visual,
)
from .degrade import degrade
from .picture import Layout, UnfitError
from .pool import Pool

_TRIES = 60


@dataclass(frozen=True, slots=True)
class Kind:
    """A layout under the name that the command line takes, and its share of a mixed set."""

    name: str
    draw: Layout
    share: int


KINDS = (
    Kind("arena-deck-builder", arena_deck_builder.draw, 6),
    Kind("mtgo-visual", mtgo_visual.draw, 5),
    Kind("arena-list", arena_list.draw, 2),
    Kind("tracker", tracker.draw, 1),
    Kind("mtgo-list", mtgo_list.draw, 2),
    Kind("plain-text", plain_text.draw, 2),
    Kind("website-text", website_text.draw, 3),
    Kind("website-visual", website_visual.draw, 3),
    Kind("paper-photo", paper_photo.draw, 2),
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture file with its truth."""

    name: str
    content: bytes
    truth: dict[str, Any]


def make_picture(pool: Pool, kind: Kind, seed: int, number: int) -> Picture:
    """The picture of this number: always the same for the same seed, kind and catalogue."""
    for attempt in range(_TRIES):
        rng = Random(f"{seed}/{kind.name}/{number}/{attempt}")
        try:
            drawn = kind.draw(rng, pool)
        except UnfitError:
            continue
        encoded = degrade(rng, drawn)
        drawn.truth.notes.extend(encoded.notes)
        name = f"{kind.name}-{seed}-{number:04d}"
        image = f"{name}.{encoded.extension}"
        return Picture(image, encoded.content, drawn.truth.as_json(image))
    raise UnfitError(f"no deck fitted into a picture of {kind.name} in {_TRIES} tries")


def schedule(count: int, names: Sequence[str] = ()) -> list[Kind]:
    """The kinds of a set in turn, by their shares; only those named, if any are."""
    chosen = [kind for kind in KINDS if not names or kind.name in names]
    most = max(kind.share for kind in chosen)
    turn = [kind for lap in range(most) for kind in chosen if (lap * kind.share) % most < kind.share]
    return list(islice(cycle(turn), count))


def make_set(pool: Pool, count: int, seed: int, names: Sequence[str] = ()) -> Iterator[Picture]:
    """A mixed set of pictures."""
    for number, kind in enumerate(schedule(count, names), start=1):
        yield make_picture(pool, kind, seed, number)


def write_picture(folder: Path, picture: Picture) -> None:
    """Write a picture under ``images`` and its truth under ``truth``."""
    images, truths = folder / "images", folder / "truth"
    images.mkdir(parents=True, exist_ok=True)
    truths.mkdir(parents=True, exist_ok=True)
    (images / picture.name).write_bytes(picture.content)
    text = json.dumps(picture.truth, ensure_ascii=False, indent=1)
    (truths / f"{Path(picture.name).stem}.json").write_text(text + "\n", encoding="utf-8")
