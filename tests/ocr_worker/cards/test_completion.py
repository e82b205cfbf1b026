from ocr_worker.cards import CardIndex


def names(index: CardIndex, typed: str, limit: int = 25) -> list[str]:
    return [card.name for card in index.complete(typed, limit)]


def test_names_that_begin_so_come_before_names_with_such_a_word(index: CardIndex) -> None:
    completed = names(index, "bolt")

    assert completed.index("Bolt Bend") < completed.index("Lightning Bolt")


def test_short_names_come_first(index: CardIndex) -> None:
    completed = names(index, "forest", 3)

    assert completed[0] == "Forest"


def test_back_faces_lead_to_their_card_once(index: CardIndex) -> None:
    assert names(index, "insectile ab") == ["Delver of Secrets // Insectile Aberration"]
    assert names(index, "delver of sec").count("Delver of Secrets // Insectile Aberration") == 1


def test_accents_and_case_do_not_matter(index: CardIndex) -> None:
    assert "Séance" in names(index, "SEAN")


def test_a_typing_error_still_completes(index: CardIndex) -> None:
    assert "Lightning Bolt" in names(index, "Lightnnig Bol")


def test_there_are_at_most_as_many_as_asked_for(index: CardIndex) -> None:
    assert len(names(index, "a", 7)) == 7


def test_nothing_typed_completes_to_nothing(index: CardIndex) -> None:
    assert names(index, "") == []
    assert names(index, " -- ") == []
