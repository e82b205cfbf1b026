"""What a picture takes of a real Postgres, counted."""

import pytest

from storage.database import Database
from tools import bench_database


@pytest.mark.slow
@pytest.mark.parametrize("url", ["postgres"], indirect=True)
async def test_each_table_is_counted_with_its_indices(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_database, "PLAYERS", 5)
    table = await bench_database.measured(database.url, 40)
    told = {str(cell): str(rows) for cell, rows in zip(table.columns[0].cells, table.columns[1].cells, strict=True)}
    assert told["decks"] == "40"
    assert told["conversion_events"] == "120"
    assert "in all" in told
