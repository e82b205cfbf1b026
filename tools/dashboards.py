"""The dashboards of Grafana, made of a table of panels: `make docs` writes them to config/deploy/grafana/dashboards.

    python -m tools.dashboards

Where every bot process tells the same, `max` is taken over them; what each counts itself is added up.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "config" / "deploy" / "grafana" / "dashboards"
SOURCE = {"type": "prometheus", "uid": "prometheus"}
_COLUMNS = 24
_LABELS = {"decks": "doubt", "lines": "certain"}
_CERTAIN, _FLAGGED = 'certain="yes"', 'certain="no"'
_PROBES = 'route!~"/metrics|/health.*"'


@dataclass(frozen=True, slots=True)
class Panel:
    """A plot, or the last value where ``is_stat``; ``queries`` are expressions by what their lines are called.

    ``unit`` is one of Grafana's; from ``warn`` and ``alert`` on, values are yellow and red.
    """

    title: str
    queries: Mapping[str, str]
    unit: str = "short"
    is_stat: bool = False
    warn: float | None = None
    alert: float | None = None

    @property
    def width(self) -> int:
        """Columns of 24."""
        return 4 if self.is_stat else 8

    @property
    def height(self) -> int:
        """Lines."""
        return 4 if self.is_stat else 8


@dataclass(frozen=True, slots=True)
class Row:
    """Panels under a heading."""

    title: str
    panels: Sequence[Panel]


def quantiles(metric: str, by: str = "", where: str = "", shares: Sequence[int] = (50, 95, 99)) -> dict[str, str]:
    """Percentiles of a histogram."""
    rate = f"sum by (le{', ' + by if by else ''}) (rate({metric}_bucket{{{where}}}[5m]))"
    legend = f" {{{{{by}}}}}" if by else ""
    return {f"p{share}{legend}": f"histogram_quantile(0.{share}, {rate})" for share in shares}


def rate(metric: str, by: str, where: str = "") -> dict[str, str]:
    """How often in a second, by a label."""
    return {f"{{{{{by}}}}}": f"sum by ({by}) (rate({metric}{{{where}}}[5m]))"}


def _grown(metric: str, within: str, by: str = "", where: str = "") -> str:
    """How much a count of the database grew, which all bot processes tell alike."""
    labels = f"layout, engine{', ' + by if by else ''}"
    selected = f"{{{where}}}" if where else ""
    return f"max by ({labels}) (increase(screen2deck_{metric}_total{selected}[{within}]))"


def _share(metric: str, where: str, by: str) -> str:
    """What part of a day's count is such, by a label."""
    return (
        f"sum by ({by}) ({_grown(metric, '1d', where=where)}) / sum by ({by}) ({_grown(metric, '1d', _LABELS[metric])})"
    )


def _settled(outcome: str) -> str:
    """What part of a day's flagged lines people changed, or confirmed."""
    settled = _grown("flagged_lines_settled", "1d", where=f'outcome="{outcome}"')
    return f"sum({settled}) / sum({_grown('lines', '1d', where=_FLAGGED)})"


OVERVIEW = (
    Row(
        "Now",
        (
            Panel("Bot processes", {"": 'sum(up{job="screen2deck"})'}, is_stat=True),
            Panel("Workers", {"": "max(screen2deck_workers)"}, is_stat=True),
            Panel(
                "Pictures that wait",
                {"": 'max(screen2deck_conversions_open{state="queued"})'},
                is_stat=True,
                warn=100,
                alert=500,
            ),
            Panel("Longest wait", {"": "max(screen2deck_queue_oldest_seconds)"}, "s", True, 120, 600),
            Panel("Answer within, 95 %", {"": "max(screen2deck_reading_p95_seconds)"}, "s", True, 30, 120),
            Panel("Failed readings", {"": "max(screen2deck_failure_rate)"}, "percentunit", True, 0.01, 0.05),
        ),
    ),
    Row(
        "Intake and queue",
        (
            Panel("Pictures by outcome", rate("screen2deck_intake_total", "outcome"), "ops"),
            Panel("Time to accept", quantiles("screen2deck_intake_seconds"), "s"),
            Panel("Open conversions", {"{{state}}": "max by (state) (screen2deck_conversions_open)"}),
            Panel("Jobs of the queue", {"jobs": "max(screen2deck_queue_jobs)", "workers": "max(screen2deck_workers)"}),
            Panel("Answered from the cache", {"share": "max(screen2deck_cache_hit_rate)"}, "percentunit"),
            Panel("Given up", {"dead letters": "max(screen2deck_dead_letters)"}),
        ),
    ),
    Row(
        "Readers",
        (
            Panel("Stages, 95 %", quantiles("screen2deck_stage_seconds", "stage", shares=(95,)), "s"),
            Panel("Pictures in a minute", {"ended": "max(screen2deck_throughput)"}),
            Panel(
                "Ended and given up",
                {
                    "ended {{engine}}": "sum by (engine) (max by (worker, engine) (rate(screen2deck_worker_done[5m])))",
                    "given up {{engine}}": (
                        "sum by (engine) (max by (worker, engine) (rate(screen2deck_worker_failed[5m])))"
                    ),
                },
                "ops",
            ),
            Panel("Busy workers", {"busy": "sum(max by (worker) (screen2deck_worker_busy))"}),
            Panel("Memory of workers", {"{{worker}}": "max by (worker) (screen2deck_worker_memory_bytes)"}, "bytes"),
        ),
    ),
    Row(
        "Accuracy in use",
        (
            Panel("Decks without doubt", {"{{layout}}": _share("decks", 'doubt="no"', by="layout")}, "percentunit"),
            Panel("Certain lines", {"{{layout}}": _share("lines", _CERTAIN, by="layout")}, "percentunit"),
            Panel("Corrections in an hour", {"{{kind}}": f"sum by (kind) ({_grown('corrections', '1h', 'kind')})"}),
            Panel(
                "Flagged lines of a day that people settled",
                {one: _settled(one) for one in ("changed", "confirmed")},
                "percentunit",
            ),
            Panel(
                "Decks of a day with a certain line corrected",
                {"{{layout}} {{engine}}": (f"sum by (layout, engine) ({_grown('certain_decks_corrected', '1d')})")},
                warn=1,
                alert=3,
            ),
            Panel(
                "Certain lines corrected, of a thousand in a week",
                {
                    "{{engine}}": (
                        f"1000 * sum by (engine) ({_grown('certain_lines_corrected', '7d')}) / sum by (engine) "
                        f"({_grown('lines', '7d', where=_CERTAIN)})"
                    )
                },
            ),
        ),
    ),
    Row(
        "Delivery",
        (
            Panel(
                "Messages by outcome",
                {"{{platform}} {{outcome}}": ("sum by (platform, outcome) (rate(screen2deck_deliveries_total[5m]))")},
                "ops",
            ),
            Panel("Time of platforms", quantiles("screen2deck_delivery_seconds", "platform"), "s"),
            Panel("Messages that wait", {"waiting": "max(screen2deck_outbox_pending)"}, warn=50, alert=200),
        ),
    ),
    Row(
        "HTTP",
        (
            Panel("Answers by status", rate("screen2deck_http_requests_total", "status", _PROBES), "reqps"),
            Panel("Time to answer", quantiles("screen2deck_http_request_seconds", "", _PROBES), "s"),
            Panel("Requests at once", {"{{instance}}": "screen2deck_http_open_requests"}),
        ),
    ),
)

OPERATIONS = (
    Row(
        "Now",
        (
            Panel("Parts that answer", {"{{part}}": "min by (part) (screen2deck_part_up)"}, "bool_yes_no", True),
            Panel("Open incidents", {"{{severity}}": "max by (severity) (screen2deck_incidents_open)"}, is_stat=True),
            Panel("Unanswered pages", {"": "max(screen2deck_pages_open)"}, is_stat=True, alert=1),
            Panel("Last good backup", {"": "min(screen2deck_backup_age_seconds)"}, "s", True, 90_000, 93_600),
            Panel("Audit trail broken", {"": "max(screen2deck_audit_broken)"}, "bool_yes_no", True, alert=1),
            Panel("Certificates end in", {"{{host}}": "min by (host) (screen2deck_certificate_seconds)"}, "s", True),
        ),
    ),
    Row(
        "Console",
        (
            Panel("Actions by outcome", rate("screen2deck_actions_total", "outcome"), "ops"),
            Panel("Actions", rate("screen2deck_actions_total", "action"), "ops"),
            Panel("Time of actions", quantiles("screen2deck_action_seconds"), "s"),
        ),
    ),
    Row(
        "Machine",
        (
            Panel("Processor", {"{{instance}}": "max by (instance) (screen2deck_cpu_share)"}, "percentunit"),
            Panel("Memory", {"{{instance}}": "max by (instance) (screen2deck_memory_share)"}, "percentunit"),
            Panel("Fullest disk", {"{{instance}}": "max by (instance) (screen2deck_disk_share)"}, "percentunit"),
            Panel(
                "Connections of Postgres",
                {"open": "max(screen2deck_database_connections)", "most": "max(screen2deck_database_connections_most)"},
            ),
            Panel("Killed for want of memory", {"{{counted_by}}": "max by (counted_by) (screen2deck_oom_kills)"}),
            Panel("Memory of bot processes", {"{{instance}}": "process_resident_memory_bytes"}, "bytes"),
        ),
    ),
)

DASHBOARDS = {
    "overview": ("Screen2Deck: pictures", OVERVIEW),
    "operations": ("Screen2Deck: operations", OPERATIONS),
}


def queries() -> list[str]:
    """All expressions."""
    return [
        query
        for _, rows in DASHBOARDS.values()
        for row in rows
        for panel in row.panels
        for query in panel.queries.values()
    ]


def dashboard(name: str) -> str:
    """A dashboard as Grafana loads it."""
    title, rows = DASHBOARDS[name]
    whole = {
        "uid": f"screen2deck-{name}",
        "title": title,
        "tags": ["screen2deck"],
        "schemaVersion": 39,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "utc",
        "links": [{"type": "dashboards", "tags": ["screen2deck"], "title": "Screen2Deck", "asDropdown": False}],
        "panels": _placed(rows),
    }
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _placed(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Panels from left to right, a heading above each row."""
    placed: list[dict[str, Any]] = []
    y = 0
    for row in rows:
        place = {"x": 0, "y": y, "w": _COLUMNS, "h": 1}
        placed.append({"type": "row", "id": len(placed) + 1, "title": row.title, "gridPos": place, "panels": []})
        y, x = y + 1, 0
        for panel in row.panels:
            if x + panel.width > _COLUMNS:
                x, y = 0, y + panel.height
            place = {"x": x, "y": y, "w": panel.width, "h": panel.height}
            placed.append({"id": len(placed) + 1, "gridPos": place, **_drawn(panel)})
            x += panel.width
        y += row.panels[-1].height
    return placed


def _drawn(panel: Panel) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    steps += [{"color": "yellow", "value": panel.warn}] if panel.warn is not None else []
    steps += [{"color": "red", "value": panel.alert}] if panel.alert is not None else []
    targets = [
        {"refId": chr(ord("A") + number), "datasource": SOURCE, "expr": query, "legendFormat": legend or "__auto"}
        for number, (legend, query) in enumerate(panel.queries.items())
    ]
    shown = {"reduceOptions": {"calcs": ["lastNotNull"]}} if panel.is_stat else {"tooltip": {"mode": "multi"}}
    return {
        "type": "stat" if panel.is_stat else "timeseries",
        "title": panel.title,
        "datasource": SOURCE,
        "fieldConfig": {
            "defaults": {"unit": panel.unit, "min": 0, "thresholds": {"mode": "absolute", "steps": steps}},
            "overrides": [],
        },
        "options": shown,
        "targets": targets,
    }


if __name__ == "__main__":
    for each in DASHBOARDS:
        (FOLDER / f"{each}.json").write_text(dashboard(each), encoding="utf-8")
