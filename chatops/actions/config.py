"""Settings as they hold, without what is secret, and whether all processes have the same."""

import os
import stat
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import SecretStr

from chatops.model import Answer, BadArgument, Table
from chatops.parameters import Name, one_of
from chatops.parts import Parts
from chatops.registry import action
from chatops.run import Run
from config.ops import Role
from config.settings import Settings
from storage import signing
from storage.control import Control, ProcessRecord
from storage.fingerprints import fingerprint, fingerprint_key, fingerprints, plain, signer

GROUPS = {"config": "Settings, and whether all processes have the same."}

_WEAK = ("changeme", "secret", "password", "example", "0123456789", "abcdef")
_DEFAULT_PASSWORDS = ("", "postgres", "password", "redis", "screen2deck", "admin", "test")
_SHORTEST = 32
_LOOPBACK = ("127.0.0.1", "localhost", "::1")

Check = tuple[str, str, str]
"""``ok``, ``warn`` or ``bad``; what; what was found."""
_SIGNS = {"ok": "✓", "warn": "!", "bad": "✗"}


@action("config check", role=Role.OPERATOR)
async def check(run: Run) -> Answer:
    """Check secrets without telling them, and that all processes have the same settings."""
    parts = run.parts
    key = await fingerprint_key(run.now)
    addresses = {"database_url": parts.database_url, "redis_url": parts.redis_url}
    own = fingerprints(key, parts.settings, addresses) | signer(key, parts.settings)
    processes = await Control(parts.queue).processes()
    checks = [
        *_secret_checks(parts.settings, own),
        *_address_checks(parts),
        *_file_checks(parts.settings),
        await _ring_check(processes),
        *_process_checks(processes),
    ]
    worst = [one for one in checks if one[0] == "bad"]
    text = f"{len(worst)} of {len(checks)} checks failed." if worst else f"All {len(checks)} checks passed."
    if warned := sum(one[0] == "warn" for one in checks):
        text += f" {warned} should be looked at."
    rows = tuple((_SIGNS[state], what, found) for state, what, found in checks)
    data = [{"state": state, "check": what, "found": found} for state, what, found in checks]
    return Answer(text, ok=not worst, table=Table(("", "check", "found"), rows), data=data)


def _secret_checks(settings: Settings, own: Mapping[str, str]) -> Iterator[Check]:
    secret = signing.master_secret(settings)
    where = "JWT_SECRET" if settings.jwt_secret else "in the data folder"
    is_weak = len(set(secret)) < 10 or any(one in secret.lower() for one in _WEAK)
    state = "bad" if len(secret) < _SHORTEST or is_weak else "ok"
    how = "easily guessed" if is_weak else f"{len(secret)} letters"
    yield state, "token secret", f"{where}, {how}, {own['jwt_secret']}"
    for name in ("discord_token", "telegram_token"):
        value = getattr(settings, name)
        yield "ok", name.upper(), f"set, {own[name]}" if value else "not set"
    is_open = settings.http_host not in _LOOPBACK
    if is_open and settings.metrics_token is None:
        yield "warn", "METRICS_TOKEN", "not set, and /metrics can be reached from outside"
    if settings.telegram_webhook_url and settings.telegram_webhook_secret is None:
        yield "warn", "TELEGRAM_WEBHOOK_SECRET", "not set: anybody may call the webhook"


def _address_checks(parts: Parts) -> Iterator[Check]:
    """Addresses of servers with a password that everybody tries first; files and local sockets need none."""
    for name, address in (("DATABASE_URL", parts.database_url), ("REDIS_URL", parts.redis_url)):
        found = urlsplit(address)
        host, password = found.hostname or "", found.password or ""
        is_local = not host or host in _LOOPBACK
        is_default = password.lower() in _DEFAULT_PASSWORDS
        if is_local:
            yield "ok", name, "on this machine"
        elif is_default:
            yield "bad", name, "no password, or one that everybody tries first"
        else:
            yield "ok", name, "with a password"


def _file_checks(settings: Settings) -> Iterator[Check]:
    """Files that hold secrets are their owner's alone."""
    for path in (Path(".env"), settings.data_dir / "jwt-secret"):
        if path.is_file():
            mode = stat.S_IMODE(path.stat().st_mode)
            yield "bad" if mode & 0o077 else "ok", path.name, f"mode {mode:o}"


async def _ring_check(processes: Sequence[ProcessRecord]) -> Check:
    """Keys of several secrets: of processes that differ, or left over from a JWT_SECRET that was replaced."""
    rings = await signing.ring_names()
    if len(rings) < 2:
        return "ok", "signing keys", f"{sum(rings.values())} of one secret"
    differs = len({one.fingerprints["jwt_secret"] for one in processes if "jwt_secret" in one.fingerprints}) > 1
    if differs:
        return "bad", "signing keys", f"of {len(rings)} secrets, and tokens of one process are strangers to another"
    return "warn", "signing keys", f"of {len(rings)} secrets, since JWT_SECRET was replaced; old keys go within a day"


def _process_checks(processes: Sequence[ProcessRecord]) -> Iterator[Check]:
    if not processes:
        yield "warn", "processes", "none tells of itself"
        return
    differing = 0
    for name in sorted({name for one in processes for name in one.fingerprints}):
        having = [one for one in processes if name in one.fingerprints]
        values = Counter(one.fingerprints[name] for one in having)
        if len(values) > 1:
            differing += 1
            common = values.most_common(1)[0][0]
            others = ", ".join(one.name for one in having if one.fingerprints[name] != common)
            yield "bad", name.upper(), f"differs on {others}"
    if not differing:
        yield "ok", "same settings", f"on {len(processes)} processes"
    releases = Counter(one.release for one in processes)
    is_same = len(releases) == 1
    yield "ok" if is_same else "warn", "same release", ", ".join(f"{count} of {one}" for one, count in releases.items())


async def _setting_names(parts: Parts, typed: str) -> Sequence[str]:
    return [name.upper() for name in Settings.model_fields]


@action("config show", role=Role.OPERATOR)
async def show(run: Run, key: Annotated[str, Name("the name of a setting", _setting_names)] = "") -> Answer:
    """Show settings as they hold here and where they come from; secrets by their fingerprint."""
    settings, names = run.parts.settings, list(Settings.model_fields)
    if key:
        try:
            names = [one_of(key, names)]
        except BadArgument as error:
            raise BadArgument(f"key: there is no setting {key[:40]!r}: {error}") from None
    master = await fingerprint_key(run.now)
    in_file = (
        {name.lower() for name, value in dotenv_values(".env").items() if value} if Path(".env").exists() else set()
    )
    rows = [(name.upper(), _shown(getattr(settings, name), master), _source(name, settings, in_file)) for name in names]
    data = [{"name": name, "value": value, "source": source} for name, value, source in rows]
    set_ = sum(source != "default" for *_, source in rows)
    return Answer(
        f"{len(rows)} settings, {set_} of them set.", table=Table(("setting", "value", "from"), tuple(rows)), data=data
    )


def _shown(value: Any, master: str) -> str:
    """Masked by type: what is a secret is never formatted."""
    if isinstance(value, SecretStr):
        return f"set, {fingerprint(master, value.get_secret_value())}"
    text = plain(value)
    if "://" in text and urlsplit(text).password:
        return f"with a password, {fingerprint(master, text)}"
    return text or "not set"


def _source(name: str, settings: Settings, in_file: set[str]) -> str:
    """The environment wins over the file."""
    if any(one.lower() == name and value for one, value in os.environ.items()):
        return "environment"
    if name in in_file:
        return "file"
    is_default = getattr(settings, name) == Settings.model_fields[name].get_default()
    return "default" if is_default or name not in settings.model_fields_set else "program"
