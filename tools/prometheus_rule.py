"""Prints the shipped alerts as an object of the Prometheus operator: `make docs` writes it beside the others."""

from pathlib import Path

import yaml

RULES = Path(__file__).parents[1] / "config" / "deploy" / "prometheus" / "rules" / "screen2deck.yml"


def prometheus_rule() -> str:
    """The object as YAML."""
    rules = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    whole = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "screen2deck"},
        "spec": rules,
    }
    head = "# Made of config/deploy/prometheus/rules/screen2deck.yml by `make docs`.\n"
    return head + yaml.safe_dump(whole, sort_keys=False, width=120, allow_unicode=True)


if __name__ == "__main__":
    print(prometheus_rule(), end="")
