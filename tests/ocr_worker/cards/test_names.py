import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_worker.cards.names import compact, compact_all, fold, look_alike, look_alike_all, without_alchemy

TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\n"))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Lim-Dûl's Vault", "lim duls vault"),
        ("Æther Vial", "aether vial"),
        ("Bösium Strip", "bosium strip"),
        ("Urza’s Tower", "urzas tower"),
        ("SP//dr, Piloted by Peni", "sp dr piloted by peni"),
        ("Fire // Ice", "fire ice"),
        ("+2 Mace", "2 mace"),
        ("_____ Goblin", "blank goblin"),
        ("  Jötun   Grunt ", "jotun grunt"),
        ("Smaug the Golden", "smaug the golden"),
        ("稲妻", ""),
    ],
)
def test_names_fold_to_plain_words(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(TEXTS)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(TEXTS)
def test_folded_text_has_plain_letters_digits_and_single_spaces_only(text: str) -> None:
    assert set(fold(text)) <= set(string.ascii_lowercase + string.digits + " ")
    assert "  " not in fold(text)


@given(TEXTS)
def test_case_does_not_matter_for_ascii(text: str) -> None:
    plain = text.encode("ascii", "ignore").decode()
    assert compact(plain.upper()) == compact(plain.lower())


@given(st.lists(TEXTS))
def test_folding_many_is_folding_each(texts: list[str]) -> None:
    assert compact_all(texts) == [compact(text) for text in texts]


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("b0lt", "bolt"),
        ("1sland", "island"),
        ("ls1and", "island"),
        ("5wamp", "swamp"),
        ("8olt", "bolt"),
        ("rnountain", "mountain"),
        ("vvastes", "wastes"),
        ("clragon", "dragon"),
        ("rem0ve5oul", "removesoul"),
    ],
)
def test_look_alikes_are_equal(read: str, meant: str) -> None:
    assert look_alike(read) == look_alike(meant)


@given(st.lists(st.text(alphabet=string.ascii_lowercase + string.digits)))
def test_merging_look_alikes_of_many_keys_is_merging_those_of_each(keys: list[str]) -> None:
    assert look_alike_all(keys) == [look_alike(key) for key in keys]


def test_the_alchemy_prefix_goes_from_every_face() -> None:
    assert without_alchemy("A-Blessed Hippogriff // A-Tyr's Blessing") == ("Blessed Hippogriff // Tyr's Blessing")
    assert without_alchemy("Ajani Vengeant") == "Ajani Vengeant"
