"""Networks that the HTTP server keeps out for a while."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from tortoise.expressions import F

from storage.database import patient, turn
from storage.models import Block
from storage.texts import storable

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class BlockRecord:
    """A network that is kept out; ``hits`` counts the requests that were refused."""

    id: UUID
    network: Network
    reason: str
    made_by: str
    created_at: datetime
    expires_at: datetime
    hits: int
    hit_at: datetime | None


@patient
async def blocks(*, now: datetime) -> list[BlockRecord]:
    """Those that hold now, newest first."""
    rows = Block.filter(lifted_at__isnull=True, expires_at__gt=now).order_by("-created_at")
    return [_record(row) for row in await rows]


@patient
async def block(network: Network, *, until: datetime, reason: str, by: str, now: datetime) -> BlockRecord:
    """Keep a network out; what is kept out already stays so until then."""
    async with turn():
        rows = Block.filter(network=str(network), lifted_at__isnull=True, expires_at__gt=now)
        await rows.update(lifted_at=now)
        row = await Block.create(
            id=uuid4(),
            network=str(network),
            reason=storable(reason)[:200],
            made_by=by[:128],
            created_at=now,
            expires_at=until,
        )
    return _record(row)


@patient
async def unblock(block_id: UUID, *, now: datetime) -> bool:
    """Let it in again; whether it was kept out."""
    return bool(await Block.filter(id=block_id, lifted_at__isnull=True).update(lifted_at=now))


@patient
async def count_hits(hits: Mapping[UUID, int], *, now: datetime) -> None:
    """Add refused requests."""
    for block_id, count in hits.items():
        await Block.filter(id=block_id).update(hits=F("hits") + count, hit_at=now)


@patient
async def remove_blocks(before: datetime) -> int:
    """Forget those whose time was over before."""
    return await Block.filter(expires_at__lt=before).delete()


def _record(row: Block) -> BlockRecord:
    network = ipaddress.ip_network(row.network)
    return BlockRecord(row.id, network, row.reason, row.made_by, row.created_at, row.expires_at, row.hits, row.hit_at)
