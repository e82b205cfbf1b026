"""Which cards there are, and which one a text names."""
from ocr_worker.cards.card import Card
from ocr_worker.cards.index import CardIndex, Kind, Spelling
from ocr_worker.cards.matching import Match
from ocr_worker.cards.snapshot import read_compact, snapshot_path
from pathlib import Path

def load_index(data_dir: Path | None = None) -> CardIndex:
    return CardIndex(read_compact(snapshot_path()))
