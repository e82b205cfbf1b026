"""Maintenance and the queue on the server's own terminal."""

import json

from tests.bot.commands.clean import Run, ops, run

__all__ = ["ops", "run"]


def test_maintenance_is_begun_shown_and_ended(ops: Run) -> None:
    begun = ops("maintenance", "on", "--reason", "a new disk", "--for", "1h", input="yes\n")
    assert begun.exit_code == 0, begun.stderr
    assert begun.stdout.startswith("Maintenance (soft) is on until")
    assert "maintenance on in local: Maintenance (soft) for 1 h" in begun.stderr

    shown = json.loads(ops("maintenance", "status", "--format", "json").stdout)
    assert (shown["ok"], shown["data"]["on"]["reason"]) == (True, "a new disk")
    assert ops("maintenance", "off").stdout.startswith("Maintenance is over after")
    assert ops("maintenance", "off").exit_code == 1


def test_what_is_not_confirmed_is_not_done(ops: Run) -> None:
    refused = ops("queue", "pause", "--reason", "a new disk", input="no\n")
    assert (refused.exit_code, refused.stdout) == (1, "")
    inspected = json.loads(ops("queue", "inspect", "--format", "json").stdout)
    assert (inspected["data"]["waiting"], inspected["data"]["paused_until"]) == (0, None)


def test_wrong_use_is_told(ops: Run) -> None:
    wrong = ops("queue", "drain", "--timeout", "1 year")
    assert wrong.exit_code == 1
    assert "timeout: must be a time such as 90s" in wrong.stderr
    assert ops("queue", "dran").exit_code == 2
