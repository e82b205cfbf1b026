"""Several pictures of one deck as one outcome."""

from collections.abc import Sequence
from dataclasses import replace

from bot.converting.outcomes import Converted, Failed, Outcome
from ocr_worker.decks.merging import merge_decks


def merged_outcome(outcomes: Sequence[Outcome]) -> Outcome:
    """One deck of all that were read, with a warning for each that was not; Failed where none was read."""
    name = " + ".join(each.name for each in outcomes)
    read = [each for each in outcomes if isinstance(each, Converted)]
    failed = [each for each in outcomes if isinstance(each, Failed)]
    if not read:
        return Failed(name, "None of these pictures could be read.", max(each.status for each in failed))
    deck = merge_decks([each.deck for each in read])
    if failed:
        missing = tuple(f"{each.name} could not be read and is not in this list." for each in failed)
        deck = replace(deck, warnings=(*missing, *deck.warnings), complete=False)
    engines = [each.engine for each in read if each.engine]
    seconds = [each.seconds for each in read if each.seconds is not None]
    return Converted(name, deck, engines[0] if engines else None, sum(seconds) if seconds else None)
