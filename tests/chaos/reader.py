"""A reader of known cost: run as the child of a worker, it does what the picture's bytes ask for."""

import base64
import json
import os
import signal
import sys
import time
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from ocr_worker.cards.card import Card
from ocr_worker.child.process import Loaded, run
from ocr_worker.decks import Deck, DeckLine, Section
from ocr_worker.errors import NoDeckFound
from ocr_worker.stages import Stage, StageListener

COMMAND = [sys.executable, str(Path(__file__))]
CARD = "Relentless Rats"
_MARK = b"wish: "
#: One grey pixel.
_PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==")


@dataclass(frozen=True, slots=True)
class Wish:
    """A picture: ``number`` copies of a card, after seconds of waiting and of work for the processor.

    ``deed`` may be ``die``, which ends the child, or ``refuse``.
    """

    number: int
    wait_s: float = 0.0
    work_s: float = 0.0
    deed: str = ""

    @property
    def picture(self) -> bytes:
        """The file that a player sends."""
        return json.dumps(asdict(self)).encode()

    @property
    def png(self) -> bytes:
        """The same as a file that chats take for a picture."""
        return _PNG + _MARK + self.picture


class WishReader:
    """Grants wishes."""

    def read(self, data: bytes, on_stage: StageListener) -> Deck:
        on_stage(Stage.DECODING)
        wish = Wish(**json.loads(data.rpartition(_MARK)[2]))
        on_stage(Stage.READING)
        time.sleep(wish.wait_s)
        _work(wish.work_s)
        if wish.deed == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if wish.deed == "refuse":
            raise NoDeckFound("No decklist found in this picture.")
        on_stage(Stage.MATCHING)
        return Deck({Section.MAIN: (DeckLine(wish.number, Card(CARD)),)}, kind="arena-list")


def _work(seconds: float) -> None:
    """Use that much of a processor, however long it takes to get it."""
    until = time.process_time() + seconds
    while time.process_time() < until:
        sum(range(1000))


if __name__ == "__main__":
    run(lambda: Loaded(WishReader(), "stub", "stub-1", date(2026, 11, 1)))
