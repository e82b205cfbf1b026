"""One HTML page that shows every picture with what was read, wrong, missing and flagged, the worst first.

The page needs nothing but itself. Whatever stands in a picture or a truth file is escaped.
"""

import base64
import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from PIL import Image

from ocr_worker.errors import PictureError
from ocr_worker.evaluation.markup import Markup, element, trusted
from ocr_worker.evaluation.page_parts import SCRIPT, STYLE
from ocr_worker.evaluation.running import Outcome, scores
from ocr_worker.evaluation.scoring import Figures, Line, Score, Verdict, figures, read_lines
from ocr_worker.evaluation.table import Runs
from ocr_worker.reading.decoding import decode, read_file

#: Pictures are shown, not measured: wider ones are scaled down to keep the page small.
MAX_WIDTH = 1600
_JPEG_QUALITY = 82

_GROUPS = {
    "silent": "Wrong and called certain",
    "doubted": "Wrong, and flagged",
    "missing": "Missing",
    "flagged": "Right, and flagged",
    "right": "Right",
    "unasked": "Left out of account",
}


def write_report(path: Path, runs: Runs, made: datetime | None = None) -> None:
    """Write the page for ``runs``; ``made`` is the time it shows."""
    path.write_text(render_report(runs, made or datetime.now(UTC)), encoding="utf-8")


def render_report(runs: Runs, made: datetime) -> str:
    """Return the page as text."""
    outcomes = list(zip(*runs.values(), strict=True))
    articles = [_article(list(runs), each) for each in sorted(outcomes, key=_badness)]
    return "<!DOCTYPE html>\n" + element(
        "html",
        _head(),
        element(
            "body",
            element("h1", "How well decks are read"),
            element("p", f"{len(outcomes)} pictures, the worst first. {made:%d %B %Y, %H:%M} UTC.", class_="note"),
            _figures(runs),
            _switches(list(runs)),
            *articles,
            element("script", trusted(SCRIPT)),
            data_engine="0",
        ),
        lang="en",
    )


def _head() -> Markup:
    only_itself = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", http_equiv="Content-Security-Policy", content=only_itself),
        element("title", "How well decks are read"),
        element("style", trusted(STYLE)),
    )


def _badness(outcomes: Sequence[Outcome]) -> tuple[float, float, str]:
    """Silent errors first, then the share of lines that are not right, over all engines; last, no truth."""
    found = scores(outcomes)
    silent = sum(score.silent for score in found)
    right = sum(score.right for score in found) / max(sum(max(s.asked, s.got) for s in found), 1)
    return (-silent, right if found else 2.0, outcomes[0].sample.picture.name)


def _figures(runs: Runs) -> Markup:
    totals = [figures(scores(outcomes)) for outcomes in runs.values()]
    rows = [
        element("tr", element("th", name), *(element("td", f"{getattr(total, name):g}") for total in totals))
        for name in Figures.__slots__
    ]
    head = element("tr", element("th"), *(element("th", engine) for engine in runs))
    return element("table", head, *rows, class_="figures")


def _switches(engines: Sequence[str]) -> Markup:
    """Which engine's boxes lie on the pictures, and of which lines."""
    choices = [
        element("label", element("input", type="radio", name="engine", value=str(number)), engine)
        for number, engine in enumerate(engines)
    ]
    kinds = [
        element("label", element("input", type="checkbox", name="boxes", value=key), title, class_=key)
        for key, title in _GROUPS.items()
        if key != "missing"  # what was not read has no box
    ]
    return element("form", *(choices if len(engines) > 1 else []), *kinds, class_="switches")


def _article(engines: Sequence[str], outcomes: Sequence[Outcome]) -> Markup:
    sample = outcomes[0].sample
    kind = str((sample.truth or {}).get("kind", "no truth"))
    notes = str((sample.truth or {}).get("notes") or "")
    columns = [_column(n, engine, outcome) for n, (engine, outcome) in enumerate(zip(engines, outcomes, strict=True))]
    return element(
        "article",
        element("h2", sample.picture.name, " ", element("small", kind)),
        element("p", notes, class_="note") if notes else "",
        _figure(sample.picture, outcomes),
        element("div", *columns, class_="engines"),
        class_="one" if len(engines) == 1 else "several",
    )


def _figure(picture: Path, outcomes: Sequence[Outcome]) -> Markup:
    """Return the picture with the boxes of every engine over it; the switches choose which are seen."""
    try:
        pixels = decode(read_file(picture))
    except PictureError as error:
        return element("figure", element("p", str(error), class_="error"))
    height, width = pixels.shape[:2]
    layers = [
        element("g", *_boxes(number, outcome), class_="layer", data_engine=str(number))
        for number, outcome in enumerate(outcomes)
    ]
    overlay = element("svg", *layers, viewBox=f"0 0 {width} {height}", preserveAspectRatio="none")
    shown = element("img", src=_data_uri(Image.fromarray(pixels)), alt=picture.name, loading="lazy")
    return element("figure", element("div", shown, overlay, class_="picture"))


def _data_uri(image: Image.Image) -> str:
    if image.width > MAX_WIDTH:
        image = image.resize((MAX_WIDTH, max(1, round(image.height * MAX_WIDTH / image.width))))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=_JPEG_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode("ascii")


def _boxes(engine: int, outcome: Outcome) -> Iterator[Markup]:
    for number, line in enumerate(_lines(outcome)):
        if line.box is not None:
            left, top, right, bottom = line.box
            place = {"x": left, "y": top, "width": max(right - left, 1), "height": max(bottom - top, 1)}
            yield element(
                "rect",
                element("title", f"{line.got} {line.name}"),
                class_=_group(line),
                id=f"{_slug(outcome)}-{engine}-{number}",
                **{name: str(value) for name, value in place.items()},
            )


def _column(engine: int, name: str, outcome: Outcome) -> Markup:
    """Return one engine's lines, grouped, with its warnings and totals."""
    score = outcome.score
    numbered = sorted(enumerate(_lines(outcome)), key=lambda each: list(_GROUPS).index(_group(each[1])))
    groups = [
        _lines_table(key, [(f"{_slug(outcome)}-{engine}-{number}", line) for number, line in members])
        for key, members in groupby(numbered, key=lambda each: _group(each[1]))
    ]
    remarks = [element("li", text) for text in _remarks(outcome)]
    summary = "no truth to compare with" if score is None else _summary(score)
    return element(
        "section",
        element("h3", name, " ", element("small", summary)),
        element("ul", *remarks, class_="remarks") if remarks else "",
        *groups,
    )


def _summary(score: Score) -> str:
    wrong = score.got - score.right
    words = [f"{score.right} of {score.asked} right", f"{wrong} wrong", f"{score.missing} missing"]
    words += [f"{score.silent} silent", f"{score.flagged} flagged"]
    words += [f"{score.seconds:.2f} s"] if score.seconds is not None else []
    words += ["verified"] if score.verified else []
    words += ["exact"] if score.is_exact else []
    return ", ".join(words)


def _remarks(outcome: Outcome) -> Iterator[str]:
    deck = outcome.deck
    if deck.get("error"):
        yield str(deck["error"])
    yield from map(str, deck.get("warnings") or ())
    for section, total in (deck.get("totals") or {}).items():
        if total.get("displayed") is not None:
            yield f"{section}: {total.get('read')} read, {total['displayed']} displayed"


def _lines_table(group: str, lines: Sequence[tuple[str, Line]]) -> Markup:
    rows = [_row(box_id, line) for box_id, line in lines]
    table = element("table", *rows, class_="lines")
    title = f"{_GROUPS[group]} ({len(lines)})"
    folded = element("details", element("summary", title), table, class_=group)
    return folded if group in ("right", "unasked") else element("div", element("h4", title), table, class_=group)


def _row(box_id: str, line: Line) -> Markup:
    asked = "" if line.verdict in (Verdict.RIGHT, Verdict.UNASKED) else _expected(line)
    return element(
        "tr",
        element("td", line.section),
        element("td", str(line.got or ""), class_="count"),
        element("td", line.name),
        element("td", element("q", line.read) if line.read else ""),
        element("td", asked),
        data_box=box_id if line.box else None,
    )


def _expected(line: Line) -> str:
    if line.verdict is Verdict.EXTRA:
        return "is not there"
    return f"{line.asked} in the picture"


def _group(line: Line) -> str:
    if line.is_wrong:
        return "silent" if line.certain else "doubted"
    if line.verdict is Verdict.RIGHT:
        return "right" if line.certain else "flagged"
    return str(line.verdict)


def _lines(outcome: Outcome) -> tuple[Line, ...]:
    """Return the scored lines; without truth, all that was read as if it were right."""
    return read_lines(outcome.deck) if outcome.score is None else outcome.score.lines


def _slug(outcome: Outcome) -> str:
    return "".join(char if char.isalnum() else "-" for char in outcome.sample.picture.name)
