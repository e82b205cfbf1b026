"""What many pictures need, calculated: the page says what the program says, and numbers hang together."""

from dataclasses import replace

import pytest

from tests.shared import ROOT
from tools.scale import Inputs, lines, main, needs


def test_the_page_is_what_the_program_says() -> None:
    page = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
    assert "\n".join(lines(Inputs(), needs(Inputs()))) in page


def test_a_quiet_service_is_one_of_each() -> None:
    found = needs(Inputs(pictures=100))
    assert (found.workers, found.bots, found.database_cores) == (1, 1, 2)


def test_workers_follow_the_pictures_that_are_read() -> None:
    given = Inputs(pictures=86_400, peak=1, cached=0, load=1, reading_s=2)
    assert needs(given).workers == 2
    assert needs(replace(given, cached=0.5)).workers == 1
    assert needs(replace(given, load=0.5)).workers == 4
    assert needs(replace(given, worker_cores=2)).workers == 1


def test_disks_follow_how_long_things_are_kept() -> None:
    found = needs(Inputs(pictures=1000, row_bytes=1e6, deck_days=10, picture_bytes=1e6, picture_hours=12))
    assert (found.database_gb, found.pictures_gb) == (10, 0.5)


def test_what_cannot_be_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--peak", "0.5"])
    assert "peak >= 1" in capsys.readouterr().err


def test_it_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--pictures", "1000"]) == 0
    assert "| bot processes | 1 |" in capsys.readouterr().out
