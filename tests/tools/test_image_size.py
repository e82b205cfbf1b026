"""The light image stays small."""

import re

import pytest

from tests.shared import ROOT
from tools import image_size

_OTHER_PLATFORMS = {"async-timeout", "audioop-lts", "colorama"}


def test_every_locked_package_is_counted() -> None:
    text = (ROOT / "requirements" / "runtime.lock").read_text(encoding="utf-8")
    names = set(re.findall(r"(?m)^([a-z0-9.-]+)(?:\[[^]]*\])?==", text))
    assert names - image_size.locked() <= _OTHER_PLATFORMS


@pytest.mark.slow
def test_the_light_image_is_smaller_than_promised() -> None:
    assert 300 < sum(image_size.parts().values()) / image_size.MB < image_size.GOAL_MB
