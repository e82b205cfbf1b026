"""What takes long to load and is shared: the catalogue's index, and the reader with its engine."""

import pytest
from hypothesis import HealthCheck, settings

from ocr_worker.cards import CardIndex, load_index
from ocr_worker.pipeline import Reader
from ocr_worker.reading.decoding import Limits
from ocr_worker.reading.engines.rapid import RapidEngine
from ocr_worker.reading.layouts import all_layouts
from ocr_worker.reading.naming import NameReader

pytest_plugins = ("tests.parts",)

# How long an example takes says something of the machine only.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def index() -> CardIndex:
    """The shipped snapshot."""
    return load_index()


@pytest.fixture(scope="session")
def names(index: CardIndex) -> NameReader:
    """Reads titles against the shipped snapshot."""
    return NameReader(index)


@pytest.fixture(scope="session")
def reader(names: NameReader) -> Reader:
    """The real thing with the default engine, on one thread, since other tests run beside it."""
    return Reader(RapidEngine(threads=1), names, all_layouts(), Limits())
