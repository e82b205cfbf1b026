"""Buttons carry little, and say what they mean after a restart too."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.tokens import LONGEST, long, name_key, parse, short, token


@given(st.uuids())
def test_an_id_survives_being_short(identity: UUID) -> None:
    assert len(short(identity)) == 22
    assert long(short(identity)) == identity


def test_a_token_says_verb_subject_and_arguments() -> None:
    deck = uuid4()
    read = parse(token("pick", deck, 12, "s103", name_key("Fire // Ice")))
    assert (read.verb, read.subject, read.number(0)) == ("pick", deck, 12)
    assert read.arguments[1:] == ("s103", name_key("Fire // Ice"))


def test_the_longest_that_we_make_fits_everywhere() -> None:
    assert len(token("join", uuid4(), short(uuid4()))) <= LONGEST
    assert len(token("pick", uuid4(), 999, "m249", name_key("x"))) <= LONGEST


def test_what_is_too_long_is_noticed_when_it_is_made() -> None:
    with pytest.raises(ValueError, match="longer than 64"):
        token("verb", uuid4(), "x" * 60)


@pytest.mark.parametrize("text", ["fix.zzz", "fix.!!!!.1", "fix." + "A" * 30])
def test_a_foreign_button_is_no_token(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(text)
