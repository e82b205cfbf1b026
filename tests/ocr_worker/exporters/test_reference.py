"""The reference is what the exporters declare."""

from pathlib import Path

from ocr_worker.exporters import formats
from ocr_worker.exporters.reference import reference

DOCS = Path(__file__).parents[3] / "docs" / "formats.md"


def test_reference_is_up_to_date() -> None:
    """Otherwise: python -m ocr_worker.exporters.reference > docs/formats.md"""
    assert DOCS.read_text(encoding="utf-8") == reference()


def test_reference_has_a_chapter_for_every_format() -> None:
    for name in formats():
        assert f"### `{name}`" in reference()
