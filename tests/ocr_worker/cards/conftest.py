"""What the tests of the catalogue share: the index of the shipped snapshot, built once."""

import pytest
from hypothesis import HealthCheck, settings

from ocr_worker.cards import CardIndex, load_index

# How long an example takes says something of the machine only.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def index() -> CardIndex:
    return load_index()
