"""Where database and Redis are: what the settings say, or the embedded ones of the data folder."""

from config.settings import Settings
from storage.database import default_url
from storage.embedded import EmbeddedRedis


def database_url(settings: Settings) -> str:
    """The database's address, which may hold a password."""
    return settings.database_url.get_secret_value() if settings.database_url else default_url(settings.data_dir)


def redis_url(settings: Settings) -> str:
    """Redis' address, which may hold a password."""
    return settings.redis_url.get_secret_value() if settings.redis_url else EmbeddedRedis(settings.data_dir).url
