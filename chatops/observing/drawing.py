"""The process that draws: an order as JSON on stdin, a PNG on stdout; see ``chatops.observing.plotting``."""

import json
import math
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

_PAPER, _PANEL, _INK, _FAINT, _LINE = "#1b1d22", "#23262d", "#e6e8ec", "#4a4f5a", "#5cb8ff"
_WARN, _ALERT = "#f2c14e", "#ff6b6b"
_WIDTH_IN, _PANEL_IN, _HEAD_IN, _DPI = 6.4, 2.2, 0.4, 150
"""960 pixels wide: a phone shows it without zooming."""


def draw(order: dict[str, Any]) -> bytes:
    """The picture."""
    import io

    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot

    pyplot.rcParams.update({"font.size": 12, "text.color": _INK, "axes.labelcolor": _INK, "savefig.facecolor": _PAPER})
    panels = order["panels"]
    height = _HEAD_IN + _PANEL_IN * len(panels)
    figure, grid = pyplot.subplots(len(panels), 1, figsize=(_WIDTH_IN, height), squeeze=False, facecolor=_PAPER)
    figure.text(0.02, 1 - 0.12 / height, f"{order['title']} (UTC)", fontsize=13, fontweight="bold", va="top")
    for axes, panel in zip(grid[:, 0], panels, strict=True):
        _draw_panel(axes, panel, order["since"], order["until"])
    figure.tight_layout(rect=(0, 0, 1, 1 - 0.4 / height))
    target = io.BytesIO()
    figure.savefig(target, format="png", dpi=_DPI)
    return target.getvalue()


def _draw_panel(axes: Any, panel: dict[str, Any], since: float, until: float) -> None:
    from matplotlib import dates
    from matplotlib.ticker import FuncFormatter

    scale, suffix = _scale(panel)
    times = [datetime.fromtimestamp(at, UTC) for at, _ in panel["points"]]
    values = [value * scale for _, value in panel["points"]]
    axes.set_facecolor(_PANEL)
    _draw_line(axes, times, values, (until - since) / 20)
    for limit, colour in ((panel["warn"], _WARN), (panel["alert"], _ALERT)):
        if limit is not None:
            axes.axhline(limit * scale, color=colour, linewidth=1.2, linestyle="--")
    axes.set_title(f"{panel['title']}: {panel['newest']}", loc="left", fontsize=12)
    axes.set_xlim(datetime.fromtimestamp(since, UTC), datetime.fromtimestamp(until, UTC))
    axes.set_ylim(*_range(values, [one * scale for one in (panel["warn"], panel["alert"]) if one is not None]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}{suffix}"))
    locator = dates.AutoDateLocator(minticks=3, maxticks=6, tz=UTC)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    long = until - since > 86400
    pattern = "%d %b %H:%M" if long else "%H:%M"
    axes.xaxis.set_major_formatter(dates.DateFormatter(pattern, tz=UTC))  # type: ignore[no-untyped-call]
    axes.grid(visible=True, color=_FAINT, linewidth=0.5)
    axes.tick_params(colors=_INK, labelsize=10)
    for side in axes.spines.values():
        side.set_color(_FAINT)


def _draw_line(axes: Any, times: Sequence[datetime], values: Sequence[float], gap: float) -> None:
    """Where nothing was measured for long, there is a gap, not a line."""
    begin = 0
    gap = max(gap, 60.0)
    for number in range(1, len(times) + 1):
        if number == len(times) or (times[number] - times[number - 1]).total_seconds() > gap:
            some = slice(begin, number)
            axes.plot(times[some], values[some], color=_LINE, linewidth=2.0, marker="o" if number - begin == 1 else "")
            axes.fill_between(times[some], values[some], color=_LINE, alpha=0.15)
            begin = number


def _scale(panel: dict[str, Any]) -> tuple[float, str]:
    """What numbers are multiplied with so that they are short, and the unit that they have then."""
    most = max((abs(value) for _, value in panel["points"]), default=0.0)
    match panel["unit"]:
        case "share":
            return 100.0, " %"
        case "seconds":
            return (1000.0, " ms") if most < 2 and (panel["alert"] or 0) <= 2 else (1.0, " s")
        case "bytes":
            return (1e-6, " MB") if most < 2e9 else (1e-9, " GB")
        case "per second":
            return 1.0, "/s"
        case "per minute":
            return 1.0, "/min"
        case _:
            return 1.0, ""


def _range(values: Sequence[float], limits: Sequence[float]) -> tuple[float, float]:
    """From zero to a bit above what there is; a limit far above it stays out of sight, so that the line is seen."""
    most = max([one for one in values if math.isfinite(one)], default=0.0)
    shown = [one for one in limits if one <= 4 * most] or ([min(limits)] if limits else [])
    top = max([most, *shown]) * 1.15
    return 0.0, top or 1.0


if __name__ == "__main__":
    sys.stdout.buffer.write(draw(json.load(sys.stdin)))
