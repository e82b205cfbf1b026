"""Replies within Telegram's limits, whatever is in them."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.model import Choice, Option, Reply, Select
from bot.conversation.visible import visible
from bot.telegram import callbacks
from bot.telegram.callbacks import Holder
from bot.telegram.rendering import html_of, rendered
from tests.fakes.telegram_formats import mentions, parse_html, units

DECK = UUID(int=2**127 + 5)


@given(st.text(max_size=6000), st.text(max_size=1700))
def test_any_text_is_balanced_html_within_the_limit(text: str, block: str) -> None:
    shown, entities = parse_html(html_of(text, block).replace("\r", "\n"))
    assert units(shown) <= 4096
    assert mentions(shown, entities) == []
    assert [one["type"] for one in entities] == (["pre"] if visible(block) else [])


def test_a_select_of_a_post_is_one_button_until_it_is_opened() -> None:
    options = tuple(Option(f"format {number}", f"format.{number}") for number in range(16))
    reply = Reply("deck", selects=(Select("Copy as", options),), choices=((Choice("Fix", "fix"),),))
    holder = callbacks.of_message(DECK, is_by_chat=False)
    folded = rendered(reply, holder).markup
    assert folded is not None
    assert [[one.text for one in row] for row in folded.inline_keyboard] == [["▸ Copy as"], ["Fix"]]
    opened = rendered(reply, holder, opened=0).markup
    assert opened is not None
    assert [len(row) for row in opened.inline_keyboard] == [1, *[2] * 8, 1]


def test_options_with_the_same_words_are_told_apart() -> None:
    options = (Option("deck.png", "a", "60 main"), Option("deck.png", "b", "40 main"), Option("other", "c", "1 main"))
    markup = rendered(Reply("which", selects=(Select("which", options),)), Holder(5)).markup
    assert markup is not None
    assert [row[0].text for row in markup.inline_keyboard] == ["deck.png · 60 main", "deck.png · 40 main", "other"]


@pytest.mark.parametrize("owner", [None, 1, 7_999_999_999])
@pytest.mark.parametrize("is_by_chat", [False, True])
def test_data_of_buttons_comes_back(owner: int | None, is_by_chat: bool) -> None:
    token = f"pick.{callbacks.short(DECK)}.12.m41.12345678"
    pressed = callbacks.pressed(callbacks.data(token, Holder(owner, is_by_chat)))
    assert pressed == callbacks.Pressed(token, Holder(owner, is_by_chat))


def test_the_longest_token_fits_with_its_owner() -> None:
    join = f"join.{callbacks.short(DECK)}.99.{callbacks.short(DECK)}"
    assert len(callbacks.data(join, Holder(9_999_999_999, is_by_chat=True)).encode()) <= 64


@given(st.text(max_size=64))
def test_any_data_is_taken_apart(text: str) -> None:
    pressed = callbacks.pressed(text)
    assert pressed.fold is None or -1 <= pressed.fold <= 9
