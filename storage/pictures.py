"""Who has which picture."""

from collections.abc import Collection
from uuid import UUID

from storage.database import column, patient
from storage.models import Picture

_AT_ONCE = 500


@patient
async def is_kept(content_hash: str, person: UUID) -> bool:
    """Whether a person's copy of a picture is still kept."""
    return await Picture.filter(content_hash=content_hash, person_id=person).exists()


@patient
async def kept_of(hashes: Collection[str]) -> frozenset[str]:
    """Which of these pictures anybody still has."""
    found: set[str] = set()
    wanted = sorted(set(hashes))
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        found |= set(await column(Picture.filter(content_hash__in=some), "content_hash"))
    return frozenset(found)


@patient
async def remove_picture(content_hash: str, person: UUID) -> bool:
    """Drop a person's copy; return whether nobody has another, so that its bytes can go too."""
    await Picture.filter(content_hash=content_hash, person_id=person).delete()
    return not await Picture.filter(content_hash=content_hash).exists()
