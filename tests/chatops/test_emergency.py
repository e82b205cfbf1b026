"""People are called while the database is away: by whoever speaks, once, with what did not arrive said."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from chatops.actions import registry
from chatops.console import start_console
from chatops.model import Order, Place
from chatops.on_call.duty import known
from chatops.on_call.emergency import EMERGENCY, STATE, Called, Emergency
from chatops.parts import Parts
from chatops.redaction import Redactor
from config.settings import Settings
from storage.database import Database
from storage.queue import Queue
from tests.chatops.acting import OLGA, OPS, PEOPLE, RITA, Ops
from tests.chatops.calling import ROTA, calling_parts
from tests.chatops.things import away
from tests.making import NOW


@dataclass
class Platform:
    """Remembers what was said in each chat; ``refuses`` some."""

    said: list[tuple[str, str]] = field(default_factory=list)
    names: list[tuple[str, ...]] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)

    async def speak(self, place: Place, text: str, called: Sequence[Called]) -> None:
        if place.chat in self.refuses:
            raise RuntimeError("blocked by the user")
        self.said.append((place.chat, text))
        self.names += [tuple(one.name + one.user for one in called)] if called else []

    async def close(self) -> None:
        """Nothing is open."""

    def chats(self) -> list[str]:
        return sorted(chat for chat, _ in self.said)


@dataclass
class Scene:
    parts: Parts
    now: datetime = NOW
    discord: Platform = field(default_factory=Platform)
    telegram: Platform = field(default_factory=Platform)
    emergency: Emergency = field(init=False)

    def __post_init__(self) -> None:
        self.emergency = self.process()

    def process(self) -> Emergency:
        speakers = {"discord": self.discord, "telegram": self.telegram}
        redactor = Redactor.of(["s3cr3t-value"])
        return Emergency(self.parts.policy, self.parts.settings, lambda: self.now, speakers, redactor)

    async def after(self, **more: float) -> list[str]:
        """Which chats something is said in when time has passed."""
        self.now += timedelta(**more)
        self.discord.said, self.telegram.said = [], []
        await self.emergency.say_due()
        return self.discord.chats() + self.telegram.chats()


@pytest.fixture
def parts(settings: Settings, database: Database, queue: Queue) -> Parts:
    return calling_parts(settings, database, queue, PEOPLE + ROTA + "  contacts: {primary: {address: '+33 1 23'}}\n")


@pytest.fixture
def scene(parts: Parts) -> Scene:
    return Scene(parts)


async def test_the_primary_is_called_directly_and_repeated_then_others_as_with_any_page(scene: Scene) -> None:
    scene.emergency.cry("database", "The database does not answer")
    assert await scene.after(seconds=9) == []
    assert await scene.after(seconds=1) == ["3", "7", "-70", "13"]
    assert scene.discord.names == [("Olga3",)]
    assert await scene.after(minutes=4) == []
    assert await scene.after(seconds=50) == ["3", "7", "-70", "13"]
    assert await scene.after(minutes=10) == ["3", "4", "7", "-70", "13", "14"]
    assert await scene.after(minutes=15) == ["1", "2", "3", "4", "7", "-70", "11", "12", "13", "14"]


async def test_overrides_are_known_from_the_copy(scene: Scene, ops: Ops) -> None:
    await ops.done(OLGA, "oncall override", user="Rita", until="+8h")
    await known(ops.parts)
    with away("storage.oncall.exceptions"):
        scene.emergency.cry("database", "The database does not answer")
        assert await scene.after(seconds=10) == ["4", "7", "-70", "14"]


async def test_what_does_not_arrive_is_said_in_the_channels_with_how_to_reach_them(scene: Scene) -> None:
    scene.discord.refuses, scene.telegram.refuses = {"3"}, {"13"}
    scene.emergency.cry("database", "The database does not answer, says s3cr3t-value")
    assert await scene.after(seconds=10) == ["4", "7", "-70", "14"], "the next one is called at once"
    text = dict(scene.telegram.said)["-70"]
    assert text == (
        "EMERGENCY, said directly since the database is away. Since 2026-11-01 12:00 UTC:\n"
        "- The database does not answer, says [redacted]\n"
        "oncall quiet stops these calls.\n"
        "Not reached: Olga on Discord (blocked by the user); Olga on Telegram (blocked by the user).\n"
        "Call Olga by other means (primary +33 1 23)."
    )


async def test_what_one_platform_refuses_goes_by_the_other(scene: Scene) -> None:
    scene.discord.refuses = {"3"}
    scene.emergency.cry("database", "The database does not answer")
    assert await scene.after(seconds=10) == ["7", "-70", "13"]
    assert "Not reached: Olga on Discord (blocked by the user)." in dict(scene.telegram.said)["-70"]
    assert "by other means" not in dict(scene.telegram.said)["-70"]


async def test_when_nobody_can_be_reached_all_are_tried_and_named(scene: Scene) -> None:
    scene.discord.refuses, scene.telegram.refuses = {"1", "2", "3", "4"}, {"11", "12", "13", "14"}
    scene.emergency.cry("database", "The database does not answer")
    assert await scene.after(seconds=10) == ["7", "-70"]
    assert "Call Olga, Rita, Alice, Bob by other means (primary +33 1 23)." in scene.telegram.said[0][1]


async def test_a_channel_that_takes_nothing_is_said_in_the_other(scene: Scene) -> None:
    scene.discord.refuses = {"7"}
    scene.emergency.cry("database", "The database does not answer")
    await scene.after(seconds=10)
    assert scene.telegram.said[-1] == ("-70", "Not said in discord 7: blocked by the user.")


async def test_many_alerts_are_one_message(scene: Scene) -> None:
    for number in range(50):
        scene.emergency.cry(f"alert:{number}", f"P1 alert {number}")
    assert await scene.after(seconds=10) == ["3", "7", "-70", "13"]
    assert scene.discord.said[0][1].count("- P1 alert") == 20


async def test_a_database_that_is_back_in_a_moment_calls_nobody(scene: Scene) -> None:
    scene.emergency.cry("alert:1", "P1 OCR is down")
    scene.now += timedelta(seconds=5)
    assert await scene.emergency.over() == ["2026-11-01T12:00:00+00:00 emergency: P1 OCR is down"]
    assert await scene.after(minutes=10) == []


async def test_when_the_database_is_back_the_channels_are_told_and_the_trail_has_what_was_said(scene: Scene) -> None:
    scene.emergency.cry("database", "The database does not answer")
    await scene.after(seconds=10)
    await scene.after(minutes=2)
    said = await scene.emergency.over()
    assert [one.partition(" ")[2] for one in said] == ["emergency: The database does not answer", "called Olga"]
    assert scene.discord.said[-1][1].startswith("The database answers again, 2 min 10 s after this began.")
    assert await scene.after(minutes=10) == []
    assert not (scene.parts.settings.data_dir / STATE).exists()


async def test_a_process_that_is_started_anew_goes_on_where_the_other_was(scene: Scene) -> None:
    scene.emergency.cry("database", "The database does not answer")
    await scene.after(seconds=10)
    scene.emergency = scene.process()
    assert await scene.after(minutes=2) == []
    assert await scene.after(minutes=3) == ["3", "7", "-70", "13"]


async def test_of_several_processes_one_speaks(scene: Scene) -> None:
    claimed: set[str] = set()

    async def claim(name: str) -> bool:
        is_first = name not in claimed
        claimed.add(name)
        return is_first

    for one in (scene.emergency, other := scene.process()):
        one.claim = claim
        one.cry("database", "The database does not answer")
    await scene.after(seconds=10)
    await other.say_due()
    assert scene.discord.chats() == ["3", "7"]


async def test_somebody_is_called_by_hand_while_the_database_is_away_and_only_then(scene: Scene) -> None:
    console = start_console(replace(scene.parts, provided={EMERGENCY.name: scene.emergency}), registry())
    order = Order(RITA, OPS, "oncall alarm", {"reason": "the site is down"}, "1")
    with away("storage.requests.create"), away("storage.grants.grants"), away("storage.database.Database.ping"):
        outcome = await console.take(order)
    assert outcome.answer is not None
    assert outcome.answer.ok, outcome.answer.text
    assert await scene.after(seconds=10) == ["3", "7", "-70", "13"]
    assert "- Rita: the site is down" in scene.discord.said[0][1]

    ops = Ops(replace(scene.parts, provided={EMERGENCY.name: scene.emergency}))
    assert "The database answers" in await ops.refused(RITA, "oncall alarm", reason="the site is down")


async def test_whoever_has_heard_of_it_stops_the_calls_without_the_database(scene: Scene) -> None:
    scene.emergency.cry("database", "The database does not answer")
    await scene.after(seconds=10)
    console = start_console(replace(scene.parts, provided={EMERGENCY.name: scene.emergency}), registry())
    with away("storage.requests.create"), away("storage.grants.grants"):
        outcome = await console.take(Order(RITA, OPS, "oncall quiet", {}, "1"))
    assert outcome.answer is not None
    assert outcome.answer.text.startswith("Nobody is called any more for: The database does not answer.")
    assert await scene.after(minutes=30) == []
    scene.emergency.cry("alert:2", "P0 something else")
    assert await scene.after(seconds=10) != []
