"""Where the data lies that the tests use and the project does not ship, and its history; tests skip where these are
missing."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHARED = Path(os.environ.get("SHARED_DIR", ROOT.parent / "shared"))
SCREENS = SHARED / "screens"
OFFICIAL_SCORER = SHARED / "tools" / "score_decks.py"

needs_screens = pytest.mark.skipif(not SCREENS.is_dir(), reason=f"no real screenshots in {SCREENS}")
needs_official_scorer = pytest.mark.skipif(not OFFICIAL_SCORER.is_file(), reason=f"no scorer at {OFFICIAL_SCORER}")


def git(*words: str) -> str:
    """What git tells of this repository; skips the test where there is no git, or no repository that it can read."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    done = subprocess.run(["git", *words], capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        pytest.skip(f"git cannot tell of this folder: {done.stderr.strip()}")
    return done.stdout
