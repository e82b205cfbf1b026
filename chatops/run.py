"""What the function of an action is given."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chatops.model import Actor, Place, Plan
from chatops.parts import Parts
from config.ops import Role

Tell = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Run:
    """One execution, or the planning of one.

    ``human`` is who asks, one for all accounts of theirs; ``request`` identifies the execution everywhere.
    """

    parts: Parts
    actor: Actor
    human: str
    role: Role
    place: Place
    request: UUID
    tell: Tell
    plan: Plan | None = None

    @property
    def now(self) -> datetime:
        """By the clock of this process, in UTC."""
        return self.parts.clock()

    async def step(self, line: str) -> None:
        """Add a line of progress to the message that shows the request."""
        await self.tell(line)
