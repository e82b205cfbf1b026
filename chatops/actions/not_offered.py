"""Actions that only answer with a safer way; ``chatops.not_offered`` lists them."""

import importlib
from typing import Annotated

from chatops.console import suggestion
from chatops.model import Answer, Suggestion
from chatops.not_offered import NOT_OFFERED, NotOffered
from chatops.parameters import Secret
from chatops.registry import Action, action
from chatops.run import Run
from config.ops import Role

GROUPS = {
    "db": "The database: sessions, speed, size, migrations.",
    "restore": "Backups put back, beside what runs or in its place.",
}

Words = Annotated[str, Secret("whatever you would have typed; it is neither run nor kept")]


def _declared(name: str, entry: NotOffered) -> Action:
    async def answer(run: Run, words: Words = "") -> Answer:
        return _instead(entry)

    answer.__doc__ = f"{entry.what} is not offered: says why, and what is safer."
    return action(name, role=Role.VIEWER)(answer)


def _instead(entry: NotOffered) -> Answer:
    offered = _offered(entry)
    ways = ", ".join(one.action for one in offered) or "none of it here"
    text = f"{entry.what} is not offered: {entry.why}. Safer: {ways}."
    return Answer(text, ok=False, log=tuple(entry.steps), suggestions=offered, data={"instead": list(entry.instead)})


def _offered(entry: NotOffered) -> tuple[Suggestion, ...]:
    """Those that this release has. Not imported at the top, since the registry holds this module."""
    known = importlib.import_module("chatops.actions").registry().actions
    return tuple(suggestion(name) for name in entry.instead if name in known)


ACTIONS = tuple(_declared(name, entry) for entry in NOT_OFFERED for name in entry.names)
