"""``config/deploy/new-secrets``: one run before the first start, harmless afterwards."""

import stat
from pathlib import Path

from tests.deploy.files import SETTINGS, make_secrets

NOT_SETTINGS = {"postgres_password", "valkey_password", "valkey_users", "grafana_password"}


def test_it_makes_what_is_missing_and_keeps_what_is_there(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text('DISCORD_TOKEN="from the file"\nTELEGRAM_TOKEN=\n', encoding="utf-8")
    first = make_secrets(tmp_path / "secrets")
    assert {name.upper() for name in set(first) - NOT_SETTINGS} <= SETTINGS
    assert (first["discord_token"], first["telegram_token"]) == ("from the file", "")
    assert first["database_url"] == f"postgres://screen2deck:{first['postgres_password']}@postgres:5432/screen2deck"
    assert first["redis_url"] == f"redis://:{first['valkey_password']}@valkey:6379/0"
    assert first["valkey_users"].startswith(f"user default on >{first['valkey_password']} ")
    assert len({len(first[name]) for name in ("jwt_secret", "metrics_token", "grafana_password")}) == 1
    assert len(first["jwt_secret"]) == 64

    again = make_secrets(tmp_path / "secrets", **{"TELEGRAM_TOKEN": "123:new"})
    assert again == {**first, "telegram_token": "123:new"}


def test_nobody_else_gets_into_the_folder(tmp_path: Path) -> None:
    made = make_secrets(tmp_path / "secrets", "127.0.0.1:5432", "127.0.0.1:6379")
    assert made["redis_url"].endswith("@127.0.0.1:6379/0")
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "secrets").iterdir()} == {0o444}
