"""What can go wrong between a picture and a decklist, in words for the person who sent it.

Screen2DeckError            its text is one sentence that may be shown as it is
├── PictureError            the file cannot be read: what is wrong, what to do
├── NoDeckFound             the picture is fine, and shows no decklist
├── EngineUnavailable       the OCR engine that was asked for is not installed or does not start
├── CatalogueError          no usable card catalogue, or a download that failed
├── ExportError             a format that cannot hold this deck
└── DecklistError           a pasted text list that cannot be parsed
"""


class Screen2DeckError(Exception):
    """An expected failure; ``str(error)`` is one sentence that may be shown to anyone."""


class PictureError(Screen2DeckError):
    """The file is no readable picture, or exceeds a limit."""


class NoDeckFound(Screen2DeckError):  # a finding about the picture, not a fault
    """The picture was read and shows no decklist."""


class EngineUnavailable(Screen2DeckError):
    """The OCR engine is not installed or cannot start here."""


class CatalogueError(Screen2DeckError):
    """The card catalogue is missing, damaged or could not be fetched."""


class ExportError(Screen2DeckError):
    """The deck cannot be written in this format."""


class DecklistError(Screen2DeckError):
    """A text decklist could not be parsed."""
