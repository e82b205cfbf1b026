"""Actions that only answer with a safer way; ``chatops.not_offered`` lists them."""

from typing import Annotated

from chatops.console import suggestion
from chatops.model import Answer
from chatops.not_offered import NOT_OFFERED, NotOffered
from chatops.parameters import Secret
from chatops.registry import Action, action
from chatops.run import Run
from config.ops import Role

Words = Annotated[str, Secret("whatever you would have typed; it is neither run nor kept")]


def _declared(name: str, entry: NotOffered) -> Action:
    async def answer(run: Run, words: Words = "") -> Answer:
        return _instead(entry)

    answer.__doc__ = f"{entry.what} is not offered: says why, and what is safer."
    return action(name, role=Role.VIEWER)(answer)


def _instead(entry: NotOffered) -> Answer:
    text = f"{entry.what} is not offered: {entry.why}. Safer: {', '.join(entry.instead)}."
    ways = tuple(suggestion(name) for name in entry.instead)
    return Answer(text, ok=False, log=tuple(entry.steps), suggestions=ways, data={"instead": list(entry.instead)})


ACTIONS = tuple(_declared(name, entry) for entry in NOT_OFFERED for name in entry.names)
