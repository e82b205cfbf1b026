"""Small things that actions set and that outlive processes: maintenance, changed thresholds, schedules."""

import json
from datetime import datetime
from typing import Any

from storage.database import patient, transaction, turn
from storage.models import OpsValue
from storage.texts import storable


@patient
async def value(key: str) -> Any:
    """What is set, None where nothing is."""
    row = await OpsValue.get_or_none(key=key)
    return None if row is None else row.value


@patient
async def values(prefix: str) -> dict[str, Any]:
    """All whose keys begin so."""
    rows = await OpsValue.filter(key__startswith=prefix).order_by("key")
    return {row.key: row.value for row in rows}


@patient
async def set_value(key: str, new: Any, *, by: str, now: datetime) -> None:
    """Set it, be it there or not."""
    stored = storable(new)
    if isinstance(stored, str):
        stored = json.dumps(stored)  # Tortoise takes text for JSON that is encoded already, in new rows twice over
    async with transaction():
        row = OpsValue.filter(key=key)
        if not await row.update(value=stored, changed_by=by, changed_at=now):
            await OpsValue.create(key=key, value={}, changed_by=by, changed_at=now)
            await row.update(value=stored)


@patient
async def set_first(key: str, new: Any, *, by: str, now: datetime) -> Any:
    """Set it unless it is set; returns what is set then, which is the same for all who try at once."""
    row, _ = await OpsValue.get_or_create(
        key=key, defaults={"value": storable(new), "changed_by": by, "changed_at": now}
    )
    return row.value


@patient
async def remove_value(key: str) -> bool:
    """Unset it; whether it was set."""
    async with turn():
        return bool(await OpsValue.filter(key=key).delete())
