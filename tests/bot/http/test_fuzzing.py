"""A fuzzer goes through all that the description says: no fault, no answer that is not described, no secret."""

import asyncio
import sys
from importlib.util import find_spec
from pathlib import Path

import aiohttp
import pytest
from pydantic import SecretStr

from bot.http.tokens import Tokens
from bot.services import Services
from config.settings import Settings
from tests.bot.http.conftest import Token
from tests.storage.test_queue import ANNA

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("schemathesis") is None, reason="make setup-slow installs the fuzzer"),
]
ALERTS = "a token of Alertmanager that nobody is to see"
SIGNING = "a secret that signs, of more than thirty-two letters"
EXAMPLES = 40
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With secrets to look for, and no limits in the way."""
    return settings.model_copy(
        update={
            "alertmanager_webhook_token": SecretStr(ALERTS),
            "jwt_secret": SecretStr(SIGNING),
            "http_per_minute": 0,
            "pictures_per_hour": 100_000,
            "pictures_at_once": 100_000,
        }
    )


@pytest.mark.parametrize("who", ["stranger", "operator", "alertmanager"])
async def test_the_whole_api_bears_what_a_fuzzer_sends(
    client: aiohttp.ClientSession,
    token: Token,
    services: Services,
    tokens: Tokens,
    who: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await services.queue.say_alive(ANNA)
    headers = {
        "stranger": {},
        "operator": await token("operator"),
        "alertmanager": {"Authorization": f"Bearer {ALERTS}"},
    }[who]
    # Readiness is 503 where a part is away, and a test of reading waits for a worker; both have tests of their own.
    excluded = ["--exclude-path", "/health/ready", "--exclude-path", "/api/ocr/test"]
    if who == "alertmanager":
        excluded = ["--include-path", "/webhooks/alertmanager"]
    command = [sys.executable, "-m", "schemathesis.cli", "run", str(client._build_url("/api/openapi.json"))]
    command += ["--checks", CHECKS, "--max-examples", str(EXAMPLES), "--phases", "examples,coverage,fuzzing"]
    command += ["--seed", "1", "--generation-database", "none", "--no-color", "--continue-on-failure", *excluded]
    for name, value in headers.items():
        command += ["--header", f"{name}: {value}"]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=tmp_path
    )
    said, _ = await process.communicate()

    text = said.decode(errors="replace")
    assert process.returncode == 0, text[-8000:]
    keys = [form for one in tokens.keyring.keys for form in (one.secret.hex(), repr(one.secret)[2:-1])]
    seen = caplog.text + (text if who != "alertmanager" else text.replace(ALERTS, ""))
    assert [one for one in (SIGNING, ALERTS, *keys) if one in seen] == []
    assert [one for one in caplog.records if one.levelname == "ERROR" and one.name.startswith("bot")] == []
