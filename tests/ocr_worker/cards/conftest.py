"""What the tests of the catalogue share: the index of the shipped snapshot, built once."""

import pytest

from ocr_worker.cards import CardIndex, load_index


@pytest.fixture(scope="session")
def index() -> CardIndex:
    return load_index()
