"""Accuracy in use, as Prometheus gets it: the same of every process, and after every restart."""

import asyncio

from prometheus_client import CollectorRegistry, generate_latest

from bot.http.accuracy_metrics import add_accuracy
from storage import decks
from storage.models import AccuracyCount
from tests.making import seconds, somebody
from tests.storage.test_accuracy_counts import SHOCK, change, given, put, reading

NUMBERS = set(AccuracyCount._meta.fields_map) - {"id", "layout", "engine"}


async def told() -> dict[str, float]:
    """Samples of a process that has just started, without zeros."""
    registry = CollectorRegistry()
    await add_accuracy(registry)
    lines = [line for line in generate_latest(registry).decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines) if float(value)}


async def test_what_people_put_right_is_told_by_layout_engine_and_kind(database: object) -> None:
    deck = await given(await somebody(), "a", reading())
    deck = await put(deck, SHOCK)
    await put(deck, change("count", "Opt", count=0))
    of = 'engine="rapidocr",layout="arena-list"'
    assert await told() == {
        f'screen2deck_decks_total{{doubt="yes",{of}}}': 1,
        f'screen2deck_lines_total{{certain="yes",{of}}}': 1,
        f'screen2deck_lines_total{{certain="no",{of}}}': 1,
        f'screen2deck_corrections_total{{{of.split(",")[0]},kind="card",{of.split(",")[1]}}}': 1,
        f'screen2deck_corrections_total{{{of.split(",")[0]},kind="removed",{of.split(",")[1]}}}': 1,
        f'screen2deck_flagged_lines_settled_total{{{of},outcome="changed"}}': 1,
        f"screen2deck_certain_lines_corrected_total{{{of}}}": 1,
        f"screen2deck_certain_decks_corrected_total{{{of}}}": 1,
    }


async def test_what_many_do_at_once_is_all_counted(database: object) -> None:
    people = [await somebody(f"{number}") for number in range(6)]
    given_ = await asyncio.gather(*(given(one, f"{number}", reading()) for number, one in enumerate(people)))
    await asyncio.gather(*(put(one, SHOCK) for one in given_))
    found = await told()
    of = 'engine="rapidocr",layout="arena-list"'
    assert found[f'screen2deck_decks_total{{doubt="yes",{of}}}'] == 6
    assert found[f'screen2deck_flagged_lines_settled_total{{{of},outcome="changed"}}'] == 6


async def test_every_number_that_is_kept_is_told(database: object) -> None:
    deck = await given(await somebody(), "a", reading())
    await decks.correct(deck.id, 0, "undo", {}, deck.deck, person=deck.person, now=seconds(1))
    registry = CollectorRegistry()
    await add_accuracy(registry)
    assert sum(len(family.samples) for family in registry.collect()) == len(NUMBERS)
