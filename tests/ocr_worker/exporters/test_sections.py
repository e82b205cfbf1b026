"""Where commander, companion and sideboard go, and what is said when a target lacks them."""

from dataclasses import replace

import pytest

from ocr_worker.decks import Deck, DeckLine, Section
from ocr_worker.errors import ExportError
from ocr_worker.exporters import export, formats
from tests.ocr_worker.decks.lists import CARDS, DECKS, deck, lines

FULL = deck(
    main=[(4, "Opt")],
    side=[(1, "Negate")],
    commander=[(1, "Kelsien, the Plague")],
    companion=[(1, "Lurrus of the Dream-Den")],
)


@pytest.mark.parametrize("name", ["arena", "archidekt", "moxfield", "tappedout", "deckstats", "text", "csv", "json"])
def test_formats_with_all_sections_need_no_note(name: str) -> None:
    assert export(FULL, name).notes == ()


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("mtgo", "Companion moved to the sideboard: Magic Online has no companion section."),
        ("mtgo-dek", "Commander moved to the sideboard: Magic Online has no commander section."),
        ("forge", "Companion moved to the sideboard: Forge has no companion section."),
        ("xmage", "Commander moved to the sideboard: XMage has no commander section."),
        ("cockatrice", "Companion moved to the sideboard: Cockatrice has no companion section."),
        ("mtggoldfish", "Commander listed with the main deck: MTGGoldfish has no commander section."),
        ("deckbox", "Sideboard listed with the main deck: Deckbox has no sideboard section."),
        ("manabox", "Companion listed with the main deck: ManaBox has no companion section."),
    ],
)
def test_what_the_target_lacks_is_said_in_one_line(name: str, note: str) -> None:
    assert note in export(FULL, name).notes


@pytest.mark.parametrize("name", formats())
def test_every_note_is_one_sentence(name: str) -> None:
    for each in DECKS.values():
        for note in export(each, name).notes:
            assert note.endswith(".")
            assert "\n" not in note


@pytest.mark.parametrize("name", [name for name in formats() if name not in ("json", "mtgo-dek")])
def test_headings_are_omitted_when_empty(name: str) -> None:
    text = export(deck(main=[(4, "Opt")]), name).text.casefold()
    assert not any(word in text for word in ("side", "sb:", "commander", "companion"))


def test_arena_repeats_the_companion_where_the_picture_counts_it_in_the_sideboard() -> None:
    text = export(deck(main=[(4, "Opt")], companion=[(1, "Lurrus of the Dream-Den")], side_total=1), "arena").text
    assert text.endswith("Sideboard\n1 Lurrus of the Dream-Den\n")


def test_arena_lists_the_companion_once_where_no_total_counts_it() -> None:
    for total in (None, 0, 15):
        single = deck(main=[(4, "Opt")], companion=[(1, "Lurrus of the Dream-Den")], side_total=total)
        assert export(single, "arena").text.count("Lurrus") == 1


def test_xmage_splits_counts_that_its_importer_refuses() -> None:
    text = export(DECKS["large"], "xmage").text
    assert text.startswith("99 Relentless Rats\n49 Relentless Rats\n")


def test_moved_cards_join_their_copies_in_the_sideboard() -> None:
    both = Deck({Section.COMPANION: lines((1, "Opt")), Section.SIDEBOARD: lines((2, "Opt"))})
    assert export(both, "mtgo").text == "Sideboard\r\n3 Opt\r\n"


def test_dek_is_refused_without_catalogue_numbers_and_names_the_way_out() -> None:
    names = ("Opt", "Negate", "Fire // Ice", "X", "Ow")
    unknown = Deck({Section.MAIN: tuple(DeckLine(1, replace(CARDS[name], mtgo_id=None)) for name in names)})
    with pytest.raises(ExportError) as refusal:
        export(unknown, "mtgo-dek")
    assert str(refusal.value) == (
        "Magic Online's .dek needs a catalogue number for every card, and none is known for "
        "Opt; Negate; Fire/Ice and 2 more: use mtgo instead."
    )


@pytest.mark.parametrize("name", formats())
def test_counts_are_written_for_singles_too(name: str) -> None:
    text = export(deck(main=[(1, "1996 World Champion"), (1, "About Face")]), name).text
    assert "1 1996 World Champion" in text or "1x 1996 World Champion" in text or name in STRUCTURED


STRUCTURED = ("csv", "json", "manabox", "deckbox", "cockatrice", "mtgo-dek")


@pytest.mark.parametrize("name", formats())
def test_a_deck_name_never_breaks_out_of_its_line(name: str) -> None:
    hostile = deck(main=[(4, "Opt")], name="Burn\r\nSideboard\n15 Negate\x00\u2028<&>")
    text = export(hostile, name).text
    assert "\n15 Negate" not in text
    assert "\x00" not in text
