"""Who belongs to the groups whose members have a role: asked of Telegram, since a message alone does not prove it."""

import logging
import time
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from telegram import ChatMember
from telegram.constants import ChatMemberStatus
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.conversation.model import Author

log = logging.getLogger(__name__)

_KNOWN_S = 60.0
_BELONGS = frozenset({ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.MEMBER})


@dataclass(slots=True)
class Members:
    """Asks once a minute for each person; who cannot be looked up belongs to nothing."""

    bot: "ExtBot[Any]"
    groups: Collection[str]
    _known: dict[tuple[str, str], tuple[float, bool]] = field(default_factory=dict)

    async def placed(self, author: Author) -> Author:
        """Somebody with the groups that they are in."""
        found = [group for group in self.groups if await self._is_in(group, author.user)]
        return replace(author, groups=frozenset(found)) if found else author

    async def _is_in(self, group: str, user: str) -> bool:
        now = time.monotonic()
        asked, is_in = self._known.get((group, user), (-1e9, False))
        if now - asked < _KNOWN_S:
            return is_in
        try:
            is_in = _belongs(await self.bot.get_chat_member(int(group), int(user)))
        except (TelegramError, ValueError) as error:
            log.warning("whether somebody is in the group %s is not known: %s", group, error)
            return False
        self._known = {key: known for key, known in self._known.items() if now - known[0] < _KNOWN_S}
        self._known[group, user] = (now, is_in)
        return is_in


def _belongs(member: ChatMember) -> bool:
    """Restricted people may have left."""
    return member.status in _BELONGS or getattr(member, "is_member", False) is True
