"""Small folders of pictures and truths, and readers that stand in for real ones."""

import json
from pathlib import Path
from typing import Any

from PIL import Image

TRUTH: dict[str, Any] = {
    "image": "one.png",
    "kind": "arena-list",
    "main": [[4, "Lightning Bolt", "sure"], [2, "Fire // Ice", "sure"], [1, "Opt", "partly-hidden"]],
    "side": [[3, "Negate", "sure"]],
    "companion": [[1, "Jegantha, the Wellspring", "sure"]],
}

DECK: dict[str, Any] = {
    "main": [
        {
            "count": 4,
            "name": "Lightning Bolt",
            "certain": True,
            "read": "Lightning Bo1t",
            "box": [5, 5, 60, 20],
        },
        {"count": 3, "name": "Fire", "certain": True, "read": "Fire", "box": [5, 25, 60, 40]},
        {"count": 2, "name": "Shock", "certain": False, "box": [5, 45, 60, 60]},
        {"count": 1, "name": "Opt", "certain": False, "box": None},
    ],
    "side": [{"count": 1, "name": "Jegantha, the Wellspring"}],
    "companion": [{"count": 1, "name": "Jegantha, the Wellspring", "certain": False}],
    "totals": {"main": {"read": 10, "displayed": 60}},
    "warnings": ["One row is hidden."],
    "verified": False,
}


def make_folder(folder: Path, truths: dict[str, Any], pictures: tuple[str, ...]) -> Path:
    """Write ``images/`` and ``truth/`` (by file name) below ``folder``."""
    for name in ("images", "truth"):
        (folder / name).mkdir(parents=True)
    for name in pictures:
        Image.new("RGB", (120, 80), "navy").save(folder / "images" / name)
    for name, truth in truths.items():
        (folder / "truth" / name).write_text(json.dumps(truth), encoding="utf-8")
    return folder
