"""Keys of the HTTP API: made once, kept as a hash, compared in constant time."""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid4

from storage.database import column, patient, turn
from storage.models import ApiKey, Session
from storage.records import ApiKeyRecord
from storage.texts import storable

_PREFIX = "s2d_"
_SHOWN = 12


async def make_key(person: UUID, name: str, role: str, *, now: datetime) -> tuple[str, ApiKeyRecord]:
    """A new key, which cannot be shown again, and its record."""
    key = _PREFIX + secrets.token_urlsafe(32)
    row = await ApiKey.create(
        id=uuid4(),
        person_id=person,
        name=storable(name)[:64],
        prefix=key[:_SHOWN],
        key_hash=_hash(key),
        role=role,
        created_at=now,
    )
    return key, _record(row)


@patient
async def find_key(key: str, *, now: datetime) -> ApiKeyRecord | None:
    """The record of a key that is good now, or would be if it were not suspended."""
    wanted = _hash(key)
    row = await ApiKey.get_or_none(key_hash=wanted, revoked_at=None)
    if row is None or not hmac.compare_digest(row.key_hash, wanted):
        return None
    await ApiKey.filter(id=row.id).update(used_at=now)
    return _record(row)


@patient
async def keys() -> list[ApiKeyRecord]:
    """All keys, newest first."""
    return [_record(row) for row in await ApiKey.all().order_by("-created_at")]


@patient
async def keys_of(person: UUID) -> list[ApiKeyRecord]:
    """Keys of one person that are not revoked, newest first."""
    rows = ApiKey.filter(person_id=person, revoked_at__isnull=True).order_by("-created_at")
    return [_record(row) for row in await rows]


@patient
async def last_key_of(person: UUID) -> ApiKeyRecord | None:
    """The key that a person had last, be it revoked or not."""
    row = await ApiKey.filter(person_id=person).order_by("-created_at").first()
    return None if row is None else _record(row)


@patient
async def suspend_keys(key_ids: Collection[UUID], until: datetime | None) -> int:
    """Let keys be good for nothing until then; None makes them good again. Returns how many."""
    return await ApiKey.filter(id__in=list(key_ids), revoked_at__isnull=True).update(suspended_until=until)


@patient
async def revoke_keys(key_ids: Collection[UUID], *, now: datetime) -> int:
    """Make these keys useless, and end the sessions that they opened; returns how many keys were of use."""
    wanted = list(key_ids)
    async with turn():
        count = await ApiKey.filter(id__in=wanted, revoked_at__isnull=True).update(revoked_at=now)
        opened = Session.filter(credential__in=[str(one) for one in wanted], revoked_at__isnull=True)
        await opened.update(revoked_at=now, revoked_by="its key")
    return count


@patient
async def revoke_key(prefix: str, *, now: datetime) -> int:
    """Make keys that begin so useless; return how many."""
    return await revoke_keys(await column(ApiKey.filter(prefix=prefix[:_SHOWN], revoked_at=None), "id"), now=now)


def _hash(key: str) -> str:
    """Keys are long and random: a plain hash cannot be guessed back."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _record(row: ApiKey) -> ApiKeyRecord:
    return ApiKeyRecord(
        row.id,
        row.person_id,
        row.name,
        row.prefix,
        row.role,
        row.created_at,
        row.used_at,
        row.revoked_at,
        row.suspended_until,
    )
