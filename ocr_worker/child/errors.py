"""What can go wrong between a worker and the child that reads for it; each text may be shown to the player.

ReaderUnavailable           there is no reader, whatever the picture: not installed, does not start, stopped
PictureRefused              the picture was looked at, and is none or shows no deck; the same again is refused again
ReadingFailed               this picture was not read to its end
├── ReadingTimedOut         it took longer than it may
├── ReadingOutOfMemory      it took more memory than it may
├── ReadingCrashed          the child died of it, or of something else
└── ReadingFaulted          a defect of the reader, which lives on; the same again fails again
"""

from enum import StrEnum

from ocr_worker.errors import Screen2DeckError


class RefusalCode(StrEnum):
    """Why a picture is refused."""

    BAD_PICTURE = "bad_picture"
    NO_DECK = "no_deck"


class ReaderUnavailable(Screen2DeckError):
    """No child can be started, or the handle was stopped."""


class PictureRefused(Screen2DeckError):  # a finding about the picture, not a fault
    """The file is no readable picture, or shows no deck; ``code`` tells which."""

    def __init__(self, code: RefusalCode, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class ReadingFailed(Screen2DeckError):
    """The picture was not read to its end."""


class ReadingTimedOut(ReadingFailed):
    """The picture took longer than it may; the child was killed."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"Reading this picture took too long (over {seconds:g} seconds): send a smaller or clearer one."
        )


class ReadingOutOfMemory(ReadingFailed):
    """The picture took more memory than it may; the child was killed."""

    def __init__(self) -> None:
        super().__init__("Reading this picture took too much memory: send a smaller one or only the deck.")


class ReadingCrashed(ReadingFailed):
    """The child died while it read the picture."""

    def __init__(self) -> None:
        super().__init__("The reader broke down over this picture: save it as a new PNG or JPEG and send that.")


class ReadingFaulted(ReadingFailed):
    """The reader met a defect of its own, whose name is ``fault``."""

    def __init__(self, sentence: str, fault: str) -> None:
        super().__init__(sentence)
        self.fault = fault
