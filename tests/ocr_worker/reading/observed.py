"""What an observation or a deck holds, short enough to compare with."""

from collections.abc import Iterable

from ocr_worker.decks.deck import Deck, Section
from ocr_worker.decks.evidence import Observation, Sighting

Rows = list[tuple[int, str]]


def seen(observation: Observation, section: Section = Section.MAIN) -> Rows:
    """Counts and names of one section in the order of the sightings, copies of a card added up."""
    return _added(s for s in observation.sightings if s.section is section)


def held(deck: Deck, section: Section = Section.MAIN) -> Rows:
    """Counts and names of one section of a deck."""
    return [(line.count, line.card.front) for line in deck[section]]


def doubtful(deck: Deck) -> list[str]:
    """Names of the lines that are not certain."""
    return [line.card.front for _, line in deck if not line.certain]


def _added(sightings: Iterable[Sighting]) -> Rows:
    counts: dict[str, int] = {}
    for sighting in sightings:
        counts[sighting.card.front] = counts.get(sighting.card.front, 0) + sighting.count
    return [(count, name) for name, count in counts.items()]
