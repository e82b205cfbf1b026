"""Who somebody is, by an account of theirs: players, programs with API keys, browsers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from chatops.authorisation import API
from chatops.model import BadArgument
from chatops.parameters import Name
from chatops.parts import Parts
from storage import access, people
from storage.records import AccountRecord


@dataclass(frozen=True, slots=True)
class Owner:
    """A person, and the account by which they were named."""

    person: UUID
    account: str
    accounts: tuple[AccountRecord, ...]

    @property
    def names(self) -> list[str]:
        """All their accounts, as ``platform:user``."""
        return [f"{one.platform}:{one.user}" for one in self.accounts]


async def owner_of(text: str, parameter: str = "user") -> Owner:
    """By ``platform:user``, by the name of an API key's account, or by the key's beginning; raises BadArgument."""
    platform, between, user = text.partition(":")
    found = await people.account(platform, user) if between else await people.account(API, text)
    if found is None and text.startswith("s2d_"):
        person = next((one.person for one in await access.keys() if one.prefix == text[:12]), None)
        found = None if person is None else next(iter(await people.accounts(person)), None)
    if found is None:
        near = [f"{one.platform}:{one.user}" for one in await people.accounts_like(user if between else text, 3)]
        meant = f" Did you mean {' or '.join(near)}?" if near else ""
        raise BadArgument(f"{parameter}: no account {text[:60]} is known; name one as discord:123 or api:name.{meant}")
    return Owner(found.person, f"{found.platform}:{found.user}", tuple(await people.accounts(found.person)))


async def offered_owners(parts: Parts, typed: str) -> Sequence[str]:
    """Accounts that may be meant."""
    _, between, user = typed.partition(":")
    return [f"{one.platform}:{one.user}" for one in await people.accounts_like(user if between else typed)]


User = Annotated[str, Name("an account such as discord:123 or api:name", offered_owners)]
