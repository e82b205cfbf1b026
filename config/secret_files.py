"""Secrets that come as files of a folder, as Docker, Kubernetes and systemd hand them over: a file for a setting.

Neither ``docker inspect`` nor ``/proc/PID/environ`` shows what a file holds.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SecretsSettingsSource

FOLDER = "secrets_dir"
"""The setting that names the folder."""


class SecretFiles(SecretsSettingsSource):
    """Reads the folder that the sources before it name, and nothing where they name none; an empty file is unset."""

    def __init__(self, settings: type[BaseSettings]) -> None:
        super().__init__(settings)

    def __call__(self) -> dict[str, Any]:
        """See the library; raises NotADirectoryError for what is no folder, OSError for what cannot be read."""
        named: Mapping[str, Any] = self.current_state
        if not named.get(FOLDER):
            return {}
        folder = Path(named[FOLDER]).expanduser()
        if not folder.is_dir():
            raise NotADirectoryError(f"{folder} is no folder")
        self.secrets_dir = folder
        return super().__call__()

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """See the library."""
        if field_name == FOLDER:
            return None, field_name, False
        value, key, is_complex = super().get_field_value(field, field_name)
        return value or None, key, is_complex
