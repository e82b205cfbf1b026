"""Both languages say the same: no sentence is missing, and each has the values that the other has."""

import string

import pytest

from bot.conversation import texts
from bot.conversation.texts import Language, Texts, language_of

PAIRS = sorted(texts.keys())


def values_of(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("key", PAIRS)
def test_a_sentence_has_the_same_values_in_both_languages(key: str) -> None:
    english, french = texts._TEXTS[key]
    assert english.strip()
    assert french.strip()
    assert values_of(english) == values_of(french)


@pytest.mark.parametrize(
    ("locale", "language"),
    [("fr", "fr"), ("fr-CA", "fr"), ("FR", "fr"), ("en-GB", "en"), ("de", "en"), ("", "en")],
)
def test_the_clients_language_is_taken_where_it_is_one_of_ours(locale: str, language: str) -> None:
    assert language_of(locale) == language


def test_one_is_not_several() -> None:
    english = Texts(Language.ENGLISH)
    assert english.counted("to_check", 1) == "1 line to check"
    assert english.counted("to_check", 3) == "3 lines to check"
    assert Texts(Language.FRENCH).counted("to_check", 1) == "1 ligne à vérifier"
