"""Settings told apart without being told: equal values have equal fingerprints on all processes of a deployment.

They are made with a key that all processes find in the database. Who has only the fingerprint learns nothing.
"""

import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime

from pydantic import SecretStr

from config.settings import Settings
from storage import values
from storage.signing import master_secret

_KEY = "config:fingerprint-key"
OWN = frozenset({"worker_name", "workers", "data_dir"})
"""What may differ from process to process."""


async def fingerprint_key(now: datetime) -> str:
    """The deployment's key, made by whoever comes first."""
    kept = await values.set_first(_KEY, {"key": secrets.token_hex(32)}, by="config", now=now)
    return str(kept["key"])


def fingerprint(key: str, value: str) -> str:
    """Eight hexadecimal digits (HMAC-SHA-256)."""
    return hmac.digest(bytes.fromhex(key), value.encode(), "sha256").hex()[:8]


def fingerprints(key: str, settings: Settings, addresses: Mapping[str, str]) -> dict[str, str]:
    """Of all settings that processes share; ``addresses`` are those that hold where none is set.

    Without JWT_SECRET, what the data folder keeps instead is added by ``signer``, for processes that sign.
    """
    found = {name: plain(value) for name, value in settings if name not in OWN} | dict(addresses)
    if settings.jwt_secret is None:
        found.pop("jwt_secret")
    return {name: fingerprint(key, value) for name, value in sorted(found.items())}


def signer(key: str, settings: Settings) -> dict[str, str]:
    """The fingerprint of the secret that protects the keys which sign tokens; raises SettingsError."""
    return {"jwt_secret": fingerprint(key, master_secret(settings))}


def plain(value: object) -> str:
    """A setting as text, the same on every process; for a secret the secret itself."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, frozenset | set):
        return ",".join(sorted(str(one) for one in value))
    return "" if value is None else str(value)
