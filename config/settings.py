"""What can be set from outside: environment variables, or the same names in a file ``.env``.

``config/.env.example`` documents every name; a test keeps both in step.
"""

from enum import StrEnum
from pathlib import Path

from pydantic import ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class SettingsError(Exception):
    """A setting has a value that it cannot have; ``str(error)`` is one sentence that names it."""


class LogLevel(StrEnum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class OcrEngine(StrEnum):
    """What reads the text on a picture; ``auto`` takes the best that is installed."""

    AUTO = "auto"
    RAPIDOCR = "rapidocr"
    EASYOCR = "easyocr"


class Settings(BaseSettings):
    """All settings, checked; the environment wins over the file, unknown names in the file are ignored."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True)

    data_dir: Path = Path("data")
    ocr_engine: OcrEngine = OcrEngine.AUTO
    log_level: LogLevel = LogLevel.INFO

    @field_validator("ocr_engine", "log_level", mode="before")
    @classmethod
    def _ignore_case(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("data_dir")
    @classmethod
    def _expand_home(cls, value: Path) -> Path:
        return value.expanduser()


def load_settings() -> Settings:
    """Read the environment and ``.env`` in the current folder; raise SettingsError."""
    try:
        return Settings()
    except ValidationError as error:
        problem = error.errors()[0]
        name = "_".join(str(part) for part in problem["loc"]).upper()
        raise SettingsError(f"{name} cannot be {problem['input']!r}: {problem['msg']}.") from error
