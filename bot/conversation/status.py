"""One sentence on where a conversion is."""

from storage.records import ConversionRecord, State

_STAGES = {
    "decoding": "Opening the picture …",
    "reading": "Reading the card names …",
    "matching": "Looking the cards up …",
}


def status_sentence(conversion: ConversionRecord, *, place: int | None = None, stage: str | None = None) -> str:
    """``place`` is the number of pictures before this one, ``stage`` what its reader does."""
    if conversion.state.is_end:
        return _end(conversion)
    if conversion.state is State.RUNNING:
        return _STAGES.get(stage or "", "Reading the picture …")
    if conversion.state is State.HELD:
        return "Kept, and read by itself when maintenance is over, or when fewer pictures wait."
    if place:
        return f"Waiting: {place} picture{'s' if place > 1 else ''} before yours."
    return "Yours is next."


def _end(conversion: ConversionRecord) -> str:
    if conversion.sentence:
        return conversion.sentence
    return "Done." if conversion.state is State.DONE else "This picture was not read."
