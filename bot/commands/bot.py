"""``screen2deck bot``: the process that talks to people and programs."""

from bot.commands.running import prepared, run


def bot() -> None:
    """Take pictures in, deliver decks, answer HTTP, until stopped."""
    from bot.app import run_bot

    settings = prepared("bot")
    run(run_bot(settings))
