"""People and their chat accounts."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID, uuid4

from tortoise.expressions import Q

from storage.database import column, existing, patient, transaction
from storage.models import Account, Conversion, GatheredPart, OutboxMessage, Person, Picture, StoredReading
from storage.records import AccountRecord, Json, PersonRecord
from storage.texts import storable

_LONGEST_NAME, _LONGEST_PLATFORM, _LONGEST_USER = 128, 32, 64
"""Letters that the columns hold."""


@patient
async def person_with_account(platform: str, user: str, *, name: str = "", now: datetime) -> PersonRecord:
    """Who this account belongs to; somebody new if nobody has it yet."""
    name = storable(name)
    account = await Account.get_or_none(platform=platform, user=user).select_related("person")
    if account is None:
        account = await _new_account(platform, user, name, now)
    elif name and account.name != name[:_LONGEST_NAME]:
        await Account.filter(id=account.id).update(name=name[:_LONGEST_NAME])
    return _record(account.person)


async def _new_account(platform: str, user: str, name: str, now: datetime) -> Account:
    """Of two that arrive together one makes the person, the other finds it."""
    async with transaction():
        person = await Person.create(id=uuid4(), created_at=now, seen_at=now)
        account, is_new = await Account.get_or_create(
            platform=platform,
            user=user,
            defaults={"id": uuid4(), "person": person, "name": name[:_LONGEST_NAME], "created_at": now},
        )
        if not is_new:
            await person.delete()
    await account.fetch_related("person")
    return account


@patient
async def person(person_id: UUID) -> PersonRecord:
    """Raises NotStored."""
    found = await existing(Person.get_or_none(id=person_id), "This person is not known.")
    return _record(found)


@patient
async def accounts(person_id: UUID) -> list[AccountRecord]:
    """All accounts of a person."""
    return _accounts(await Account.filter(person_id=person_id).order_by("created_at"))


@patient
async def account(platform: str, user: str) -> AccountRecord | None:
    """An account that is known, without making one."""
    if len(platform) > _LONGEST_PLATFORM or len(user) > _LONGEST_USER:
        return None
    return next(iter(_accounts(await Account.filter(platform=platform, user=user))), None)


@patient
async def accounts_like(text: str, limit: int = 25) -> list[AccountRecord]:
    """Accounts whose name or id holds a text, newest first; all for an empty one."""
    rows = Account.filter(Q(name__icontains=text) | Q(user__icontains=text)) if text else Account.all()
    return _accounts(await rows.order_by("-created_at").limit(limit))


@patient
async def banned(*, now: datetime) -> list[PersonRecord]:
    """People from whom nothing is accepted now."""
    return [_record(row) for row in await Person.filter(banned_until__gt=now).order_by("banned_until")]


@patient
async def set_preferences(person_id: UUID, preferences: Json) -> None:
    """Replace what a person prefers."""
    await Person.filter(id=person_id).update(preferences=storable(dict(preferences)))


@patient
async def ban(person_id: UUID, until: datetime | None) -> None:
    """Accept nothing of a person until then; None lifts it."""
    await Person.filter(id=person_id).update(banned_until=until)


@patient
async def forget(person_id: UUID) -> tuple[list[UUID], list[str]]:
    """Erase a person with everything of theirs, and readings of pictures that nobody else sent.

    Returns the ids of their conversions, for the queue, and the hashes whose bytes nobody else has.
    """
    async with transaction():
        await Person.filter(id=person_id).update(preferences={})  # write first: it holds the database's lock
        conversions = await Conversion.filter(person_id=person_id).values_list("id", "picture_hash", "post")
        ids = [row[0] for row in conversions]
        hashes = {row[1] for row in conversions if row[1]}
        posts = {str(row[2] or row[0]) for row in conversions}
        for account in await Account.filter(person_id=person_id):
            await GatheredPart.filter(platform=account.platform, user=account.user).delete()
        await OutboxMessage.filter(subject="post", subject_id__in=list(posts)).delete()
        await Person.filter(id=person_id).delete()
        alone = await _hashes_of_nobody(hashes)
        await StoredReading.filter(content_hash__in=alone).delete()
    return ids, alone


async def _hashes_of_nobody(hashes: Collection[str]) -> list[str]:
    kept = set(await column(Picture.filter(content_hash__in=list(hashes)), "content_hash"))
    kept |= set(await column(Conversion.filter(picture_hash__in=list(hashes)), "picture_hash"))
    return sorted(set(hashes) - kept)


def _accounts(rows: Iterable[Account]) -> list[AccountRecord]:
    return [AccountRecord(row.person_id, row.platform, row.user, row.name) for row in rows]


def _record(person: Person) -> PersonRecord:
    return PersonRecord(person.id, dict(person.preferences or {}), person.created_at, person.banned_until)
