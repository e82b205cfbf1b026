"""The table of speed and memory tells what is reached and what is not."""

from io import StringIO

from rich.console import Console

from tools.bench import Figure, _table


def test_goals_are_held_against_values() -> None:
    assert Figure("ratio", 0.7, 0.7).is_reached
    assert not Figure("ratio", 0.71, 0.7).is_reached
    assert Figure("seconds", 99).is_reached


def test_the_table_shows_value_goal_and_verdict() -> None:
    text = StringIO()
    figures = [Figure("memory", 812.4, 700, "MB"), Figure("ratio", 0.5, 0.7), Figure("time", 1.239, unit="s")]
    Console(file=text, width=100).print(_table(figures))
    for words in ("812 MB", "≤ 700 MB", "missed", "0.50", "reached", "1.24 s"):
        assert words in text.getvalue()
