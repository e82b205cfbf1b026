"""A secret does not have to stand among the words of a command, which others see in the list of processes."""

import io

import pytest

from bot.commands.ops import _with_secrets
from chatops.actions import registry


def test_a_token_comes_by_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("a.b.c\nmore\n"))
    assert _with_secrets(registry().named("auth token-inspect"), {"token": "-"}) == {"token": "a.b.c"}


def test_what_is_no_secret_stays_as_it_was_typed() -> None:
    assert _with_secrets(registry().named("queue list"), {"state": "-"}) == {"state": "-"}
