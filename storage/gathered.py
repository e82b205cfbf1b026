"""Parts of posts that arrive one by one: kept from the first on, so that a restart loses none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from storage.database import patient
from storage.models import GatheredPart
from storage.records import Json


@dataclass(frozen=True, slots=True)
class PartRecord:
    """A part as its skin gave it; ``is_taken`` says that the post was accepted with it."""

    chat: str
    group: str
    part: str
    user: str
    content: Json
    is_taken: bool
    created_at: datetime
    changed_at: datetime


@patient
async def keep_part(
    platform: str, chat: str, group: str, part: str, *, user: str, content: Json, now: datetime
) -> bool:
    """Keep a part; one that was edited replaces what it was and waits anew. False where it is known already."""
    changes = {"content": dict(content), "is_taken": False, "changed_at": now}
    row, is_new = await GatheredPart.get_or_create(
        platform=platform,
        chat=chat,
        group=group,
        part=part,
        defaults={"id": uuid4(), "user": user, "created_at": now, **changes},
    )
    if not is_new and row.content == dict(content):
        return False
    if not is_new:
        await GatheredPart.filter(id=row.id).update(**changes)
    return True


@patient
async def parts_of(platform: str, chat: str, group: str) -> list[PartRecord]:
    """What has come of a post."""
    return [_record(row) for row in await GatheredPart.filter(platform=platform, chat=chat, group=group)]


@patient
async def waiting_parts(platform: str) -> list[PartRecord]:
    """Parts whose post was not accepted with them, oldest first."""
    rows = await GatheredPart.filter(platform=platform, is_taken=False).order_by("created_at")
    return [_record(row) for row in rows]


@patient
async def mark_taken(platform: str, chat: str, group: str, parts: Sequence[str]) -> None:
    """The post was accepted with these."""
    await GatheredPart.filter(platform=platform, chat=chat, group=group, part__in=list(parts)).update(is_taken=True)


@patient
async def remove_parts(before: datetime) -> int:
    """Drop what is older; return how many."""
    return await GatheredPart.filter(created_at__lt=before).delete()


def _record(row: GatheredPart) -> PartRecord:
    return PartRecord(
        chat=row.chat,
        group=row.group,
        part=row.part,
        user=row.user,
        content=row.content,
        is_taken=row.is_taken,
        created_at=row.created_at,
        changed_at=row.changed_at,
    )
