"""What fits an alert: every shipped rule has a diagnose pack or an action, and a section of the runbook."""

import yaml

from chatops.actions import registry
from chatops.alerting.alert_reading import Told
from chatops.alerting.alerts import step
from chatops.incidents.diagnosing import next_action, section_for
from config.ops_alerts import AlertRules
from tests.making import NOW
from tests.shared import ROOT

RULES = ROOT / "config" / "deploy" / "prometheus" / "rules" / "screen2deck.yml"


def test_every_shipped_rule_names_an_action_that_is_there_and_has_a_section() -> None:
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    rules = [rule for group in groups for rule in group["rules"] if "alert" in rule]
    found = {}
    for rule in rules:
        labels = {"alertname": rule["alert"], **rule["labels"]}
        told = Told("0123456789abcdef", True, labels, rule["annotations"], NOW, None)
        alert = step(None, told, "", AlertRules(), NOW).alert
        found[alert.name] = section_for(alert).title
        if todo := next_action(alert):
            assert todo in registry().actions, rule["alert"]
    assert found["QueueBacklog"] == "Reading pictures fails"
    assert found["HighErrorRate"] == "The site is down"
    assert found["CertExpiring"]
    assert len(set(found.values())) > 4
