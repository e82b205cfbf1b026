import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_worker.cards import Card, CardIndex, Catalogue, Kind
from ocr_worker.cards.names import compact


def index_of(*cards: Card) -> CardIndex:
    return CardIndex(Catalogue("test", date(2026, 7, 3), cards))


def found(index: CardIndex, text: str, limit: int = 5, *, truncated: bool = False) -> list[str]:
    return [match.card.name for match in index.search(text, limit, truncated)]


# Exact names


def test_every_spelling_leads_to_its_card(index: CardIndex) -> None:
    wrong = [spelling for spelling in index.spellings if index.exact(spelling.text) is not spelling.card]

    assert not wrong


def test_every_card_is_found_by_its_full_name_and_its_front(index: CardIndex) -> None:
    lost = [card.name for card in index.cards if index.exact(card.name) is None or index.exact(card.front) is None]

    assert not lost


def test_every_spelling_is_the_best_match_of_itself(index: CardIndex) -> None:
    for spelling in index.spellings[::200]:
        best = index.search(spelling.text)[0]
        assert (best.card, best.score, best.prefix) == (spelling.card, 100.0, False)


def test_spellings_have_different_keys(index: CardIndex) -> None:
    keys = [compact(spelling.text) for spelling in index.spellings]

    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("LIM-DUL'S VAULT", "Lim-Dûl's Vault"),
        ("aether vial", "Aether Vial"),
        ("Æther Vial", "Aether Vial"),
        ("Urza’s Tower", "Urza's Tower"),
        ("Fire", "Fire // Ice"),
        ("Fire/Ice", "Fire // Ice"),
        ("Fire /// Ice", "Fire // Ice"),
        ("Ice", "Fire // Ice"),
        ("Stomp", "Bonecrusher Giant // Stomp"),
        ("Insectile Aberration", "Delver of Secrets // Insectile Aberration"),
        ("Tok-Tok, Volcano Born", "Akki Lavarunner // Tok-Tok, Volcano Born"),
        ("SP//dr, Piloted by Peni", "SP//dr, Piloted by Peni"),
        ("Who // What // When // Where // Why", "Who // What // When // Where // Why"),
        ("Sol Ring // Sol Ring", "Sol Ring"),
        ("LightningBolt", "Lightning Bolt"),
    ],
)
def test_names_are_found_however_they_are_written(index: CardIndex, text: str, name: str) -> None:
    card = index.exact(text)

    assert card is not None
    assert card.name == name


@pytest.mark.parametrize("text", ["", "  ", "...", "稲妻", "No Such Card At All", "Goblin"])
def test_what_is_no_name_has_no_card(index: CardIndex, text: str) -> None:
    assert index.exact(text) is None


@pytest.mark.parametrize(
    ("text", "name", "usual"),
    [
        ("Wasteland", "Wasteland", "Wasteland"),
        ("waste land", "Waste Land", "Wasteland"),
        ("Lava, Axe", "Lava, Axe", "Lava Axe"),
        ("LAVA AXE", "Lava Axe", "Lava Axe"),
        ("Monster Mash-Up", "Monster Mash-Up", "Monster Mashup"),
    ],
)
def test_of_names_that_differ_in_marks_and_spaces_the_literal_one_is_meant(
    index: CardIndex, text: str, name: str, usual: str
) -> None:
    literal, read = index.exact(text), index.exact(text, literally=False)

    assert (literal and literal.name, read and read.name) == (name, usual)


def test_a_name_that_is_also_a_back_face_is_the_real_card(index: CardIndex) -> None:
    assert index.exact("Lightning Bolt") == index.exact("lightning bolt")
    assert found(index, "Lightning Bolt") == ["Lightning Bolt"]
    assert found(index, "Swords to Plowsharez", 1) == ["Swords to Plowshares"]


def test_a_front_comes_before_a_printed_name_and_that_before_a_back() -> None:
    front = Card("Storm")
    back = Card("Calm // Storm", "transform")
    printed = Card("Rain", printed_names=("Storm", "Calm"))

    index = index_of(back, printed, front)

    assert index.exact("Storm") is front
    assert index.exact("Calm") is back
    assert index.exact("Rain") is printed


def test_the_back_of_a_real_card_comes_before_an_un_card() -> None:
    real, joke = Card("Calm // Storm", "transform"), Card("Storm", is_funny=True)

    assert index_of(joke, real).exact("Storm") is real


def test_an_un_card_never_wins_over_an_equally_good_real_one() -> None:
    index = index_of(Card("Lightning Colt", is_funny=True), Card("Lightning Volt"))

    assert found(index, "Lightning Bolt") == ["Lightning Volt", "Lightning Colt"]


# Alchemy


def test_a_rebalanced_card_is_found_by_its_prefix_only(index: CardIndex) -> None:
    rebalanced, plain = index.exact("A-Teferi, Time Raveler"), index.exact("Teferi, Time Raveler")

    assert rebalanced is not None
    assert rebalanced.name == "A-Teferi, Time Raveler"
    assert plain is not None
    assert plain.name == "Teferi, Time Raveler"


def test_a_prefix_without_a_rebalanced_card_is_ignored(index: CardIndex) -> None:
    card = index.exact("A-Lightning Bolt")

    assert card is not None
    assert card.name == "Lightning Bolt"


def test_a_misread_name_does_not_hesitate_between_a_card_and_its_rebalanced_version(index: CardIndex) -> None:
    first, second = index.search("Teferl, Time Raveler", 2)

    assert first.card.name == "Teferi, Time Raveler"
    assert second.score < 80


def test_rebalanced_cards_are_no_spellings(index: CardIndex) -> None:
    names = {spelling.text for spelling in index.spellings}

    assert "A-Town" in names
    assert "A-Teferi, Time Raveler" not in names


# Spellings


def test_the_kinds_of_spelling_of_a_two_faced_card() -> None:
    card = Card("Delver // Aberration", "transform", printed_names=("Spy",))

    kinds = {spelling.text: spelling.kind for spelling in index_of(card).spellings}

    assert kinds == {
        "Delver": Kind.FRONT,
        "Delver // Aberration": Kind.FULL,
        "Spy": Kind.PRINTED,
        "Aberration": Kind.BACK,
    }


def test_a_match_says_by_which_name_it_was_found() -> None:
    index = index_of(Card("Zilortha, Strength Incarnate", printed_names=("Godzilla, King of the Monsters",)))

    match = index.search("Godzila, King of the Monsters")[0]

    assert match.card.name == "Zilortha, Strength Incarnate"
    assert match.name == "Godzilla, King of the Monsters"


def test_a_card_comes_once_however_many_of_its_names_match(index: CardIndex) -> None:
    names = found(index, "Bonecrusher Giant Stomq", 20)

    assert names.count("Bonecrusher Giant // Stomp") == 1


# Truncated names


@pytest.mark.parametrize(
    ("read", "name"),
    [
        ("Klothys, God of Dest...", "Klothys, God of Destiny"),
        ("Klothys, God of Dest…", "Klothys, God of Destiny"),
        ("Cleansing Wil..", "Cleansing Wildfire"),
        ("K1othys, G0d of De . . .", "Klothys, God of Destiny"),
    ],
)
def test_a_name_cut_by_dots_is_found_by_its_beginning(index: CardIndex, read: str, name: str) -> None:
    best = index.search(read)[0]

    assert best.card.name == name
    assert best.prefix


def test_all_names_that_begin_so_come_out_equally_good(index: CardIndex) -> None:
    matches = index.search("Krark-Clan ...", 5)

    assert len(matches) == 5
    assert all(match.card.name.startswith("Krark-Clan") and match.prefix for match in matches)
    assert len({match.score for match in matches}) == 1


def test_dots_say_that_a_name_goes_on(index: CardIndex) -> None:
    whole = next(match for match in index.search("Mountain...", 50) if match.card.name == "Mountain")

    assert index.search("Mountain...")[0].prefix
    assert whole.score < 100


def test_a_text_that_may_be_cut_is_a_whole_name_first(index: CardIndex) -> None:
    first, second = index.search("Mountain", 2, truncated=True)

    assert (first.card.name, first.score, first.prefix) == ("Mountain", 100.0, False)
    assert second.prefix
    assert second.score < first.score


def test_one_dot_behind_a_whole_name_is_dirt(index: CardIndex) -> None:
    assert found(index, "Lightning Bolt.") == ["Lightning Bolt"]


def test_without_dots_nothing_is_taken_for_cut_unless_said_so(index: CardIndex) -> None:
    assert not index.search("Krark Clan Sha")[0].prefix
    assert index.search("Krark Clan Sha", truncated=True)[0].card.name == "Krark-Clan Shaman"


# Search


@pytest.mark.parametrize("text", ["", "...", "—", "稲妻", "!!!"])
def test_a_text_without_letters_matches_nothing(index: CardIndex, text: str) -> None:
    assert index.search(text) == []
    assert index.search(text, truncated=True) == []


@pytest.mark.parametrize("text", ["x", "Lightning " * 500, "0" * 300, "a..", "Who What When " * 20 + "..."])
def test_texts_of_any_length_are_searched(index: CardIndex, text: str) -> None:
    for match in index.search(text, 3) + index.search(text, 3, truncated=True):
        assert 0 <= match.score <= 100


def test_an_empty_catalogue_matches_nothing() -> None:
    index = index_of()

    assert index.exact("Opt") is None
    assert index.search("Opt") == index.search("Opt...") == []
    assert index.complete("Opt") == []


@given(st.text(max_size=60), st.booleans())
def test_matches_of_any_text_are_sound(index: CardIndex, text: str, truncated: bool) -> None:
    matches = index.search(text, 7, truncated)

    assert len(matches) <= 7
    assert len({match.card.name for match in matches}) == len(matches)
    assert all(0 <= match.score <= 100 for match in matches)


@given(st.data())
def test_a_long_name_with_one_edit_finds_its_card_first(index: CardIndex, data: st.DataObject) -> None:
    long = [s for s in index.spellings[::97] if len(s.text) >= 14 and s.kind is Kind.FRONT and not s.card.is_funny]
    spelling = data.draw(st.sampled_from(long))
    place = data.draw(st.integers(0, len(spelling.text) - 1))
    put = data.draw(st.sampled_from(["", *string.ascii_lowercase]))

    read = spelling.text[:place] + put + spelling.text[place + data.draw(st.integers(0, 1)) :]

    best = index.search(read, 5)
    assert best[0].card is spelling.card or best[0].score == 100.0 or best[0].score - best[1].score < 3
    assert spelling.card in [match.card for match in best]
