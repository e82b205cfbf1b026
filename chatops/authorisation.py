"""Who may do what: by human, role and place; whatever is not allowed is refused."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from chatops.model import Actor, Denied, Place
from chatops.registry import Action
from config.ops import PersonEntry, Policy, Role
from config.settings import Settings
from storage import grants
from storage.errors import DatabaseUnreachable
from storage.grants import GrantRecord

TERMINAL = "terminal"
API = "api"
"""Programs: their role is that of the token with which they call, which was checked before they get here."""
SIGNED = "role:"
"""The group of such an actor is this and the role."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who an actor is: ``human`` names them, whichever account they use; ``is_known`` where ``ops.yaml`` does.

    ``role`` is None for somebody who may do nothing.
    """

    human: str
    role: Role | None
    is_known: bool


@dataclass(frozen=True, slots=True)
class Authorisation:
    """Decides from ``ops.yaml`` and from what was granted in chat."""

    policy: Policy
    settings: Settings

    async def identify(self, actor: Actor, *, now: datetime) -> Identity:
        """Who it is. What was granted is not counted while the database is away."""
        entry = self.policy.person_with(actor.platform, actor.user)
        human = account_name(actor) if entry is None else entry.name
        try:
            granted = await grants.grants(now=now, humans=[human, account_name(actor)])
        except DatabaseUnreachable:
            granted = []
        return Identity(human, self._role(actor, entry, granted), entry is not None)

    def _role(self, actor: Actor, entry: PersonEntry | None, granted: Collection[GrantRecord]) -> Role | None:
        if actor.platform == API:
            return next((one for one in Role if f"{SIGNED}{one.value}" in actor.groups), None)
        roles = [Role(one.role) for one in granted]
        if entry is not None and entry.role is not None:
            roles.append(entry.role)
        if actor.platform == TERMINAL and self.policy.terminal is not None:
            roles.append(self.policy.terminal)
        roles += [
            one.role for one in self.policy.groups if one.platform == actor.platform and one.group in actor.groups
        ]
        return max(roles, key=lambda role: role.rank, default=None)

    def is_ops_place(self, place: Place, identity: Identity) -> bool:
        """Whether the console answers there: its chats, and direct messages of those whom ``ops.yaml`` names."""
        if place.platform in (TERMINAL, API):
            return True
        if place.is_private:
            return identity.is_known
        chats = {place.chat, *place.also}
        return any(one.platform == place.platform and one.chat in chats for one in self.places())

    def places(self) -> list[Place]:
        """The chats of the console, each once."""
        found = [Place(one.platform, one.chat) for one in self.policy.places]
        if self.settings.ops_discord_channel is not None:
            found.append(Place("discord", str(self.settings.ops_discord_channel)))
        if self.settings.ops_telegram_chat is not None:
            found.append(Place("telegram", str(self.settings.ops_telegram_chat)))
        if self.settings.web_page:
            found.append(Place("web", "ops"))
        return list(dict.fromkeys(found))

    def check(self, action: Action, identity: Identity, place: Place, needed: Role | None = None) -> Role:
        """The role of who asks; raises Denied. ``needed`` is what a plan asks for beyond the action."""
        if identity.role is None:
            raise Denied("You have no role here. An admin can give you one with access grant.")
        if not self.is_ops_place(place, identity):
            raise Denied("The console does not answer here; use the operations channel.")
        wanted = action.role
        if wanted is None:
            raise Denied(f"{action.name} names no role, so that nobody may use it.")
        if needed is not None and needed.includes(wanted):
            wanted = needed
        if not identity.role.includes(wanted):
            raise Denied(f"{action.name} needs the role {wanted.value}; you are {identity.role.value}.")
        return identity.role

    def may(self, action: Action, identity: Identity, place: Place) -> bool:
        """Whether it would be allowed."""
        try:
            self.check(action, identity, place)
        except Denied:
            return False
        return True

    def check_second(self, action: Action, requester: str, identity: Identity, place: Place, needed: Role) -> None:
        """Whether somebody may approve what ``requester`` asked for; raises Denied."""
        self.check(action, identity, place, needed)
        if not identity.is_known or self.policy.person_named(requester) is None:
            raise Denied("Two persons are needed who both stand under people in ops.yaml, with all their accounts.")
        if identity.human == requester:
            raise Denied("This needs a second person: you asked for it yourself.")


def account_name(actor: Actor) -> str:
    """An account that belongs to nobody of ``ops.yaml``, as grants and the trail name it."""
    return f"{actor.platform}:{actor.user}"
