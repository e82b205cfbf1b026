"""The console on the server's own terminal: lists for programs, help, and the actions that are used most."""

import json
from pathlib import Path

from chatops.actions import registry
from tests.bot.commands.clean import Run, ops, run

__all__ = ["ops", "run"]


def test_all_actions_are_listed_for_programs_with_the_fields_of_the_contract(ops: Run) -> None:
    listed = json.loads(ops("actions", "--format", "json").stdout)

    assert {f"{one['group']} {one['verb']}" for one in listed} == set(registry().actions)
    fields = {"group", "verb", "parameters", "risk", "role", "confirmation", "available", "help"}
    assert all(set(one) == fields for one in listed)


def test_they_are_listed_for_people_with_the_reason_why_some_cannot_be_used(ops: Run) -> None:
    listed = ops("actions").stdout
    assert "queue drain: " in listed
    assert "Not available: " in listed
    helped = ops("help", "access")
    assert "grant <user> <role> [for] [reason]" in helped.stdout
    assert ops("help").stdout.startswith("You are admin here and may use")


def test_reading_is_one_json_object(ops: Run) -> None:
    for words in (
        ("queue", "inspect"),
        ("metrics", "show"),
        ("audit", "verify"),
        ("redis", "ping"),
        ("oncall", "who"),
        ("access", "whoami"),
    ):
        answer = json.loads(ops(*words, "--format", "json").stdout)
        assert list(answer) == ["ok", "text", "data"], words
        assert answer["ok"] is True, answer


def test_the_trail_knows_who_it_was_and_is_exported_into_a_file(ops: Run, tmp_path: Path) -> None:
    ops("audit", "verify")
    exported = ops("audit", "export", "--since", "1h")
    assert exported.exit_code == 0, exported.stderr
    [written] = [line for line in exported.stderr.splitlines() if line.startswith("Written: ")]
    lines = Path(written.removeprefix("Written: ")).read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["action"] for line in lines] == ["audit verify"]


def test_a_wrong_phrase_is_no_confirmation(ops: Run) -> None:
    refused = ops("access", "grant", "discord:99", "viewer", input="yes\n")
    assert refused.exit_code == 1
    assert "Type: grant discord:99 local" in refused.stderr
    assert "That is not the phrase" in refused.stderr


def test_what_does_not_exist_gets_the_nearest(ops: Run) -> None:
    for words, said in (
        (("quee", "inspect"), "did you mean queue?"),
        (("queue", "inspct"), "did you mean inspect?"),
        (("queue", "list", "--statte", "ready"), "did you mean state?"),
    ):
        wrong = ops(*words)
        assert wrong.exit_code == 2
        assert said in wrong.stderr
