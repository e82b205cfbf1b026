"""The figures as tables for a terminal."""

from collections.abc import Mapping, Sequence
from statistics import median

from rich.markup import escape
from rich.table import Table

from ocr_worker.evaluation.running import Outcome, scores
from ocr_worker.evaluation.scoring import Figures, figures, kinds

Runs = Mapping[str, Sequence[Outcome]]
"""Outcomes of the same samples by the name of the engine that read them."""


def picture_table(runs: Runs) -> Table:
    """One row a picture and engine, pictures in order, engines below each other."""
    table = Table(title="Pictures")
    table.add_column("picture", overflow="fold")
    table.add_column("kind", no_wrap=True)
    if len(runs) > 1:
        table.add_column("engine", no_wrap=True)
    for heading in ("right", "asked", "wrong", "missing", "silent", "flagged", "seconds"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    for outcomes in zip(*runs.values(), strict=True):
        for engine, outcome in zip(runs, outcomes, strict=True):
            cells = _cells(outcome)
            table.add_row(*(cells if len(runs) == 1 else [*cells[:2], engine, *cells[2:]]))
    return table


def figure_table(runs: Runs) -> Table:
    """One row a figure, one column an engine; then the lines' F1 by kind of picture."""
    table = Table(title="Figures")
    table.add_column("")
    for engine in runs:
        table.add_column(engine, justify="right")
    scored = {engine: scores(outcomes) for engine, outcomes in runs.items()}
    totals = [figures(each) for each in scored.values()]
    for name in Figures.__slots__:
        table.add_row(name, *(f"{getattr(total, name):g}" for total in totals))
    for name, value in _times(runs):
        table.add_row(name, *value)
    table.add_section()
    by_kind = [kinds(each) for each in scored.values()]
    for kind in by_kind[0]:
        table.add_row(f"line_f1 of {kind} ({by_kind[0][kind].pictures})", *(f"{k[kind].line_f1:g}" for k in by_kind))
    return table


def _cells(outcome: Outcome) -> list[str]:
    seconds = outcome.deck.get("seconds")
    time = "" if seconds is None else f"{seconds:.2f}"
    score, name = outcome.score, escape(outcome.sample.picture.name)
    if score is None:
        return [name, "", "", "", "", "", "", "", time, "no truth"]
    remark = escape(score.error) or ("exact" if score.is_exact else "")
    wrong = score.got - score.right
    numbers = (score.right, score.asked, wrong, score.missing, score.silent, score.flagged)
    return [name, escape(score.kind), *map(str, numbers), time, remark]


def _times(runs: Runs) -> list[tuple[str, list[str]]]:
    times = [[float(o.deck.get("seconds") or 0) for o in outcomes] for outcomes in runs.values()]
    return [
        ("seconds, median", [f"{median(each):.2f}" if each else "" for each in times]),
        ("seconds, all", [f"{sum(each):.1f}" for each in times]),
    ]
