"""Who has which picture."""

from uuid import UUID

from storage.database import patient
from storage.models import Picture


@patient
async def is_kept(content_hash: str, person: UUID) -> bool:
    """Whether a person's copy of a picture is still kept."""
    return await Picture.filter(content_hash=content_hash, person_id=person).exists()


@patient
async def remove_picture(content_hash: str, person: UUID) -> bool:
    """Drop a person's copy; return whether nobody has another, so that its bytes can go too."""
    await Picture.filter(content_hash=content_hash, person_id=person).delete()
    return not await Picture.filter(content_hash=content_hash).exists()
