"""Numbers that people type, each given once."""

from tortoise.expressions import F

from storage.models import Counter


async def next_number(name: str) -> int:
    """The next number from 1 on, within the caller's transaction, which holds the counter until its end."""
    await hold(name)
    return (await Counter.get(name=name)).number


async def hold(name: str) -> None:
    """Be the only one who has a counter, until the end of the caller's transaction."""
    if not await Counter.filter(name=name).update(number=F("number") + 1):
        await Counter.get_or_create(name=name, defaults={"number": 0})
        await Counter.filter(name=name).update(number=F("number") + 1)
