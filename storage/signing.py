"""Keys that sign tokens: kept encrypted in the database, so that all processes of a deployment share them.

They are encrypted with ``JWT_SECRET``, or with a secret that is made once and kept in the data folder. A *ring* is
all keys that one such secret opens: machines with different secrets have different rings, and their tokens are
strangers to each other, which ``config check`` tells.
"""

import base64
import contextlib
import os
import secrets
import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q

from config.settings import Settings, SettingsError
from storage.database import column, patient, transaction
from storage.models import SigningKey

_SHORTEST_SECRET = 32
_FILE = "jwt-secret"


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key, open. ``accepted_until`` is None for the one that signs."""

    kid: str
    secret: bytes = field(repr=False)
    created_at: datetime
    accepted_until: datetime | None


@dataclass(frozen=True, slots=True)
class Ring:
    """What opens and closes keys. ``name`` tells rings apart and gives nothing away."""

    name: str
    fernet: Fernet = field(repr=False)

    @classmethod
    def of(cls, secret: str) -> "Ring":
        """The ring of a secret (HKDF, RFC 5869; Fernet)."""
        derived = HKDF(SHA256(), 48, salt=None, info=b"screen2deck signing keys").derive(secret.encode())
        return cls(derived[32:].hex()[:16], Fernet(base64.urlsafe_b64encode(derived[:32])))


def open_ring(settings: Settings) -> Ring:
    """The ring of this process; raises SettingsError."""
    return Ring.of(master_secret(settings))


def master_secret(settings: Settings) -> str:
    """The secret of the settings, or one that is made once and kept in the data folder; raises SettingsError."""
    if settings.jwt_secret is not None:
        secret = settings.jwt_secret.get_secret_value()
        if len(secret) < _SHORTEST_SECRET:
            raise SettingsError(f"JWT_SECRET is too short: it needs {_SHORTEST_SECRET} characters or more.")
        return secret
    try:
        return _kept_secret(settings.data_dir / _FILE)
    except OSError as error:
        raise SettingsError(f"DATA_DIR cannot keep a secret ({error.strerror}): set JWT_SECRET.") from error


def _kept_secret(path: Path) -> str:
    """Of processes that start together one makes it: it comes under its name whole, or not at all."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            with contextlib.suppress(FileExistsError):
                os.link(file.name, path)
    return path.read_text(encoding="ascii")


@patient
async def signing_keys(ring: Ring, *, now: datetime) -> list[KeyRecord]:
    """Keys whose tokens are good, newest first; the first signs."""
    good = Q(accepted_until__isnull=True) | Q(accepted_until__gt=now)
    rows = await SigningKey.filter(good, ring=ring.name).order_by("-number")
    opened = []
    for row in rows:
        with contextlib.suppress(InvalidToken):
            secret = ring.fernet.decrypt(row.sealed.encode())
            opened.append(KeyRecord(row.kid, secret, row.created_at, row.accepted_until))
    return opened


async def ensured_keys(ring: Ring, *, now: datetime) -> list[KeyRecord]:
    """The same, with one made where there is none."""
    found = await signing_keys(ring, now=now)
    if not found:
        with contextlib.suppress(IntegrityError):
            await _create(ring, 1, now)
        found = await signing_keys(ring, now=now)
    return found


@patient
async def rotate(ring: Ring, *, accepted_until: datetime, now: datetime) -> str:
    """Make a key that signs from now on; those before it are accepted until then. Returns its id.

    Raises IntegrityError where another process did the same at this moment.
    """
    async with transaction():
        older = SigningKey.filter(ring=ring.name, accepted_until__isnull=True)
        await older.update(accepted_until=accepted_until)
        numbers = await column(SigningKey.filter(ring=ring.name), "number")
        return await _create(ring, max(numbers, default=0) + 1, now)


async def _create(ring: Ring, number: int, now: datetime) -> str:
    """Of two who make the key of one number one raises IntegrityError."""
    kid, sealed = secrets.token_hex(8), ring.fernet.encrypt(secrets.token_bytes(48)).decode()
    await SigningKey.create(kid=kid, ring=ring.name, number=number, sealed=sealed, created_at=now)
    return kid


@patient
async def drop_old_keys(*, now: datetime) -> int:
    """Delete keys that are accepted no longer, in all rings; returns how many."""
    return await SigningKey.filter(accepted_until__lte=now).delete()


@patient
async def drop_other_rings(ring: Ring, *, before: datetime) -> int:
    """Delete keys of other secrets that were made before; for when no process has such a secret any more."""
    return await SigningKey.filter(created_at__lt=before).exclude(ring=ring.name).delete()


@patient
async def ring_names() -> dict[str, int]:
    """Keys of each ring: more than one ring means that processes have different secrets."""
    names = await column(SigningKey.all(), "ring")
    return {name: names.count(name) for name in sorted(set(names))}
