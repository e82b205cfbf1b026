"""A bot process that starts while its database is away calls people all the same."""

import subprocess
import sys
from pathlib import Path

import pytest

from config.settings import Settings
from storage.embedded import EmbeddedRedis
from tests.bot.telegram.seeing import sees
from tests.fakes.telegram_rooms import Player
from tests.fakes.telegram_server import TOKEN, telegram_server
from tests.processes import ENVIRONMENT
from tests.shared import ROOT

pytestmark = pytest.mark.slow

POLICY = """
people:
  - {{name: Olga, role: operator, accounts: {{telegram: "2003"}}}}
places:
  - {{platform: telegram, chat: "{group}"}}
on_call:
  contacts: {{primary: {{address: "+33 1 23 45"}}}}
  rotations: {{primary: {{members: [Olga]}}}}
"""
AWAY_S = 150.0
"""A minute until the database counts as away, and what a busy machine takes to start."""


async def test_people_are_called_directly_by_a_process_that_never_saw_its_database(
    tmp_path: Path, redis_server: EmbeddedRedis
) -> None:
    async with telegram_server() as telegram:
        group, olga = telegram.group(1), telegram.private(Player(2003, "Olga"))
        (tmp_path / "ops.yaml").write_text(POLICY.format(group=group.id))
        own = {
            "DATA_DIR": str(tmp_path),
            "DATABASE_URL": "postgres://somebody:s3cr3t-w0rd@127.0.0.1:9/nowhere",
            "REDIS_URL": redis_server.url,
            "OPS_FILE": str(tmp_path / "ops.yaml"),
            "HTTP_PORT": "0",
            "TELEGRAM_TOKEN": TOKEN,
            "TELEGRAM_API_URL": telegram.url,
        }
        clean = {name: value for name, value in ENVIRONMENT.items() if name.lower() not in Settings.model_fields}
        command = [sys.executable, "-m", "bot.cli", "bot"]
        with (
            (tmp_path / "log").open("wb") as log,
            subprocess.Popen(command, env={**clean, **own}, cwd=ROOT, stdout=log, stderr=log) as process,
        ):
            try:
                said = await sees(olga, "EMERGENCY", "Olga, you are called", within_s=AWAY_S)
                told = await sees(group, "EMERGENCY", "oncall quiet stops these calls")
            finally:
                process.kill()

    assert "The database does not answer since" in told.text
    assert "s3cr3t-w0rd" not in said.text + told.text + (tmp_path / "log").read_text(errors="replace")
    assert len(olga.from_bot) == 1
