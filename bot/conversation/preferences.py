"""What a person prefers, with defaults."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from bot.conversation.texts import Language, Texts, language_of
from ocr_worker.exporters import formats

DEFAULT_FORMAT = "arena"


@dataclass(frozen=True, slots=True)
class Preferences:
    """``language`` None means that of the person's client; ``set_codes`` that lists say printings where they can."""

    format: str = DEFAULT_FORMAT
    language: Language | None = None
    is_private: bool = False
    set_codes: bool = False
    locale: str = ""

    @classmethod
    def of(cls, stored: Mapping[str, Any], locale: str = "") -> "Preferences":
        """What is stored, as far as it is still valid; ``locale`` is the client's now."""
        known = formats()
        chosen, language = str(stored.get("format")), stored.get("language")
        return cls(
            format=chosen if chosen in known else DEFAULT_FORMAT,
            language=Language(language) if language in list(Language) else None,
            is_private=stored.get("is_private") is True,
            set_codes=stored.get("set_codes") is True,
            locale=locale or str(stored.get("locale", "")),
        )

    @property
    def texts(self) -> Texts:
        """The sentences in the person's language."""
        return Texts(self.language or language_of(self.locale))

    def stored(self) -> dict[str, Any]:
        """What is to be kept."""
        return asdict(self)

    def with_(self, **changes: Any) -> "Preferences":
        """Changed preferences."""
        return replace(self, **changes)
