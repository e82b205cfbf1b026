"""The page shows every picture, needs nothing but itself, and cannot be injected into."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from ocr_worker.evaluation.markup import element, join
from ocr_worker.evaluation.report import render_report, write_report
from ocr_worker.evaluation.running import find_samples, run
from ocr_worker.evaluation.table import Runs
from tests.ocr_worker.evaluation.datasets import DECK, TRUTH, make_folder

EVIL = '</td><script>alert("1")</script>'
VOID = {"img", "meta", "input"}


class Page(HTMLParser):
    """Collects elements and checks that they are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    truths = {"one.json": TRUTH, "evil.json": TRUTH | {"image": "evil.png", "notes": EVIL}}
    folder = make_folder(tmp_path / "data", truths, ("one.png", "evil.png", "unknown.png"))
    (folder / "images" / "broken.png").write_bytes(b"no picture")

    def good(path: Path) -> dict[str, Any]:
        return dict(DECK)

    def bad(path: Path) -> dict[str, Any]:
        rows = [{"count": 1, "name": EVIL, "read": EVIL, "certain": True, "box": [1, 2, 3, 4]}]
        return {"main": rows if path.stem == "evil" else [], "warnings": [EVIL]}

    samples = find_samples(folder)
    return {"rapidocr": list(run(samples, good)), "easyocr": list(run(samples, bad))}


@pytest.fixture
def page(runs: Runs) -> Page:
    return Page(render_report(runs, datetime(2026, 1, 2, 3, 4, tzinfo=UTC)))


def test_every_picture_is_shown_the_worst_first(page: Page) -> None:
    assert len(page.all("article")) == 4
    assert [each["alt"] for each in page.all("img")] == ["evil.png", "one.png", "unknown.png"]
    assert "This file cannot be read as a picture (text file): send a PNG or JPEG screenshot." in page.texts


def test_boxes_lie_on_the_picture_and_belong_to_a_row(page: Page) -> None:
    boxes = {each["id"] for each in page.all("rect")}
    rows = {each["data-box"] for each in page.all("tr") if "data-box" in each}
    assert {each for each in rows - boxes if each and not each.startswith("broken")} == set()
    assert boxes <= rows
    assert len(boxes) == 3 * 3 + 1
    assert {"x": "5", "y": "5", "width": "55", "height": "15"}.items() <= page.all("rect")[0].items()
    assert page.all("svg")[0]["viewbox"] == "0 0 120 80"


def test_what_is_wrong_missing_and_flagged_is_named(page: Page) -> None:
    text = " ".join(page.texts)
    for words in ("Wrong and called certain (1)", "Missing (1)", "Right, and flagged (1)", "is not there"):
        assert words in text
    assert "main: 10 read, 60 displayed" in text
    assert "One row is hidden." in text


def test_the_page_needs_nothing_but_itself(runs: Runs) -> None:
    text = render_report(runs, datetime(2026, 1, 2, tzinfo=UTC))
    assert "http:" not in text
    assert "https:" not in text
    assert all(str(each["src"]).startswith("data:image/jpeg;base64,") for each in Page(text).all("img"))
    assert not [each for each in Page(text).all("script") if each]


def test_text_from_outside_stays_text(page: Page) -> None:
    assert len(page.all("script")) == 1
    assert EVIL in page.texts


def test_one_engine_needs_no_switch(runs: Runs) -> None:
    page = Page(render_report({"rapidocr": runs["rapidocr"]}, datetime(2026, 1, 2, tzinfo=UTC)))
    assert not [each for each in page.all("input") if each["type"] == "radio"]


def test_the_page_is_written_as_utf_8(runs: Runs, tmp_path: Path) -> None:
    write_report(tmp_path / "report.html", runs)
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>\n<html")


def test_plain_text_is_escaped_and_markup_is_not() -> None:
    assert join("<b>", element("b", "&")) == "&lt;b&gt;<b>&amp;</b>"
    assert element("a", title='"<', other=None) == '<a title="&quot;&lt;"></a>'
    assert not re.search("[<>]", join("<>"))
