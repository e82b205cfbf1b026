"""What can be set from outside: environment variables, or the same names in a file ``.env``.

``config/.env.example`` documents every name; a test keeps both in step.
"""

import ipaddress
from enum import StrEnum
from pathlib import Path

from pydantic import Field, PositiveInt, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from config.secret_files import SecretFiles

_SECRET = frozenset(
    (
        "DATABASE_URL",
        "REDIS_URL",
        "JWT_SECRET",
        "OIDC_CLIENT_SECRET",
        "STAGING_API_KEY",
        "METRICS_TOKEN",
        "DISCORD_TOKEN",
        "TELEGRAM_TOKEN",
        "TELEGRAM_WEBHOOK_SECRET",
        "ALERTMANAGER_WEBHOOK_TOKEN",
    )
)
"""Values that no message shows."""


class SettingsError(Exception):
    """A setting has a value that it cannot have; ``str(error)`` is one sentence that names it."""


class LogLevel(StrEnum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """What lines on stderr look like; ``auto`` is text on a terminal and JSON elsewhere."""

    AUTO = "auto"
    TEXT = "text"
    JSON = "json"


class OcrEngine(StrEnum):
    """What reads the text on a picture; ``auto`` is RapidOCR, with EasyOCR as second reader if installed."""

    AUTO = "auto"
    RAPIDOCR = "rapidocr"
    EASYOCR = "easyocr"


class PictureStore(StrEnum):
    """Where the bytes of pictures are kept until they are read: in files, or in the database for all machines."""

    FILES = "files"
    DATABASE = "database"


class Settings(BaseSettings):
    """All settings, checked; the environment wins over the file, and that over files of secrets.

    Unknown names are ignored.
    """

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True)

    data_dir: Path = Path("data")
    secrets_dir: Path | None = None
    ocr_engine: OcrEngine = OcrEngine.AUTO
    log_level: LogLevel = LogLevel.INFO
    log_format: LogFormat = LogFormat.AUTO
    log_files: bool = True

    database_url: SecretStr | None = None
    redis_url: SecretStr | None = None
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8484, ge=0, le=65535)
    http_trusted_proxies: frozenset[str] = frozenset()
    http_per_minute: int = Field(default=600, ge=0)
    public_url: str | None = Field(default=None, pattern=r"^https?://[^\s?#]+$")
    access_log_days: PositiveInt = 7
    staging_api_key: SecretStr | None = None
    jwt_secret: SecretStr | None = None
    discord_token: SecretStr | None = None
    discord_api_url: str = "https://discord.com/api/v10"
    discord_gateway_url: str | None = None
    discord_watched_channels: frozenset[int] = frozenset()
    telegram_token: SecretStr | None = None
    telegram_api_url: str = "https://api.telegram.org"
    telegram_webhook_url: str | None = None
    telegram_webhook_secret: SecretStr | None = None
    telegram_watched_chats: frozenset[int] = frozenset()
    metrics_token: SecretStr | None = None
    otel_exporter_otlp_endpoint: str | None = Field(default=None, pattern=r"^https?://[^\s?#]+$")

    ops_file: Path | None = None
    ops_discord_channel: int | None = None
    ops_discord_talk: bool = False
    ops_telegram_chat: int | None = None
    prometheus_url: str | None = None
    alertmanager_url: str | None = None
    alertmanager_webhook_token: SecretStr | None = None

    backup_dir: Path | None = None
    migrate_at_start: bool = True
    backup_before_migration: bool = True
    postgres_bin: Path | None = None
    redis_dir: Path | None = None

    workers: PositiveInt | None = None
    worker_name: str | None = Field(default=None, pattern=r"^[A-Za-z0-9._/-]{1,64}$")
    reading_seconds: PositiveInt = 45
    reading_memory_mb: int = Field(default=1000, ge=300)
    reading_attempts: PositiveInt = 3

    pictures_per_hour: PositiveInt = 10
    pictures_at_once: PositiveInt = 5
    queue_limit: PositiveInt = 20_000
    picture_store: PictureStore = PictureStore.FILES
    picture_hours: PositiveInt = 24
    deck_days: PositiveInt = 90
    alert_days: PositiveInt = 90
    incident_days: PositiveInt = 400

    web_page: bool = True
    web_hosts: frozenset[str] = frozenset()
    oidc_issuer: str | None = Field(default=None, pattern=r"^https?://[^\s?#]+$")
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_claim: str = "sub"

    @field_validator("ocr_engine", "log_level", "log_format", "picture_store", mode="before")
    @classmethod
    def _ignore_case(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("http_trusted_proxies")
    @classmethod
    def _are_networks(cls, value: frozenset[str]) -> frozenset[str]:
        for one in value:
            ipaddress.ip_network(one, strict=False)
        return value

    @field_validator("data_dir", "backup_dir", "postgres_bin", "redis_dir")
    @classmethod
    def _expand_home(cls, value: Path | None) -> Path | None:
        return None if value is None else value.expanduser()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The library's order, with a folder of secrets that is itself a setting."""
        return init_settings, env_settings, dotenv_settings, SecretFiles(settings_cls)


def load_settings() -> Settings:
    """Read the environment, ``.env`` in the current folder and SECRETS_DIR; raise SettingsError."""
    try:
        return Settings()
    except OSError as error:
        raise SettingsError(f"The secrets of SECRETS_DIR cannot be read: {error.strerror or error}.") from error
    except ValidationError as error:
        problem = error.errors()[0]
        name = "_".join(str(part) for part in problem["loc"]).upper()
        shown = "what it is" if name in _SECRET else repr(problem["input"])
        raise SettingsError(f"{name} cannot be {shown}: {problem['msg']}.") from error
