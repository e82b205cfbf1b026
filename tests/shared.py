"""Where the data lies that the tests use and the project does not ship; tests skip where it is missing."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHARED = Path(os.environ.get("SHARED_DIR", ROOT.parent / "shared"))
SCREENS = SHARED / "screens"
OFFICIAL_SCORER = SHARED / "tools" / "score_decks.py"

needs_screens = pytest.mark.skipif(not SCREENS.is_dir(), reason=f"no real screenshots in {SCREENS}")
needs_official_scorer = pytest.mark.skipif(not OFFICIAL_SCORER.is_file(), reason=f"no scorer at {OFFICIAL_SCORER}")
