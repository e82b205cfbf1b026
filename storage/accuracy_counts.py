"""What readings promised and what people put right, counted for good by layout and engine.

The numbers lie in the database and change with the deeds that they count, in one transaction: every process tells the
same ones, and no restart sets them back. A line counts once, when it is first put right: whoever tries three names for
it has corrected one line. What people take back stays counted, as it may have been a mistake of theirs or of ours.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from tortoise.expressions import F

from storage.database import column, patient
from storage.models import AccuracyCount, Correction, StoredDeck
from storage.records import Json

SELF_TESTS = "selftest"
"""The community of conversions that nobody waits for: they count nowhere."""
SECTIONS = ("main", "side", "commander", "companion")
ALBUM, MERGE, UNDO, CONFIRM, SWAP = "album", "merge", "undo", "confirm", "swap"
_PUT_TOGETHER = (ALBUM, MERGE)
"""After these, the deck is what the product made of several."""
_KINDS = {
    "card": "by_card",
    "count": "by_count",
    "move": "by_section",
    SWAP: "by_section",
    "add": "by_added",
    CONFIRM: "by_confirmed",
    MERGE: "by_merged",
    UNDO: "by_undone",
}
_WORD = re.compile(r"[a-z0-9+-]{1,32}")
_OTHER = "other"
_PASTED = ("list", "none")
_NO_ENGINE = ("", "list")

Line = tuple[str, str]
"""Section and name of the card."""


@dataclass(frozen=True, slots=True)
class Change:
    """One correction: its kind, and what was changed, as it is kept."""

    kind: str
    what: Json


@dataclass(frozen=True, slots=True)
class Counted:
    """All that was counted of one layout and engine, by the names of ``AccuracyCount``'s columns."""

    layout: str
    engine: str
    numbers: Mapping[str, int]


@patient
async def counts() -> list[Counted]:
    """All of them, by layout and engine."""
    names = [*AccuracyCount._meta.fields_map.keys() - {"id", "layout", "engine"}]
    rows = await AccuracyCount.all().order_by("layout", "engine").values("layout", "engine", *names)
    return [Counted(row["layout"], row["engine"], {name: int(row[name]) for name in names}) for row in rows]


async def count_decks(conversions: Iterable[UUID]) -> None:
    """Within the caller's transaction, as its last deed: people are given the decks of these conversions."""
    ids = list(conversions)
    if not ids:
        return
    found = StoredDeck.filter(conversion_id__in=ids).exclude(conversion__community=SELF_TESTS)
    sums: dict[tuple[str, str], Counter[str]] = {}
    for read in await column(found, "read"):
        flags = certainties(read).values()
        sure = sum(flags)
        numbers = {"lines_certain": sure, "lines_flagged": len(flags) - sure}
        numbers["decks_verified" if read.get("verified") else "decks_doubtful"] = 1
        sums.setdefault(_of(read), Counter()).update(numbers)
    # In one order, so that of two transactions none waits for the other in a circle.
    for of in sorted(sums):
        await _add(of, sums[of])


async def count_correction(deck: StoredDeck, made: Change) -> tuple[int, int]:
    """Within the caller's transaction, before ``made`` is kept: how many certain and flagged lines it puts right."""
    earlier = await Correction.filter(deck_id=deck.id).order_by("revision").values("kind", "change", "revision")
    before = [Change(one["kind"], one["change"]) for one in earlier]
    base = await _put_together(deck, [one["revision"] for one in earlier if one["kind"] in _PUT_TOGETHER])
    known = totals(base, before)
    found = totals(base, [*before, made])
    found.subtract(known)
    await _add(_of(deck.read), found)
    return found["certain_changed"], found["flagged_changed"]


async def _put_together(deck: StoredDeck, revisions: Sequence[int]) -> Mapping[Line, bool]:
    """Lines as the product gave them, and whether each was certain."""
    if not revisions:
        return certainties(deck.read)
    after = await Correction.get_or_none(deck_id=deck.id, revision=revisions[-1] + 1)
    return certainties(deck.deck if after is None else after.before)


def totals(given: Mapping[Line, bool], made: Sequence[Change]) -> Counter[str]:
    """What some corrections, in their order, say of a deck that was ``given`` with certain and flagged lines. Pure."""
    found: Counter[str] = Counter()
    settled: set[Line] = set()
    for one in made:
        found[_column(one)] += one.kind != ALBUM
        first = (set(_acted_on(one, given)) - settled) & given.keys()
        for line in first:
            if one.kind == CONFIRM:
                found["flagged_confirmed"] += not given[line]
            else:
                found["certain_changed" if given[line] else "flagged_changed"] += 1
        settled |= first | set(_made_by(one))
    found["certain_decks"] = min(1, found["certain_changed"])
    return found


def certainties(deck: Json) -> dict[Line, bool]:
    """Lines of a deck's JSON, and whether each is certain."""
    return {
        (section, str(line.get("name", ""))): bool(line.get("certain"))
        for section in SECTIONS
        for line in deck.get(section) or ()
    }


def _column(one: Change) -> str:
    if one.kind == "count" and one.what.get("count") == 0:
        return "by_removed"
    return _KINDS.get(one.kind, "by_merged")


def _acted_on(one: Change, given: Mapping[Line, bool]) -> Iterator[Line]:
    """Lines that a correction changes, as they were before it."""
    if one.kind == SWAP:
        yield from (line for line in given if line[0] in ("main", "side"))
    elif "from" in one.what:
        yield str(one.what["from"]), str(one.what.get("name", ""))


def _made_by(one: Change) -> Iterator[Line]:
    """Lines that are a person's own after it."""
    section = str(one.what.get("section") or one.what.get("from") or "main")
    if "card" in one.what or "section" in one.what:
        yield section, str(one.what.get("card") or one.what.get("name", ""))


def _of(read: Json) -> tuple[str, str]:
    """Layout and engine; a list that was pasted says what it likes of itself, and is of none."""
    layout, engine = str(read.get("kind") or ""), str(read.get("engine") or "")
    if engine in _NO_ENGINE:
        return _PASTED
    return layout if _WORD.fullmatch(layout) else _OTHER, engine if _WORD.fullmatch(engine) else _OTHER


async def _add(of: tuple[str, str], numbers: Mapping[str, int]) -> None:
    layout, engine = of
    changes = {name: F(name) + number for name, number in numbers.items() if number > 0}
    if not changes:
        return
    row = AccuracyCount.filter(layout=layout, engine=engine)
    if not await row.update(**changes):
        new = AccuracyCount(id=uuid4(), layout=layout, engine=engine)
        await AccuracyCount.bulk_create([new], ignore_conflicts=True)
        await row.update(**changes)
