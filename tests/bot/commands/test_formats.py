"""``screen2deck formats``"""

from typer.testing import CliRunner

from bot.cli import app

PROMISED = {
    *("arena", "mtgo", "mtgo-dek", "moxfield", "archidekt", "tappedout", "deckstats", "mtggoldfish"),
    *("manabox", "cockatrice", "forge", "xmage", "deckbox", "text", "csv", "json"),
}


def test_every_promised_format_is_listed_with_its_ending() -> None:
    result = CliRunner().invoke(app, ["formats"])

    assert result.exit_code == 0
    words = [line.split() for line in result.stdout.splitlines()]
    assert {name for name, *_ in words} == PROMISED
    assert {suffix for _, suffix, *_ in words} == {".txt", ".dek", ".csv", ".cod", ".dck", ".json"}
