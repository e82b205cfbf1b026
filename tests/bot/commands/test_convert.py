"""``screen2deck convert`` with a reader that stands in for the real one."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import typer
from PIL import Image
from typer.testing import CliRunner, Result

from bot.commands import convert as command
from ocr_worker import pipeline
from ocr_worker.cards import Catalogue, snapshot_source
from ocr_worker.cards.card import Printing
from ocr_worker.cards.update import store
from ocr_worker.errors import EngineUnavailable
from tests.bot.commands.fake_reader import FakeReader, picture

ARENA = "Deck\n4 Lightning Bolt\n56 Relentless Rats\n\nSideboard\n2 Abrade\n"
LIST = "4 Lightning Bolt\n20 Mountain\n\nSideboard\n2 Abrade\n"


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> FakeReader:
    fake = FakeReader()
    monkeypatch.setattr(pipeline.Reader, "create", fake.create)
    return fake


@pytest.fixture
def run(reader: FakeReader, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Result]:
    """Call the command in a folder with a few pictures."""
    for name, width in (("burn", 200), ("doubt", 201), ("side", 202), ("companion", 203)):
        picture(tmp_path / f"{name}.png", width)
    picture(tmp_path / "menu.png", 210)
    picture(tmp_path / "fault.png", 211)
    (tmp_path / "empty.png").touch()
    (tmp_path / "words.txt").write_text("hello world\n", encoding="utf-8")
    (tmp_path / "list.txt").write_text(LIST, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OCR_ENGINE", raising=False)
    app = typer.Typer()
    app.command()(command.convert)
    return lambda *words, **options: CliRunner().invoke(app, [str(word) for word in words], **options)


def objects(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


class TestResults:
    def test_set_codes_are_written_where_the_catalogue_knows_them(
        self, run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATA_DIR", str(tmp_path))
        known = [
            replace(card, printing=Printing("clu", "141")) if card.name == "Lightning Bolt" else card
            for card in snapshot_source().load().cards
        ]
        store(Catalogue("Scryfall", date(2099, 1, 1), tuple(known)), tmp_path)

        result = run("list.txt", "--format", "moxfield", "--set-codes")

        assert (result.exit_code, result.stdout) == (
            0,
            "4 Lightning Bolt (CLU) 141\n20 Mountain\n\nSIDEBOARD:\n2 Abrade\n",
        )

    def test_the_list_goes_to_stdout_and_messages_to_stderr(self, run: Callable[..., Result]) -> None:
        result = run("burn.png")

        assert (result.exit_code, result.stdout) == (0, ARENA)
        assert result.stderr == "burn.png: 60 main, 2 side; verified\n"

    def test_doubts_show_what_was_read_and_what_else_it_may_be(self, run: Callable[..., Result]) -> None:
        result = run("doubt.png")

        assert result.exit_code == 0
        assert result.stderr.splitlines() == [
            "doubt.png: 3 main; 1 row uncertain",
            '  ? 3 Island; read: "ls1and"; or: Swamp, Plains',
            "  ! The picture shows 4 cards in the main deck; 3 were read.",
        ]

    def test_what_the_format_cannot_hold_is_said(self, run: Callable[..., Result]) -> None:
        result = run("companion.png", "--format", "mtgo")

        assert "  ! Companion moved to the sideboard: Magic Online has no companion section." in result.stderr

    def test_several_lists_are_set_apart_by_a_blank_line(self, run: Callable[..., Result]) -> None:
        assert run("burn.png", "burn.png").stdout == f"{ARENA}\n{ARENA}"

    def test_several_pictures_share_one_loaded_engine(self, run: Callable[..., Result], reader: FakeReader) -> None:
        run("burn.png", "doubt.png", "side.png")

        assert reader.loaded == ["auto"]

    def test_the_engine_comes_from_the_option_before_the_setting(
        self, run: Callable[..., Result], reader: FakeReader
    ) -> None:
        run("burn.png", env={"OCR_ENGINE": "rapidocr"})
        run("burn.png", "--engine", "easyocr", env={"OCR_ENGINE": "rapidocr"})

        assert reader.loaded == ["rapidocr", "easyocr"]

    def test_standard_input_is_a_picture_too(self, run: Callable[..., Result]) -> None:
        result = run("-", input=Path("burn.png").read_bytes())

        assert (result.exit_code, result.stdout) == (0, ARENA)
        assert result.stderr.startswith("stdin: ")


class TestJson:
    def test_one_object_a_line_in_the_order_given(self, run: Callable[..., Result]) -> None:
        result = run("--format", "json", "burn.png", "nowhere.png", "doubt.png", "menu.png")

        first, missing, second, menu = objects(result)
        assert result.exit_code == 2
        assert [each["image"] for each in (first, missing, second, menu)] == [
            "burn.png",
            "nowhere.png",
            "doubt.png",
            "menu.png",
        ]
        assert missing == {
            "schema": 1,
            "image": "nowhere.png",
            "error": "nowhere.png does not exist: give the path of a picture.",
        }
        assert menu["error"] == "No decklist found in this picture."
        assert second["main"][0]["candidates"] == ["Swamp", "Plains"]

    def test_an_object_has_what_the_contract_names(self, run: Callable[..., Result]) -> None:
        (deck,) = objects(run("--format", "json", "burn.png"))

        assert list(deck) == [
            *("schema", "image", "kind", "main", "side", "commander", "companion"),
            *("totals", "verified", "warnings", "engine", "seconds"),
        ]
        assert (deck["schema"], deck["kind"], deck["engine"], deck["verified"]) == (
            1,
            "arena-list",
            "fake",
            True,
        )
        assert deck["seconds"] >= 0
        assert deck["totals"]["main"] == {"read": 60, "displayed": 60}
        assert list(deck["main"][0]) == ["count", "name", "certain", "read", "box", "candidates"]


class TestFailures:
    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("nowhere.png", "nowhere.png: does not exist"),
            (".", ".: is not a file"),
            ("empty.png", "empty.png: The file is empty"),
            ("words.txt", "words.txt: This is text and no picture, and no line of it names a card"),
        ],
    )
    def test_bad_input_is_one_sentence_and_exit_code_2(
        self, run: Callable[..., Result], reader: FakeReader, name: str, words: str
    ) -> None:
        result = run(name)

        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith(words)
        assert result.stderr.count("\n") == 1

    def test_nothing_is_loaded_for_inputs_that_cannot_be_read(
        self, run: Callable[..., Result], reader: FakeReader
    ) -> None:
        run("nowhere.png", "list.txt")

        assert reader.loaded == []

    def test_no_deck_is_exit_code_1(self, run: Callable[..., Result]) -> None:
        result = run("menu.png")

        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr == "menu.png: No decklist found in this picture.\n"

    def test_bad_pictures_do_not_stop_the_others(self, run: Callable[..., Result]) -> None:
        result = run("burn.png", "empty.png", "burn.png")

        assert result.exit_code == 2
        assert result.stdout == f"{ARENA}\n{ARENA}"

    def test_the_worst_input_decides_the_exit_code(self, run: Callable[..., Result]) -> None:
        assert run("burn.png", "menu.png").exit_code == 1
        assert run("menu.png", "empty.png", "burn.png").exit_code == 2

    def test_a_defect_of_the_reader_ends_one_picture_only(self, run: Callable[..., Result]) -> None:
        result = run("fault.png", "burn.png")

        assert (result.exit_code, result.stdout) == (1, ARENA)
        assert "fault.png: This picture met a fault in Screen2Deck (KeyError)" in result.stderr
        assert "Traceback" not in result.stderr

    def test_an_engine_that_is_missing_is_said_once(self, run: Callable[..., Result], reader: FakeReader) -> None:
        reader.failure = EngineUnavailable("EasyOCR is not installed.")
        result = run("burn.png", "doubt.png")

        assert (result.exit_code, result.stdout, result.stderr) == (2, "", "EasyOCR is not installed.\n")

    def test_a_deck_that_the_format_cannot_hold_is_exit_code_1(self, run: Callable[..., Result]) -> None:
        result = run("burn.png", "--format", "mtgo-dek")

        assert (result.exit_code, result.stdout) == (1, "")
        assert "burn.png: " in result.stderr

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["burn.png", "--format", "pdf"], "there is no format 'pdf'"),
            (["burn.png", "--engine", "tesseract"], "--engine"),
            (["burn.png", "--annotate", "out.gif"], "out.gif must end in .png"),
            (["burn.png", "--annotate", "burn.png"], "would be overwritten"),
            (["burn.png", "--output", "list.txt/there"], "cannot be used as a folder"),
            ([], "PICTURE"),
        ],
    )
    def test_wrong_use_is_exit_code_2_before_anything_is_read(
        self, run: Callable[..., Result], reader: FakeReader, words: list[str], said: str
    ) -> None:
        result = run(*words)

        assert (result.exit_code, result.stdout, reader.loaded) == (2, "", [])
        assert said in result.stderr

    def test_a_wrong_setting_is_named(self, run: Callable[..., Result]) -> None:
        result = run("burn.png", env={"OCR_ENGINE": "tesseract"})

        assert result.exit_code == 2
        assert "OCR_ENGINE cannot be 'tesseract'" in result.stderr


class TestTextLists:
    def test_a_list_is_converted_without_reading_a_picture(
        self, run: Callable[..., Result], reader: FakeReader
    ) -> None:
        result = run("list.txt", "--format", "moxfield")

        assert result.exit_code == 0
        assert result.stdout.startswith("4 Lightning Bolt\n20 Mountain\n")
        assert reader.loaded == []

    def test_a_deck_file_is_a_list_too(self, run: Callable[..., Result]) -> None:
        run("list.txt", "--format", "cockatrice", "--output", "out")
        result = run("out/list.cod", "--format", "text")

        assert (result.exit_code, result.stdout) == (0, LIST)

    def test_lines_that_name_no_card_are_said(self, run: Callable[..., Result]) -> None:
        Path("odd.txt").write_bytes("4 Lim-Dûl's Vault\n2 Nothing at all\n".encode("cp1252"))
        result = run("odd.txt")

        assert result.stdout == "Deck\n4 Lim-Dûl's Vault\n"
        assert "  ! Line 2: there is no card of this name (2 Nothing at all)" in result.stderr


class TestFiles:
    def test_output_writes_a_file_for_each_picture(self, run: Callable[..., Result]) -> None:
        result = run("burn.png", "menu.png", "doubt.png", "--format", "cockatrice", "--output", "out/decks")

        assert (result.exit_code, result.stdout) == (1, "")
        assert sorted(path.name for path in Path("out/decks").iterdir()) == ["burn.cod", "doubt.cod"]

    def test_pictures_of_one_name_get_files_of_their_own(self, run: Callable[..., Result]) -> None:
        Path("more").mkdir()
        picture(Path("more/burn.png"), 201)
        run("burn.png", "more/burn.png", "--output", "out")

        assert sorted(path.name for path in Path("out").iterdir()) == ["burn-2.txt", "burn.txt"]

    def test_no_input_is_overwritten(self, run: Callable[..., Result]) -> None:
        run("list.txt", "--output", ".", "--format", "text")

        assert Path("list.txt").read_text(encoding="utf-8") == LIST
        assert Path("list-2.txt").read_text(encoding="utf-8") == LIST

    def test_json_files_name_their_picture(self, run: Callable[..., Result]) -> None:
        run("burn.png", "--output", "out", "--format", "json")

        assert json.loads(Path("out/burn.json").read_text(encoding="utf-8"))["image"] == "burn.png"

    def test_annotate_draws_on_the_picture(self, run: Callable[..., Result]) -> None:
        result = run("burn.png", "--annotate", "new/drawn.png")

        assert (result.exit_code, result.stdout) == (0, ARENA)
        with Image.open("new/drawn.png") as drawn:
            assert drawn.width == 200
            assert drawn.height > 150

    def test_several_annotated_pictures_are_numbered(self, run: Callable[..., Result]) -> None:
        run("burn.png", "menu.png", "doubt.png", "--annotate", "drawn.png")

        assert sorted(path.name for path in Path().glob("drawn*")) == ["drawn-3.png", "drawn.png"]

    def test_a_name_without_ending_is_a_folder_for_annotated_pictures(self, run: Callable[..., Result]) -> None:
        run("burn.png", "doubt.png", "--annotate", "drawn")

        assert sorted(path.name for path in Path("drawn").iterdir()) == [
            "burn-annotated.png",
            "doubt-annotated.png",
        ]

    def test_a_place_that_cannot_be_written_is_said_and_the_deck_printed(self, run: Callable[..., Result]) -> None:
        Path("out/burn.txt").mkdir(parents=True)
        result = run("burn.png", "doubt.png", "--output", "out")

        assert result.exit_code == 2
        assert "out/burn.txt cannot be written" in result.stderr
        assert Path("out/doubt.txt").exists()


class TestMerging:
    def test_pictures_of_one_deck_become_one_list(self, run: Callable[..., Result]) -> None:
        result = run("companion.png", "side.png", "--merge", "--format", "text")

        assert result.exit_code == 0
        assert result.stdout.endswith("Sideboard\n3 Duress\n4 Negate\n4 Pithing Needle\n4 Opt\n")
        assert "companion.png + side.png: 60 main, 15 side, 1 companion; verified" in result.stderr

    def test_it_is_one_object_as_json(self, run: Callable[..., Result]) -> None:
        (deck,) = objects(run("companion.png", "side.png", "--merge", "--format", "json"))

        assert deck["image"] == "companion.png + side.png"
        assert deck["engine"] == "fake"

    def test_a_picture_that_is_missing_in_it_is_said(self, run: Callable[..., Result]) -> None:
        result = run("burn.png", "empty.png", "--merge")

        assert (result.exit_code, result.stdout) == (2, ARENA)
        assert "  ! empty.png could not be read and is not in this list." in result.stderr
        assert "not verified" in result.stderr

    def test_nothing_readable_gives_no_list(self, run: Callable[..., Result]) -> None:
        result = run("menu.png", "menu.png", "--merge", "--format", "json")

        assert result.exit_code == 1
        assert objects(result)[0]["error"] == "None of these pictures could be read."

    def test_each_picture_is_annotated_on_its_own(self, run: Callable[..., Result]) -> None:
        run("companion.png", "side.png", "--merge", "--annotate", "drawn")

        assert len(list(Path("drawn").iterdir())) == 2
