"""Plots of figures as PNG pictures, dark and readable on a phone, drawn in a process of their own.

Drawing takes a second of a core and 100 MB: in a child it keeps nobody's answer waiting, and nothing of it stays.
"""

import json
import logging
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from chatops.figures import Series, figure
from chatops.model import File, OpsError
from config.ops import Threshold
from config.programs import run_program

log = logging.getLogger(__name__)

_TIMEOUT_S = 20.0
_PASSED = ("PATH", "HOME", "LANG", "TMPDIR", "MPLCONFIGDIR", "COVERAGE_PROCESS_CONFIG")


class NotDrawn(OpsError):
    """The plot could not be made; the numbers are there all the same."""


async def plot(
    series: Sequence[Series],
    *,
    title: str,
    since: datetime,
    until: datetime,
    thresholds: dict[str, Threshold] | None = None,
    cache: Path | None = None,
    within_s: float = _TIMEOUT_S,
) -> bytes:
    """A PNG with a panel for each series, times in UTC, thresholds as lines; raises NotDrawn.

    ``cache`` is a folder that can be written to, for what the drawing library keeps about fonts.
    """
    panels = [_panel(one, (thresholds or {}).get(one.name)) for one in series]
    order = {"title": title, "since": since.timestamp(), "until": until.timestamp(), "panels": panels}
    command = [sys.executable, "-m", "chatops.observing.drawing"]
    try:
        drawn = await run_program(
            command,
            within_s,
            given=json.dumps(order).encode(),
            environment=_environment(cache),
            folder=Path(__file__).parents[2],
        )
    except TimeoutError:
        raise NotDrawn(f"The plot could not be drawn within {within_s:g} s.") from None
    if drawn.code or not drawn.out:
        log.warning("a plot could not be drawn: %s", " ".join(drawn.lines()[-1:]))
        raise NotDrawn("The plot could not be drawn.")
    return drawn.out


async def plotted(name: str, series: Sequence[Series], **how: Any) -> tuple[tuple[File, ...], str]:
    """A file with the plot, or no file and why; what has no points at all is not drawn."""
    drawn = [one for one in series if one.points]
    if not drawn:
        return (), "Nothing was measured in this time, so there is no plot."
    try:
        return (File(name, await plot(drawn, **how), "image/png"),), ""
    except NotDrawn as error:
        return (), str(error)


def _panel(one: Series, threshold: Threshold | None) -> dict[str, Any]:
    known = figure(one.name)
    return {
        "title": known.title,
        "unit": known.unit,
        "points": [(at.timestamp(), value) for at, value in one.points],
        "warn": None if threshold is None else threshold.warn,
        "alert": None if threshold is None else threshold.alert,
        "newest": known.shown(one.points[-1][1]) if one.points else "",
    }


def _environment(cache: Path | None) -> dict[str, str]:
    """Nothing of this process' own, in which secrets are."""
    kept = {name: os.environ[name] for name in _PASSED if name in os.environ}
    if "MPLCONFIGDIR" not in kept and cache is not None and not os.access(kept.get("HOME", "/nowhere"), os.W_OK):
        kept["MPLCONFIGDIR"] = str(cache)
    # One thread: the other cores have pictures to read.
    return {**kept, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
