"""No secret leaves the console: every action of the product, run or planned in a world that is full of them."""

import json
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr

from bot.conversation.operations.showing import request_reply
from bot.operations import secrets_of
from chatops.parts import Parts
from config.log_files import FOLDER
from config.redacting import BLOT
from config.settings import Settings
from storage import audit, conversions, grants, outbox, people
from storage.audit import AuditLine
from storage.database import Database
from storage.errors import NotStored
from storage.queue import Queue
from storage.records import MessageRecord
from storage.requests import SUBJECT
from storage.sockets import control_socket
from tests.bot.supervision.recording import FOREVER
from tests.chatops.acting import PEOPLE, Ops, parts_of
from tests.chatops.everything import Told, everything, faults, trail
from tests.chatops.fleets import LOCAL, small_product, with_services
from tests.making import NOW, WORKER, accepted, failed, finished

OURS = "staple-battery-horse-7"
TELEGRAM = "123456789:AAHcorrecthorsebatterystaple0123456789"
DISCORD = "MTE4NTIzNDU2Nzg5MDEyMzQ1.Gcorre.cthorsebatterystapleqwertyuiop12"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJwbGF5ZXIifQ.c2lnbmF0dXJlb2Zjb3JyZWN0aG9yc2U"
PASSWORD = "Tr0ub4dor&3xyz"  # noqa: S105
DSN = f"postgres://screen2deck:{PASSWORD}@db.internal:5432/screen2deck"
MAIL = "ana.player@example.org"
SETTING = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
PLANTED = {
    "own secret": OURS,
    "token of Telegram": TELEGRAM,
    "token of Discord": DISCORD,
    "JWT": JWT,
    "password": PASSWORD,
    "mail": MAIL,
    "setting": SETTING,
}
WORDS = f"because {JWT} and {DSN} of {MAIL} with api_key={SETTING}, see {OURS}"


@pytest.fixture
async def ops(
    settings: Settings, database: Database, queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Ops]:
    """The console of a deployment whose settings, environment, rows, queue, trail and logs hold secrets."""
    monkeypatch.setenv("SCREEN2DECK_API_KEY", SETTING)
    monkeypatch.setenv("UPSTREAM_URL", DSN)
    changes = {
        "discord_token": SecretStr(DISCORD),
        "telegram_token": SecretStr(TELEGRAM),
        "discord_api_url": "http://127.0.0.1:9/api/v10",
        "telegram_api_url": f"http://robot:{PASSWORD}@127.0.0.1:9",
        "jwt_secret": SecretStr(OURS * 2),
        "telegram_webhook_secret": SecretStr(OURS),
    }
    parts = parts_of(settings.model_copy(update=changes), database, queue, policy=PEOPLE)
    parts = replace(parts, secrets=frozenset(secrets_of(parts.settings)))
    await _plant(parts)
    talkative = f"import sys; print({WORDS!r}, file=sys.stderr, flush=True); {FOREVER}"
    async with small_product(tmp_path, workers=1, bot=talkative):
        yield with_services(Ops(parts), LOCAL, control_socket(tmp_path))


async def _plant(parts: Parts) -> None:
    """Where people and programs write freely."""
    (parts.settings.data_dir / ".env").write_text(f"JWT_SECRET={OURS}\nDATABASE_URL={DSN}\n")
    folder = parts.settings.data_dir / FOLDER
    folder.mkdir()
    line = {"timestamp": NOW.isoformat(), "level": "error", "logger": "bot", "event": WORDS}
    (folder / "worker-1.jsonl").write_text(json.dumps(line) + "\n")  # as a version wrote it that hid nothing
    person = (await people.person_with_account("discord", "42", name=MAIL, now=NOW)).id
    await finished(person, "one", picture_name=f"{JWT}.png")
    await failed(person, "two", picture_name=f"{MAIL}.png")
    broken = await accepted(person, "three", picture_name=f"api_key={SETTING}.png", chat="7")
    await conversions.claim(broken.id, WORKER, now=NOW)
    await conversions.fail(broken.id, "ReadingCrashed", WORDS, detail=WORDS, now=NOW, worker=WORKER)
    [message] = await outbox.messages_of(conversions.SUBJECT, str(broken.id))
    await outbox.give_up(message.id, WORDS, now=NOW)
    await grants.grant("discord:3", "viewer", reason=WORDS, by="Alice", now=NOW, expires_at=NOW + timedelta(hours=1))
    await audit.add(AuditLine("ended", "queue list", "Alice", NOW, str(uuid4()), {"text": "planted elsewhere"}))
    await parts.queue.redis.set("ocr:cache:planted", WORDS)


def found_in(text: str) -> list[str]:
    return [kind for kind, secret in PLANTED.items() if secret in text]


async def shown(told: Told, ops: Ops) -> str:
    """What the chat shows of it."""
    if told.record is None:
        return ""
    [message] = await outbox.messages_of(SUBJECT, str(told.record.id))
    return repr(await _reply(message, ops))


async def _reply(message: MessageRecord, ops: Ops) -> object:
    try:
        return await request_reply(message, ops.console)
    except NotStored:
        return None


async def test_no_action_shows_keeps_or_logs_a_secret(ops: Ops, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    told = await everything(ops, WORDS)

    assert list(faults(told)) == []
    blotted = {one.action.name for one in told if BLOT in one.texts}
    assert blotted >= {"queue dead", "logs errors", "logs tail"}, "nothing was there to be hidden"
    leaks = {f"{one.action.name}: answer": found_in(one.texts) for one in told}
    leaks |= {f"{one.action.name}: message": found_in(await shown(one, ops)) for one in told}
    leaks |= {"trail": found_in(await trail()), "log": found_in(caplog.text)}
    assert {where: what for where, what in leaks.items() if what} == {}
    assert len(told) == len(list(ops.console.registry))
