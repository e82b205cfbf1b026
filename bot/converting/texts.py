"""What ``convert`` says on stderr about a deck that it read."""

from collections.abc import Iterable, Iterator

from ocr_worker.decks import Deck, DeckLine, Section

_WORDS = {
    Section.MAIN: "main",
    Section.SIDEBOARD: "side",
    Section.COMMANDER: "commander",
    Section.COMPANION: "companion",
}


def describe(shown: str, deck: Deck, notes: Iterable[str] = ()) -> Iterator[str]:
    """The facts in one line, then what is in doubt, warnings, and what the format could not hold."""
    yield f"{shown}: {facts(deck)}"
    for section, line in deck:
        if not line.certain:
            yield f"  ? {doubt(section, line)}"
    for remark in (*deck.warnings, *notes):
        yield f"  ! {remark}"


def facts(deck: Deck) -> str:
    """``60 main, 15 side; 2 rows uncertain``"""
    sizes = ", ".join(f"{deck.size(section)} {_WORDS[section]}" for section in _WORDS if deck[section])
    return f"{sizes}; {_trust(deck)}"


def doubt(section: Section, line: DeckLine) -> str:
    """A row that is in doubt, what was read, and what else it may be."""
    where = "" if section is Section.MAIN else f" ({_WORDS[section]})"
    read = f'; read: "{line.read}"' if line.read and line.read != line.card.front else ""
    others = f"; or: {', '.join(line.candidates)}" if line.candidates else ""
    return f"{line.count} {line.card.name}{where}{read}{others}"


def refusal(shown: str, reason: str) -> str:
    """Why there is no deck, naming the input once."""
    return f"{shown}: {reason.removeprefix(shown).lstrip()}"


def _trust(deck: Deck) -> str:
    uncertain = sum(not line.certain for _, line in deck)
    if uncertain:
        return f"{uncertain} row{'s' if uncertain > 1 else ''} uncertain"
    return "verified" if deck.verified else "not verified, cards may be missing"
