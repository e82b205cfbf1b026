"""The references of the console are what its actions declare."""

from chatops.actions import registry
from chatops.describing import default_of, described
from chatops.parts import Parts
from chatops.reference import reference
from tests.shared import ROOT

PAGE = ROOT / "docs" / "console.md"


def test_the_page_of_actions_is_what_they_declare() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference(registry()), "make docs writes it anew"


def test_every_action_has_its_row_and_its_chapter() -> None:
    page = reference(registry())
    for one in registry():
        assert f"| `{one.name}` |" in page
        assert f"### {one.name}\n" in page


def test_defaults_are_written_as_they_are_typed() -> None:
    [_, _, length, reason] = registry().named("access grant").parameters
    [since] = registry().named("audit export").parameters

    assert (default_of(length), default_of(reason), default_of(since)) == ("2h", "", "30d")


def test_lists_for_programs_have_the_fields_of_the_contract(parts: Parts) -> None:
    fields = ["group", "verb", "parameters", "risk", "role", "confirmation", "available", "help"]
    for one in registry():
        assert list(described(one, parts)) == fields
