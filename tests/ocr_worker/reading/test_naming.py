"""From the text of a title to its card: what clings to it, what is misread, what is cut, what cannot be told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_worker.cards import CardIndex
from ocr_worker.reading.lines import Recognition, Rect, TextLine
from ocr_worker.reading.naming import NameReader, NameReading, variants
from tests.fakes.lattice import lattice


def read(names: NameReader, text: str, cut: bool = False) -> NameReading:
    reading = names.read_text(text, None, cut)
    assert reading is not None
    return reading


class TestShortNamesInLongOnes:
    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("Blood 5un", "Blood Sun"),
            ("Fire 8last", "Fireblast"),
            ("Mind R0t", "Mind Rot"),
            ("Memory Jax", "Memory Jar"),
        ],
    )
    def test_a_badly_read_long_name_is_not_the_short_one_at_its_beginning(
        self, text: str, name: str, names: NameReader
    ) -> None:
        assert read(names, text).card.name == name


class TestDotsBeforeCosts:
    @pytest.mark.parametrize("cost", ["... 1 **", "...2", "..1", "… 4"])
    def test_what_follows_the_dots_is_a_cost(self, cost: str, names: NameReader) -> None:
        reading = read(names, f"Picklock Prank{cost}")

        assert (reading.card.front, reading.truncated) == ("Picklock Prankster", True)
        assert reading.strong

    def test_words_behind_dots_are_words(self) -> None:
        assert "Opt... or Shock" in list(variants("Opt... or Shock"))


class TestWhatClingsToTitles:
    @pytest.mark.parametrize(
        ("text", "without"),
        [
            ("Lightning Bolt 1R", "Lightning Bolt"),
            ("Lightning Bolt (R", "Lightning Bolt"),
            ("Lightning Bolt @", "Lightning Bolt"),
            ("|Lightning Bolt|", "Lightning Bolt"),
            ("[Lightning Bolt]~", "Lightning Bolt"),
            ("Lightning Bolt2", "Lightning Bolt"),
            ("Thragtusk 4G G", "Thragtusk"),
            ("3 Lightning Bolt", "Lightning Bolt"),
        ],
    )
    def test_frames_counts_and_mana_symbols_are_taken_off(self, text: str, without: str) -> None:
        assert without in list(variants(text))

    def test_the_text_as_it_stands_comes_first_and_nothing_twice(self) -> None:
        assert list(variants("Opt")) == ["Opt"]
        assert next(iter(variants("Lightning Bolt 1R"))) == "Lightning Bolt 1R"

    @given(st.text(max_size=40))
    def test_no_variant_is_empty_or_longer_than_the_text(self, text: str) -> None:
        found = list(variants(text))

        assert len(found) == len(set(found))
        assert all(0 < len(variant) <= len(text) for variant in found)

    @pytest.mark.parametrize("text", ["Lightning Bolt 1R", "Lightning Bolt2", "|Lightning Bolt|", "Lightning Bolt ©"])
    def test_the_card_is_read_all_the_same(self, text: str, names: NameReader) -> None:
        reading = read(names, text)

        assert reading.card.name == "Lightning Bolt"
        assert reading.exact
        assert reading.strong

    def test_letters_beyond_mana_symbols_are_the_names_own(self, names: NameReader) -> None:
        longer = names.read_text("Fire Wxqzjvk")

        assert longer is None or longer.card.name != "Fire // Ice" or not longer.strong


class TestNames:
    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("Lightning Bolt", "Lightning Bolt"),
            ("LIGHTNING BOLT", "Lightning Bolt"),
            ("Lim-Dul's Vault", "Lim-Dûl's Vault"),
            ("Fire", "Fire // Ice"),
            ("Ice", "Fire // Ice"),
            ("Brazen Borrower", "Brazen Borrower // Petty Theft"),
            ("Petty Theft", "Brazen Borrower // Petty Theft"),
            ("Opt", "Opt"),
        ],
    )
    def test_a_name_that_is_spelled_right_is_beyond_doubt(self, text: str, name: str, names: NameReader) -> None:
        reading = read(names, text)

        assert (reading.card.name, reading.fit, reading.share) == (name, 1, 1)
        assert (reading.exact, reading.truncated, reading.alternatives) == (True, False, ())

    def test_every_front_reads_as_its_card(self, names: NameReader, index: CardIndex) -> None:
        long = [s for s in index.spellings[::90] if len(s.text) > 3 and s.kind == "front"]
        wrong = [s.text for s in long if read(names, s.text).card is not s.card]

        assert wrong == []

    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("Fable of the Mirror-Breaken", "Fable of the Mirror-Breaker // Reflection of Kiki-Jiki"),
            ("Spirebluff Canai", "Spirebluff Canal"),
            ("Treasure Crulse", "Treasure Cruise"),
            ("Lava Axc", "Lava Axe"),
        ],
    )
    def test_a_letter_or_two_may_be_misread(self, text: str, name: str, names: NameReader) -> None:
        reading = read(names, text)

        assert reading.card.name == name
        assert reading.strong
        assert not reading.exact
        assert name not in reading.alternatives

    def test_what_resembles_several_cards_is_not_strong(self, names: NameReader) -> None:
        reading = read(names, "Ligtning Bo1t")

        assert reading.card.name == "Lightning Bolt"
        assert not reading.strong
        assert "Lightning Colt" in reading.alternatives
        assert len(reading.alternatives) <= 5

    @pytest.mark.parametrize("text", ["", "Op", "~", "xqzzkvw", "Draw a card, then discard a card", "12:34"])
    def test_what_resembles_no_card_is_none(self, text: str, names: NameReader) -> None:
        assert names.read_text(text) is None

    @pytest.mark.parametrize("text", ["Planeswalkers rating: 1204", "Welcome back, Jace_fan_99", "1,250 gems"])
    def test_other_texts_are_never_a_card_beyond_doubt_and_exact(self, text: str, names: NameReader) -> None:
        reading = names.read_text(text)

        assert reading is None or not reading.exact

    def test_the_shares_of_all_guesses_are_probabilities(self, names: NameReader) -> None:
        shares = [guess.share for guess in read(names, "Ligtning Bo1t").guesses]

        assert shares == sorted(shares, reverse=True)
        assert 0.9 < sum(shares) <= 1.0001


class TestCutNames:
    @pytest.mark.parametrize("dots", ["...", "…", ".", " ..", ". . ."])
    def test_a_cut_name_is_completed_where_only_one_begins_so(self, dots: str, names: NameReader) -> None:
        reading = read(names, "Teferi, Hero of Dom" + dots)

        assert reading.card.name == "Teferi, Hero of Dominaria"
        assert reading.truncated
        assert reading.strong
        assert not reading.exact

    def test_where_many_begin_so_none_is_sure(self, names: NameReader) -> None:
        reading = read(names, "Lightning B...", cut=True)

        assert not reading.strong
        assert len(reading.alternatives) == 5

    def test_names_that_are_cut_without_dots_need_leave(self, names: NameReader) -> None:
        assert read(names, "Sacred Foun", cut=True).card.name == "Sacred Foundry"
        assert not read(names, "Sacred Foun").strong

    def test_a_whole_name_stays_whole_where_cut_ones_are_allowed(self, names: NameReader) -> None:
        reading = read(names, "Lightning Bolt", cut=True)

        assert reading.exact
        assert not reading.truncated


class TestTheRecognisersOpinion:
    """``Mirror March`` and ``Mirror Match`` are one letter apart; the reading has an ``x`` there."""

    @pytest.mark.parametrize(("likely", "name"), [("t", "Mirror Match"), ("r", "Mirror March")])
    def test_it_decides_between_names_that_the_text_fits_alike(self, likely: str, name: str, names: NameReader) -> None:
        opinion = lattice("Mirror Maxch", {9: {likely: 0.3}})
        reading = names.read(TextLine("Mirror Maxch", Rect(0, 0, 120, 20), 0.9, lattice=opinion))

        assert reading is not None
        assert reading.card.name == name
        assert reading.strong

    def test_without_it_either_name_stays_possible(self, names: NameReader) -> None:
        reading = read(names, "Mirror Maxch")

        assert {reading.card.name, *reading.alternatives} >= {"Mirror March", "Mirror Match"}
        assert not reading.strong

    def test_symbols_around_the_name_cost_nothing(self, names: NameReader) -> None:
        opinion = lattice("-Mirror Maxch 2R", {10: {"t": 0.3}})
        reading = names.read_text("-Mirror Maxch 2R", opinion)

        assert reading is not None
        assert (reading.card.name, reading.strong) == ("Mirror Match", True)


class TestVotes:
    def test_a_name_that_no_reading_spells_can_win(self, names: NameReader) -> None:
        seen = [
            Recognition(text, 0.6) for text in ("Refurbishcd Familiar", "Rcfurbished Fomiliar", "Refurb1shed Famillar")
        ]
        reading = names.vote(seen)

        assert reading is not None
        assert reading.card.name == "Refurbished Familiar"
        assert reading.strong

    def test_one_bad_reading_does_not_outvote_two(self, names: NameReader) -> None:
        seen = [Recognition(text, 0.6) for text in ("Cleansing Wildfire", "Qeonzjn Wxidfbr", "Cleansing Wildfre")]
        reading = names.vote(seen)

        assert reading is not None
        assert reading.card.name == "Cleansing Wildfire"

    @pytest.mark.parametrize("name", ["Memory Jar", "Lava Axe", "Mox Jet", "Lightning Bolt"])
    def test_short_last_words_belong_to_the_name(self, name: str, names: NameReader) -> None:
        reading = names.vote([Recognition(name, 0.9)] * 3, cut=True)

        assert reading is not None
        assert (reading.card.name, reading.strong) == (name, True)

    def test_lattices_are_heard_as_well(self, names: NameReader) -> None:
        seen = [
            Recognition("Mirror Maxch", 0.8, lattice("Mirror Maxch", {9: {"t": 0.3}})),
            Recognition("Mirror Mazch", 0.8, lattice("Mirror Mazch", {9: {"t": 0.3}})),
        ]
        reading = names.vote(seen)

        assert reading is not None
        assert (reading.card.name, reading.strong) == ("Mirror Match", True)

    def test_cut_titles_are_completed_where_that_is_allowed(self, names: NameReader) -> None:
        seen = [Recognition("Cleansing Wildf", 0.8), Recognition("Cleanslng Wildf", 0.7)]
        reading = names.vote(seen, cut=True)

        assert reading is not None
        assert (reading.card.name, reading.truncated) == ("Cleansing Wildfire", True)

    @pytest.mark.parametrize("texts", [[], [""], ["x", "~", "4"]])
    def test_readings_of_nothing_name_nothing(self, texts: list[str], names: NameReader) -> None:
        assert names.vote([Recognition(text, 0.3) for text in texts]) is None


@given(text=st.text(max_size=40), cut=st.booleans())
def test_any_text_can_be_read(names: NameReader, text: str, cut: bool) -> None:
    reading = names.read_text(text, None, cut)

    if reading is not None:
        assert 0 <= reading.fit <= 1.0001
        assert 0 <= reading.share <= 1.0001
        assert reading.card.name not in reading.alternatives
