"""From what was seen to a deck: all evidence together decides names, counts and what stays in doubt.

A reading that adds up to what the picture displays without force has earned trust; one that needs force flags the
lines that were forced. Nothing is invented: what cannot be named is said in a warning.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ocr_worker.cards.card import Card
from ocr_worker.decks.deck import Deck, DeckLine, Section, Total
from ocr_worker.decks.evidence import Observation, Option, Sighting
from ocr_worker.decks.remarks import total_remark

STRONG_FIT = 0.8
STRONG_SHARE = 0.9
TRUSTED = 0.85
"""Trust in a count from which it stands on its own."""

SUPPORTED = 0.35
"""Trust in a count that suffices where a displayed total agrees with the sum."""

LIKELY = 0.6
"""Trust that suffices where the sum was made to agree: it then says little about the other counts."""

NATURAL_SIZES = {Section.MAIN: (60, 40, 80, 99, 100), Section.SIDEBOARD: (15,)}
NATURAL_WITH_COMMANDER = (60, 100)
"""Sizes of main deck and commanders together."""


Place = tuple[Section, str]
"""A line of the deck: its section and its card's name."""


@dataclass(frozen=True, slots=True)
class _Line:
    """All sightings of one card in one section."""

    section: Section
    card: Card
    sightings: tuple[Sighting, ...]

    @property
    def count(self) -> int:
        return sum(s.count for s in self.sightings)

    @property
    def trust(self) -> float:
        return min(s.trust for s in self.sightings)

    @property
    def named(self) -> bool:
        """Every sighting names the card beyond doubt, or lies in a pile with one that does."""
        clear = [s for s in self.sightings if _is_clear(s)]
        piles = {s.pile for s in clear if s.pile}
        return bool(clear) and all(_is_clear(s) or s.pile in piles for s in self.sightings)

    @property
    def place(self) -> Place:
        return self.section, self.card.name


def solve(observation: Observation) -> Deck:
    """The deck that the observation shows, doubts marked."""
    sightings = _settle_names(observation.sightings)
    sightings = _command_zone(sightings, observation)
    lines = _lines(sightings)
    lines, forced = _meet_totals(lines, observation)
    totals = _totals(lines, observation.displayed)
    agreed = {section: _agrees(section, lines, totals, observation) for section in Section}
    natural = {section for section in Section if _is_natural(section, lines, totals)}
    agreeing = _agreeing_piles(lines, observation.piles)
    typed = _agreeing_types(lines, observation)
    marked: dict[Section, list[DeckLine]] = {}
    for line in lines:
        confirmed = line.place in typed or all(seen.pile in agreeing for seen in line.sightings)
        needed = SUPPORTED if confirmed else _trust_needed(line.section, agreed[line.section], natural, forced)
        certain = line.place not in forced and line.trust >= needed and _is_sound(line)
        marked.setdefault(line.section, []).append(_deck_line(line, certain))
    deck_lines = {section: tuple(rows) for section, rows in marked.items()}
    warnings = (*observation.warnings, *_warnings(totals, observation))
    deck = Deck(deck_lines, observation.kind, totals, tuple(dict.fromkeys(warnings)), observation.name)
    return replace(deck, complete=_is_complete(deck, observation, Section.MAIN in natural))


# --- names ------------------------------------------------------------------------------------------------------


def _settle_names(sightings: Sequence[Sighting]) -> list[Sighting]:
    """A doubtful title that may be a card seen clearly in its stack, or in the other section, is that card."""
    clear = {(s.card.name, s.section, s.pile) for s in sightings if _is_clear(s)}
    return [s if _is_clear(s) else _settled(s, clear) for s in sightings]


def _is_clear(seen: Sighting) -> bool:
    return seen.share >= STRONG_SHARE and seen.fit >= STRONG_FIT


def _settled(seen: Sighting, clear: set[tuple[str, Section, str]]) -> Sighting:
    neighbours = {name for name, section, pile in clear if section is seen.section and pile == seen.pile != ""}
    neighbours |= {name for name, section, _ in clear if section is not seen.section}
    known = [o for o in seen.options if o.card.name in neighbours and o.share > 0.02]
    if not known:
        return seen
    best = max(known, key=lambda o: o.share)
    others = [o for o in seen.options if o is not best]
    share = max(best.share, min(0.95, best.share + 0.5))
    return replace(seen, options=(Option(best.card, share), *others))


# --- sections ---------------------------------------------------------------------------------------------------


def _command_zone(sightings: Sequence[Sighting], observation: Observation) -> list[Sighting]:
    """The card that stands alone in the first column is a companion or commander if the totals say so."""
    main = [s for s in sightings if s.section is Section.MAIN]
    side = [s for s in sightings if s.section is Section.SIDEBOARD]
    shown, side_total = observation.displayed.get(Section.MAIN), observation.displayed.get(Section.SIDEBOARD)
    if not main:
        return list(sightings)
    first = main[0]
    read = sum(s.count for s in main) + sum(u.count or 1 for u in observation.unread if u.section is Section.MAIN)
    total = shown if shown is not None else read
    alone = first.pile != "" and sum(s.pile == first.pile for s in main) == 1 and first.count == 1
    side_lacks_one = side_total is not None and sum(s.count for s in side) == side_total - 1
    if alone and first.card.can_be_companion and ((shown is not None and read == shown + 1) or side_lacks_one):
        # One copy is all that the zone holds, whatever badge was or was not seen.
        zone = replace(first, section=Section.COMPANION, trust=max(first.trust, TRUSTED))
        return [zone if s is first else s for s in sightings]
    fits = read - total in (0, 1) and total in (60, 100)
    if alone and fits and _can_command(first.card) and _is_singleton(main):
        trust = first.trust if shown is not None else 0.0
        zone = replace(first, section=Section.COMMANDER, trust=trust)
        return [zone if s is first else s for s in sightings]
    return list(sightings)


def _can_command(card: Card) -> bool:
    front = card.type_line.split(" // ")[0]
    return "Legendary" in front and any(kind in front for kind in ("Creature", "Planeswalker", "Vehicle"))


def _is_singleton(main: Iterable[Sighting]) -> bool:
    return all(s.count == 1 or s.card.max_copies is None for s in main)


# --- counts -----------------------------------------------------------------------------------------------------


def _lines(sightings: Iterable[Sighting]) -> list[_Line]:
    """One line a card and section, in order of first appearance."""
    grouped: dict[tuple[Section, str], list[Sighting]] = {}
    for seen in sightings:
        grouped.setdefault((seen.section, seen.card.name), []).append(seen)
    return [_Line(section, seen[0].card, tuple(seen)) for (section, _), seen in grouped.items()]


def _meet_totals(lines: list[_Line], observation: Observation) -> tuple[list[_Line], set[Place]]:
    """Where one doubtful count alone keeps a section from its total, that count follows from it (and is flagged)."""
    forced: set[Place] = set()
    for section, displayed in observation.displayed.items():
        if any(u.section is section for u in observation.unread):
            continue
        members = [line for line in lines if line.section is section]
        short = displayed - _counted(lines, section)
        zone = Section.COMPANION if section is Section.SIDEBOARD else Section.COMMANDER
        if short and short == _counted(lines, zone):
            continue
        line = _weakest([line for line in members if len(line.sightings) == 1])
        if short == 0 or line is None:
            continue
        count = line.count + short
        if 1 <= count <= (line.card.max_copies or 99):
            seen = replace(line.sightings[0], count=count)
            lines = [replace(x, sightings=(seen,)) if x is line else x for x in lines]
            forced.add(line.place)
    return lines, forced


def _weakest(lines: Sequence[_Line]) -> _Line | None:
    """The line whose count is doubtful, where it is clearly more so than any other's."""
    doubtful = sorted((line for line in lines if line.trust < TRUSTED), key=lambda line: line.trust)
    if not doubtful or (len(doubtful) > 1 and doubtful[0].trust > 0.5 * doubtful[1].trust):
        return None
    return doubtful[0]


def _counted(lines: Iterable[_Line], section: Section) -> int:
    """Cards that the picture counts in a section's total: Arena counts a companion in the sideboard."""
    return sum(line.count for line in lines if line.section is section)


def _totals(lines: Sequence[_Line], displayed: Mapping[Section, int]) -> dict[Section, Total]:
    """What was read against what is displayed; command-zone cards count where the picture counts them."""
    totals: dict[Section, Total] = {}
    extra = {Section.SIDEBOARD: Section.COMPANION, Section.MAIN: Section.COMMANDER}
    for section in (Section.MAIN, Section.SIDEBOARD):
        read, shown = _counted(lines, section), displayed.get(section)
        zone = _counted(lines, extra[section])
        if shown is not None and read != shown and read + zone == shown:
            read += zone
        if read or shown:
            totals[section] = Total(read, shown)
    return totals


def _agrees(
    section: Section, lines: Sequence[_Line], totals: Mapping[Section, Total], observation: Observation
) -> bool | None:
    """Whether a section's sum is confirmed (True), contradicted (False), or nothing is displayed (None)."""
    total = totals.get(section)
    if total is None:
        return None
    if total.displayed is not None:
        hidden = [u.count for u in observation.unread if u.section is section]
        return None not in hidden and total.displayed == total.read + sum(count or 0 for count in hidden)
    if section in observation.types_cover and types_agree(lines, observation.types):
        return True
    return None


def _agreeing_piles(lines: Sequence[_Line], piles: Mapping[str, int]) -> set[str]:
    """Piles whose displayed number of cards is what was read in them."""
    read: dict[str, int] = {}
    for line in lines:
        for seen in line.sightings:
            read[seen.pile] = read.get(seen.pile, 0) + seen.count
    return {pile for pile, count in piles.items() if read.get(pile) == count}


def types_agree(lines: Sequence[_Line], types: Mapping[str, int]) -> bool:
    """Every displayed total of a card type is met, by the main deck or by main deck and sideboard together."""
    return len(types) >= 2 and any(_met(part, types) == set(types) for part in _parts(lines))


def _agreeing_types(lines: Sequence[_Line], observation: Observation) -> set[Place]:
    """Lines whose types' displayed totals are all met, where most of the totals are."""
    types = observation.types
    part, met = max(((part, _met(part, types)) for part in _parts(lines)), key=lambda found: len(found[1]))
    if len(met) < 2 or 2 * len(met) <= len(types):
        return set()
    labels = {line.place: {label for label in types if _is_type(line.card, label)} for line in part}
    return {
        line.place
        for line in part
        if line.section in observation.types_cover and labels[line.place] and labels[line.place] <= met
    }


def _parts(lines: Sequence[_Line]) -> tuple[list[_Line], list[_Line]]:
    """What displayed totals of card types may count: the main deck alone, or with the sideboard."""
    main = [line for line in lines if line.section is Section.MAIN]
    return main, [line for line in lines if line.section in (Section.MAIN, Section.SIDEBOARD)]


def _met(lines: Sequence[_Line], types: Mapping[str, int]) -> set[str]:
    return {label for label, count in types.items() if _of_type(lines, label) == count}


def _of_type(lines: Iterable[_Line], label: str) -> int:
    return sum(line.count for line in lines if _is_type(line.card, label))


def _is_type(card: Card, label: str) -> bool:
    front = card.type_line.split(" // ")[0].casefold()
    if label == "creature":
        return "creature" in front
    if label == "land":
        return "land" in front and "creature" not in front
    if label == "other":
        return "land" not in front and "creature" not in front
    if label == "artifact":
        return "artifact" in front and "creature" not in front and "land" not in front
    if label == "enchantment":
        return "enchantment" in front and not any(w in front for w in ("creature", "artifact", "land"))
    return label in front


def _is_sound(line: _Line) -> bool:
    """Its name is clear and whole, and a deck may hold so many copies."""
    if not line.named or any(s.truncated and s.share < STRONG_SHARE for s in line.sightings):
        return False
    return line.card.max_copies is None or line.count <= max(line.card.max_copies, 4)


def _trust_needed(section: Section, agreed: bool | None, natural: Iterable[Section], forced: Iterable[Place]) -> float:
    """The trust from which a section's counts are certain: the less, the more the section's sum says for them."""
    if agreed or (agreed is None and section in natural):
        return LIKELY if any(place[0] is section for place in forced) else SUPPORTED
    return TRUSTED


def _is_natural(section: Section, lines: Sequence[_Line], totals: Mapping[Section, Total]) -> bool:
    """The section has a size that decks have; commanders fill a main deck up."""
    if section not in totals:
        return False
    read, zone = totals[section].read, _counted(lines, Section.COMMANDER)
    if section is Section.MAIN and zone:
        return read in NATURAL_WITH_COMMANDER or read + zone in NATURAL_WITH_COMMANDER
    return read in NATURAL_SIZES.get(section, ())


def _deck_line(line: _Line, certain: bool) -> DeckLine:
    best = max(line.sightings, key=lambda s: s.fit * s.share)
    others = [o.card.name for o in best.options if o.card.name != line.card.name]
    first = line.sightings[0]
    return DeckLine(line.count, line.card, certain, first.read, first.box, () if certain else tuple(others[:5]))


# --- what is said about it --------------------------------------------------------------------------------------


def _is_complete(deck: Deck, observation: Observation, natural: bool) -> bool:
    """Something says that no card is missing: a displayed total, or a size that decks have."""
    if observation.unread or observation.partial:
        return False
    main = deck.totals.get(Section.MAIN)
    if main is None:
        return False
    if main.displayed is not None:
        return main.agrees
    return natural


def _warnings(totals: Mapping[Section, Total], observation: Observation) -> Iterable[str]:
    for section, total in totals.items():
        if not total.agrees:
            yield total_remark(section, total)
    hidden = list(observation.unread)
    if hidden:
        known = sum(u.count or 1 for u in hidden)
        yield f"{known} card{'s' if known > 1 else ''} could not be named: hidden, cut off or without a title."
