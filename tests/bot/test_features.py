"""Every feature of the conversation exists on every platform, and menus, help and docs agree with the code."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import cache

import pytest

from bot.conversation import texts
from bot.conversation.actions import alerting, operating
from bot.conversation.actions.registry import verbs
from bot.conversation.commands import COMMANDS
from bot.conversation.preferences import Preferences
from bot.conversation.texts import Language, Texts
from bot.skins import skin_kinds
from tests.bot.features import FEATURES, PLATFORMS
from tests.shared import ROOT

PAGE = (ROOT / "docs" / "players.md").read_text(encoding="utf-8")
ENGLISH = Texts(Language.ENGLISH)


@cache
def covered(platform: str) -> frozenset[str]:
    """The features that the tests of a platform claim."""
    package = importlib.import_module(f"tests.bot.{platform}")
    names = [module.name for module in pkgutil.iter_modules(package.__path__) if module.name.startswith("test_")]
    modules = [importlib.import_module(f"{package.__name__}.{name}") for name in names]
    return frozenset(feature for module in modules for feature in _claimed(module))


def _claimed(module: object) -> Iterator[str]:
    for name, test in vars(module).items():
        if name.startswith("test_"):
            yield from (one for mark in getattr(test, "pytestmark", ()) if mark.name == "covers" for one in mark.args)


def test_every_skin_is_compared() -> None:
    assert set(skin_kinds()) == set(PLATFORMS)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_feature_is_shown_by_a_test_of_the_platform_or_has_a_reason(platform: str) -> None:
    absent = {name for name, feature in FEATURES.items() if platform in feature.absent}
    assert FEATURES.keys() - absent - covered(platform) == set()
    assert absent & covered(platform) == set()


def test_every_button_command_and_sentence_belongs_to_a_feature() -> None:
    of_operators = {name for name, handler in verbs().items() if handler.__module__ in _OPERATIONS}
    declared = [verb for feature in FEATURES.values() for verb in feature.verbs]
    assert sorted(declared) == sorted(verbs().keys() - of_operators)
    commands = [command for feature in FEATURES.values() for command in feature.commands]
    assert sorted(commands) == sorted(command.name for command in COMMANDS)
    assert {key for feature in FEATURES.values() for key in feature.texts} <= texts.keys()


_OPERATIONS = {alerting.__name__, operating.__name__}


def test_the_page_for_players_has_every_command_and_no_other() -> None:
    chapter = PAGE.partition("## Commands")[2].partition("\n## ")[0]
    assert set(re.findall(r"`/([a-z]+)`", chapter)) == {command.name for command in COMMANDS}


@pytest.mark.parametrize("key", ["copy_as", "fix", "swap", "merge", "undo", "show", "delete"])
def test_the_page_for_players_has_every_button(key: str) -> None:
    assert f"**{ENGLISH(key)}**" in PAGE


def test_the_page_for_players_tells_of_every_platform_and_preference() -> None:
    assert "| | Discord | Telegram | The page |" in PAGE
    told = next(line for line in PAGE.splitlines() if line.startswith("| `/preferences`"))
    words = {"format": "format", "language": "English or French", "is_private": "you alone", "set_codes": "set codes"}
    assert Preferences().stored().keys() - {"locale"} == words.keys()
    assert [word for word in words.values() if word not in told] == []
