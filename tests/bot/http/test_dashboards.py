"""Every panel of the shipped dashboards asks for what ``/metrics`` of a real process tells."""

import json
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from prometheus_client import ProcessCollector
from prometheus_client.parser import text_string_to_metric_families

from bot.http.metrics import MetricsRoutes
from bot.http.server import serve
from bot.services import Services
from chatops.figures.levels import Measuring
from chatops.jobs import watching
from chatops.observing.readiness import basic_checks
from config.ops_oncall import Severity
from storage.incidents import NewIncident, open_incident
from storage.spans import Spans
from tests.bot.http.test_health import ANNA, Client
from tests.bot.http.test_ops_metrics import POSTGRES_ONLY
from tests.chatops.acting import parts_of
from tests.deploy import files
from tests.deploy.files import DEPLOY
from tests.making import accepted, finished, somebody
from tools.dashboards import DASHBOARDS, FOLDER, SOURCE, dashboard, queries

OF_PROMETHEUS = {"up": {"job", "instance"}}
ADDED = {"job", "instance"}
"""Labels that Prometheus adds."""
_UNSEEN = {"screen2deck_certificate_seconds": {"host"}, "screen2deck_oom_kills": {"counted_by"}}
"""What has no value where no certificate is declared and the kernel counts nothing; names with their labels."""


async def told(services: Services) -> dict[str, set[str]]:
    """Names of samples with their labels, of a process that has done something of everything."""
    settings, meters = services.settings, services.meters
    parts = parts_of(settings, services.database, services.queue, clock=services.clock)
    person = await somebody()
    await finished(person, at=services.clock() - timedelta(minutes=1))
    await accepted(person, at=services.clock())  # the same picture, which the cache answers
    await watching.verify_audit(parts)
    await open_incident(NewIncident("slow", Severity.P2), by="alice", now=services.clock())
    spans = Spans()
    spans.add(1.0)
    await services.queue.say_alive(replace(ANNA, stages={"reading": spans.to_json()}))
    meters.answered("GET", "/api", 200, 0.1)
    meters.executed("health check", "done", 0.1)
    with meters.intake(), meters.delivery("discord"):
        pass
    # As the bot process does when it starts.
    ProcessCollector(registry=meters.registry)
    checks = basic_checks(services.database, services.queue)
    routes = MetricsRoutes(services, meters.registry, Measuring(parts).look, checks, parts)
    async with (
        serve([routes], "127.0.0.1", 0) as address,
        Client(address) as session,
        session.get("/metrics") as response,
    ):
        families = list(text_string_to_metric_families(await response.text()))
    found: dict[str, set[str]] = {}
    for sample in (one for family in families for one in family.samples):
        found.setdefault(sample.name, set()).update(sample.labels)
    return found


def asked(query: str) -> list[tuple[str, set[str]]]:
    """Metrics of an expression with the labels that are asked of them."""
    grouped = {label for by in re.findall(r"\bby \(([^)]*)\)", query) for label in re.split(r",\s*", by)}
    bare = re.sub(r"\bby \([^)]*\)", "", query)
    found = []
    for name, where in re.findall(r"\b((?:screen2deck|process)_\w+|up)\b(?:\{([^}]*)\})?", bare):
        found.append((name, grouped | set(re.findall(r"(\w+)\s*[!=]", re.sub(r'"[^"]*"', '""', where)))))
    return found


async def test_every_query_asks_for_what_is_told(services: Services) -> None:
    known = {**_UNSEEN, **await told(services), **OF_PROMETHEUS}
    if services.database.is_sqlite:
        known |= {name: set() for name in POSTGRES_ONLY}
    assert len(queries()) > 40
    for query in queries():
        assert asked(query), query
        for name, labels in asked(query):
            assert name in known, query
            assert labels <= known[name] | ADDED, query


def test_legends_name_labels_that_are_kept() -> None:
    for name in DASHBOARDS:
        for panel in json.loads(dashboard(name))["panels"]:
            for target in panel.get("targets", ()):
                shown = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
                kept = {label for _, labels in asked(target["expr"]) for label in labels} | {"instance"}
                assert shown <= kept, target


@pytest.mark.parametrize("name", DASHBOARDS)
def test_the_files_are_what_the_table_says(name: str) -> None:
    written = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    assert written == json.loads(dashboard(name)), "make docs writes it anew"
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in written["panels"]]
    assert len(set(places)) == len(places) == len({panel["id"] for panel in written["panels"]})
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in written["panels"])


def test_grafana_finds_its_source_and_its_dashboards() -> None:
    grafana = DEPLOY / "grafana" / "provisioning"
    [source] = yaml.safe_load((grafana / "datasources" / "prometheus.yml").read_text(encoding="utf-8"))["datasources"]
    assert (source["uid"], source["type"]) == (SOURCE["uid"], SOURCE["type"])
    assert source["url"].removeprefix("http://").split(":")[0] in files.services()
    [provider] = yaml.safe_load((grafana / "dashboards" / "screen2deck.yml").read_text(encoding="utf-8"))["providers"]
    mounted = [one for one in files.services()["grafana"]["volumes"] if provider["options"]["path"] in one]
    assert mounted == [f"./{FOLDER.relative_to(DEPLOY.parents[1])}:{provider['options']['path']}:ro"]
    home = files.services()["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert home == f"{provider['options']['path']}/overview.json"


def test_promtool_takes_every_query(tmp_path: Path) -> None:
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed (Debian: prometheus)")
    rules = [{"record": f"panel:{number}", "expr": query} for number, query in enumerate(queries())]
    file = tmp_path / "rules.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}), encoding="utf-8")
    done = subprocess.run(["promtool", "check", "rules", "--lint=none", file], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
